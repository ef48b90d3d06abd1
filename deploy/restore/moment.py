"""The moment that is restored: told with its zone, and part of the name of whatever is made for it."""

from datetime import UTC, datetime


class Refused(Exception):
    """It cannot be done, or not yet; the message is for whoever typed the command."""


def read(text: str) -> datetime:
    """An instant such as 2026-11-26T03:00:00Z, in UTC. Raises: ValueError without a zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text}: a zone is missing, as in 2026-11-26T03:00:00Z")
    return moment.astimezone(UTC)


def told(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def mark(at: datetime) -> str:
    """What is made for this moment has it in its name: a second run finds what the first has made."""
    return f"{at:%Y%m%dt%H%M%Sz}"


def check(at: datetime, *, earliest: datetime | None, latest: datetime | None, of: str) -> None:
    """Raises: Refused, with the window, for a moment that AWS has no backup of."""
    if earliest is None or latest is None:
        raise Refused(f"{of}: nothing can be restored, backups are off")
    if not earliest <= at <= latest:
        raise Refused(
            f"{of}: {told(at)} is outside what can be restored, {told(earliest)} to {told(latest)}"
            + (": the newest is some minutes old, try again then" if at > latest else "")
        )
