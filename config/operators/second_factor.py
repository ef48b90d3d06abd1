"""A second factor for operators who want one: a code from their telephone after the password (TOTP).

Whoever has one is not logged in before the code was right: until then the session knows only who
has told a right password, for `WAIT` seconds. A session that never showed a code ends when its
operator switches the second factor on elsewhere (config/operators/session.py).
"""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.util import random_hex

if TYPE_CHECKING:
    from django_otp.plugins.otp_totp.models import TOTPDevice

#: Seconds between the password and the code.
WAIT = 300
#: Wrong codes after which the password is asked for again.
TRIES = 5

#: In the session: who told a right password; that a code was right; a secret not confirmed yet.
_WAITING, SHOWN, _OFFERED = "second_factor_waiting", "second_factor_shown", "second_factor_offered"


class TooManyCodes(Exception):
    """Codes were wrong so often that none is tried for a while."""


def device_of(user: AbstractBaseUser | AnonymousUser) -> "TOTPDevice | None":
    from django_otp.plugins.otp_totp.models import TOTPDevice

    return TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).order_by("pk").first()


def is_required_of(user: User) -> bool:
    """Whether this operator works with a second factor only: the setting SECOND_FACTOR says of whom."""
    if settings.SECOND_FACTOR == "everyone":
        return True
    if settings.SECOND_FACTOR == "administrators":
        return user.is_superuser or user.groups.filter(name="administrator").exists()
    return False


def wait_for(session: SessionBase, user: User, *, backend: str, now: float) -> None:
    """Remember who told a right password at unix time `now`; the session gets a new name."""
    session.cycle_key()
    session[_WAITING] = {"user": user.pk, "backend": backend, "at": now, "wrong": 0}


def waiting(session: SessionBase, *, now: float) -> User | None:
    """Who has told a right password and may tell a code; with `.backend`, as a login wants it."""
    told: dict[str, Any] = session.get(_WAITING) or {}
    if not told or now - told["at"] > WAIT or told["wrong"] >= TRIES:
        session.pop(_WAITING, None)
        return None
    user: Any = (
        get_user_model()._default_manager.filter(pk=told["user"], is_active=True, is_staff=True).first()
    )
    if user is not None:
        user.backend = told["backend"]
    return user  # type: ignore[no-any-return]


def is_right(user: User, code: str) -> bool:
    """Whether `code` is right now; a right one is good once, and wrong ones are waited for ever longer.

    Raises: TooManyCodes, also of a right code.
    """
    from django_otp.plugins.otp_totp.models import TOTPDevice

    with transaction.atomic():
        device = (
            TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).order_by("pk").first()
        )
        if device is None:
            return False
        is_allowed, _ = device.verify_is_allowed()
        if is_allowed:
            return bool(device.verify_token(code))
    raise TooManyCodes


def was_wrong(session: SessionBase) -> None:
    session[_WAITING] = {**session[_WAITING], "wrong": session[_WAITING]["wrong"] + 1}


def was_right(session: SessionBase) -> None:
    """After the login: this session has shown a code."""
    session.pop(_WAITING, None)
    session[SHOWN] = True


def offered(session: SessionBase) -> str:
    """The secret (hex) this session offers to its operator's telephone, the same until it is confirmed."""
    if _OFFERED not in session:
        session[_OFFERED] = random_hex(20)
    return str(session[_OFFERED])


def address_of(secret: str, user: User) -> str:
    """What the telephone reads: otpauth://…"""
    from django_otp.plugins.otp_totp.models import TOTPDevice

    return str(TOTPDevice(user=user, key=secret).config_url)


def picture_of(address: str) -> str:
    """The QR code as a data: address; on white, so that cameras read it in the dark theme, too."""
    import segno  # for this one page

    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=3, light="#fff"))


def switch_on(session: SessionBase, user: User, code: str) -> bool:
    """Whether `code` is that of the offered secret now; if so, it is asked for from now on."""
    from django_otp.plugins.otp_totp.models import TOTPDevice

    device = TOTPDevice(user=user, key=offered(session), name="telephone", confirmed=True)
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, 0)
    totp.time = timezone.now().timestamp()
    if not code.isdigit() or not totp.verify(int(code), device.tolerance):
        return False
    device.last_t, device.drift = totp.t(), totp.drift  # the code is good once
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        device.save()
    session.pop(_OFFERED, None)
    session[SHOWN] = True
    return True


def switch_off(user: User) -> int:
    """Forget the operator's telephone; how many there were. Also for who has lost it."""
    from django_otp.plugins.otp_totp.models import TOTPDevice

    return int(TOTPDevice.objects.filter(user=user).delete()[0])
