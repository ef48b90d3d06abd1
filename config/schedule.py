"""The first schedule of periodic tasks, as rows of django-celery-beat; afterwards it is the operators'.

Beat leaves out what came due while it was down for more than two hours, so nothing here depends on
one moment of the day: what is nightly in spirit comes several times, and changes nothing when it is
not needed.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

_SEOUL = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row. `cron` is minute, hour, day of month, month, day of week, in Seoul.

    `expires` is for what a later tick makes up for: seconds after which a waiting message is thrown away.
    """

    name: str
    task: str
    cron: str
    description: str
    kwargs: Mapping[str, str] = field(default_factory=dict)
    expires: int | None = None


def seed(apps: Any, entries: Iterable[Entry]) -> None:
    """Add the entries whose names are not there yet, and leave the others as they are.

    `apps` is Django's registry, or a migration's.
    """
    crontabs = apps.get_model("django_celery_beat", "CrontabSchedule").objects
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    for entry in entries:
        if tasks.filter(name=entry.name).exists():
            continue
        fields = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
        when = {**dict(zip(fields, entry.cron.split(), strict=True)), "timezone": _SEOUL}
        tasks.create(
            name=entry.name,
            task=entry.task,
            crontab=crontabs.filter(**when).first() or crontabs.create(**when),
            kwargs=json.dumps(dict(entry.kwargs)),
            expire_seconds=entry.expires,
            description=entry.description,
        )
    # What PeriodicTasks.update_changed() does; a migration's models have no methods.
    changes = apps.get_model("django_celery_beat", "PeriodicTasks").objects
    changes.update_or_create(ident=1, defaults={"last_update": datetime.now(UTC)})
