"""`manage.py make_operator NAME --role operator`: an account for the admin, with the rights of a role."""

import secrets
import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from config.operators.roles import ROLES


class Command(BaseCommand):
    """Called again for the same name it sets the role and the password anew."""

    help = "Make an account for the admin, or give it another role and password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--role", choices=sorted(ROLES), default="operator")
        parser.add_argument(
            "--generate", action="store_true", help="print a password made up here, instead of asking for one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name, role = options["name"], options["role"]
        user = User.objects.filter(username=name).first() or User(username=name)
        is_told = options["generate"] or not sys.stdin.isatty()
        password = secrets.token_urlsafe(12) if is_told else self._asked_for(user)
        user.is_staff = user.is_active = True
        user.set_password(password)
        with transaction.atomic():
            user.save()
            user.groups.set([Group.objects.get(name=role)])
        self.stdout.write(f"{name} may log in at /admin/ as {role}.")
        if is_told:
            self.stdout.write(f"Password, shown this once: {password}")

    def _asked_for(self, user: User) -> str:
        password = getpass("Password (12 characters at least): ")
        try:
            validate_password(password, user)
        except ValidationError as exc:
            raise CommandError(" ".join(exc.messages)) from exc
        if getpass("Once more: ") != password:
            raise CommandError("The two are not the same; nothing was changed.")
        return password
