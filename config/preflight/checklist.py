"""Which stage looks at what, and what is left to a person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from config.preflight import cloud, code, keeping, service
from config.preflight.finding import Check, Finding, skipped

#: A quarter, and some days for whoever is on holiday.
_DRILL_WITHIN = timedelta(days=100)

_SERVICE = ("health", "alarms", "dead letters")
_TOLD = ("dashboard", "metrics", "logs of the web tier", "logs of the workers")
_BACKUPS = ("backup of the database", "backup of selections")
_CODE = ("dependencies", "secrets in the code")
_LOOKS: dict[str, tuple[str, ...]] = {
    "before": ("tests", "settings", *_CODE, "migrations", *_BACKUPS, *_SERVICE),
    "after": ("release", "answers", "migrations", *_SERVICE, *_TOLD),
    "daily": (*_SERVICE, *_TOLD, "backup of the database"),
    "weekly": (*_SERVICE, *_TOLD, *_BACKUPS, *_CODE),
    "monthly": (*_SERVICE, *_TOLD, *_BACKUPS, *_CODE, "settings", "certificates", "operators"),
    "quarterly": (*_SERVICE, *_BACKUPS, "restore drill", "age of secrets", "certificates", "operators"),
    "yearly": (*_BACKUPS, "restore drill", "age of secrets", *_CODE, "operators"),
}
_BY_HAND: dict[str, tuple[str, ...]] = {
    "before": (
        "Read CHANGELOG.md as a traveller would, and say in the release what changes for API clients.",
        "Choose an hour when nobody has to leave: not Friday afternoon, not ten minutes before 11:00 KST.",
    ),
    "after": (
        "Open the home page on a phone, search a country, compare, and see the ranking count it.",
        "Look at CurrencyService-Overview once more in fifteen minutes.",
    ),
    "daily": ("Decide on what is held in quarantine (admin, Quarantine).",),
    "weekly": (
        "Read the slow log of Aurora and the five slowest routes of the dashboard.",
        "Read what the sources have announced; their pages are linked at /about.",
    ),
    "monthly": (
        "Compare the bill with docs/deploy.md, What it costs.",
        "Merge the updates of dependencies that CI has tried.",
        "Read the audit log of the admin for what nobody remembers doing.",
    ),
    "quarterly": (
        "Call everybody on the alert topic: does the message arrive at night?",
        "Read docs/scaling.md against this quarter's traffic.",
        "Raise Kubernetes and Aurora to the versions that AWS supports for another year.",
    ),
    "yearly": (
        "Rotate ENCRYPTION_KEYS (manage.py rotate_encryption_keys) and SECRET_KEY.",
        "Raise `holidays`: next year's Korean calendar is decreed by now.",
        "Renew the domain, and see that the registrar has an address somebody reads.",
        "Read the terms of every source again: ingestor/provider_data/ names each page and the day it was read.",
    ),
}
STAGES = tuple(_LOOKS)


@dataclass(frozen=True, slots=True)
class Checklist:
    """Of one stage: checks for this machine, and sentences for whoever runs it."""

    checks: tuple[Check, ...]
    by_hand: tuple[str, ...]


def checklist(stage: str, *, now: datetime, address: str = "") -> Checklist:
    """The list of a stage, one of STAGES. `address` is where the service answers, for what asks over HTTP."""
    looks = _looks(now, address)
    return Checklist(tuple(Check(name, looks[name]) for name in _LOOKS[stage]), _BY_HAND[stage])


def _looks(now: datetime, address: str) -> dict[str, Callable[[], Finding]]:
    return {
        "tests": code.tests,
        "settings": code.deployment_settings,
        "dependencies": code.dependencies,
        "secrets in the code": code.secrets,
        "migrations": code.pending_migrations,
        "health": partial(service.well, address),
        "release": partial(service.release, address),
        "answers": partial(service.answers, address),
        "backup of the database": _in_aws(partial(cloud.database_backup, now)),
        "backup of selections": _in_aws(cloud.selections_backup),
        "dashboard": _in_aws(cloud.dashboard),
        "alarms": _in_aws(cloud.alarms),
        "metrics": _in_aws(partial(cloud.metrics, now)),
        "logs of the web tier": _in_aws(lambda: cloud.logs(now, cloud.web_log_group())),
        "logs of the workers": _in_aws(lambda: cloud.logs(now, cloud.WORKER_LOGS)),
        "dead letters": _in_aws(cloud.dead_letters),
        "certificates": _in_aws(partial(cloud.certificates, now)),
        "age of secrets": _in_aws(partial(cloud.secrets, now)),
        "operators": partial(keeping.operators, now),
        "restore drill": partial(keeping.restore_drill, now, within=_DRILL_WITHIN),
    }


def _in_aws(look: Callable[[], Finding]) -> Callable[[], Finding]:
    """What there is in an account of ours alone."""

    def where_there_is_one() -> Finding:
        if settings.CELERY_BROKER_URL != "sqs://":
            return skipped("this installation is not on AWS")
        return look()

    return where_there_is_one
