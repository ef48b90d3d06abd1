"""Who may do what: three roles, kept as groups in line with the tables there are.

A role is a list of patterns over permissions (`app.action_table`); one that starts with `-` takes
away what those before it gave. Patterns, so that a table added by an app is looked at by viewers and
worked with by operators without anybody adding it here.
"""

from collections.abc import Iterable
from fnmatch import fnmatch
from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.apps.registry import Apps
from django.utils.translation import gettext as _

#: Sees everything that is no secret of a person's, changes nothing.
_VIEWER = (
    "admin.view_logentry",
    "api.view_*",
    "currency.view_*",
    "django_celery_beat.view_*",
    "history.view_*",
    "ingestor.view_*",
    "platform.view_*",
    "ranking.view_*",
)
#: Acts: quarantine, providers, overrides, backfills, prices, channels, destinations, keys, dead letters.
_OPERATOR = (
    *_VIEWER,
    "api.*",
    "-api.delete_*",
    "-api.issue_operating_key",
    "currency.*",
    "-currency.delete_*",
    "currency.delete_channelterms",
    "history.*",
    "-history.delete_*",
    "ingestor.*",
    "-ingestor.delete_*",
    "platform.*",
    "ranking.*",
    "-ranking.delete_*",
)
#: Also who else may: people, groups, keys that operate; and when things run.
_ADMINISTRATOR = (
    *_OPERATOR,
    "api.*",
    "auth.*_group",
    "auth.*_user",
    "axes.delete_accessattempt",
    "axes.view_accessattempt",
    "currency.*",
    "django_celery_beat.*",
    "history.*",
    "ingestor.*",
    "otp_totp.delete_totpdevice",
    "otp_totp.view_totpdevice",
    "ranking.*",
)
ROLES = {"viewer": _VIEWER, "operator": _OPERATOR, "administrator": _ADMINISTRATOR}


def name_of(role: str) -> str:
    """A role as people read it; the name of any other group as it is."""
    return {"viewer": _("Viewer"), "operator": _("Operator"), "administrator": _("Administrator")}.get(
        role, role
    )


def may(patterns: Iterable[str], permission: str) -> bool:
    """Whether a role with these patterns has `permission`: the last pattern that fits decides."""
    has = False
    for pattern in patterns:
        if fnmatch(permission, pattern.lstrip("-")):
            has = not pattern.startswith("-")
    return has


def fill(sender: AppConfig, using: str, apps: Apps = installed, **_: Any) -> None:
    """Give each role the permissions it has of one app's tables, after every migrate of that app.

    Groups and people that operators made are left alone; what they changed about the three is undone.
    """
    # On a way back, or half-way through the first migration, the tables may not be there.
    if using != "default" or "group" not in apps.all_models["auth"]:
        return
    from django.contrib.auth.models import Group, Permission

    permissions = {
        f"{sender.label}.{codename}": pk
        for codename, pk in Permission.objects.filter(content_type__app_label=sender.label).values_list(
            "codename", "pk"
        )
    }
    if not permissions:
        return
    has = Group.permissions.through.objects
    for role, patterns in ROLES.items():
        group, _created = Group.objects.get_or_create(name=role)
        wanted = {pk for name, pk in permissions.items() if may(patterns, name)}
        now = set(
            has.filter(group=group, permission__in=permissions.values()).values_list(
                "permission_id", flat=True
            )
        )
        if now - wanted:
            has.filter(group=group, permission_id__in=now - wanted).delete()
        has.bulk_create(
            [Group.permissions.through(group=group, permission_id=pk) for pk in sorted(wanted - now)],
            ignore_conflicts=True,
        )
