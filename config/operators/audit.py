"""Who did what, when and why: the admin's own log, to which every action of an operator is noted."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model


def note(
    *,
    by: AbstractBaseUser | AnonymousUser,
    what: str,
    why: str,
    about: Model | None = None,
    subject: str = "",
) -> None:
    """Keep it in the caller's transaction, so that nothing is done unnoted and nothing noted undone.

    `about` is the row it was done to; `subject` names what has no row.
    """
    LogEntry.objects.create(
        user_id=str(by.pk),
        content_type=ContentType.objects.get_for_model(about) if about is not None else None,
        object_id=str(about.pk) if about is not None else None,
        object_repr=(str(about) if about is not None else subject)[:200],
        action_flag=CHANGE,
        change_message=f"{what} — {why}" if why else what,
    )
