"""The first step of a login: name and password, in the admin's theme."""

from typing import Any

from django.contrib.auth.models import User
from unfold.forms import AuthenticationForm


class CodeWanted(Exception):
    """The password was right, and a code is to follow."""

    def __init__(self, user: User) -> None:
        self.user = user
        super().__init__(user.get_username())


class OperatorLogin(AuthenticationForm):
    def confirm_login_allowed(self, user: Any) -> None:
        """Raises: CodeWanted, where this operator has a second factor."""
        from config.operators import second_factor

        super().confirm_login_allowed(user)
        if second_factor.device_of(user) is not None:
            raise CodeWanted(user)
