"""Which queue a task goes to: by its name, as CELERY_TASK_ROUTES says."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from django.conf import settings


def queue_of(task: str) -> str | None:
    """The queue that a task of this name is sent to; None where no route fits."""
    queues = (
        route["queue"] for pattern, route in settings.CELERY_TASK_ROUTES.items() if fnmatchcase(task, pattern)
    )
    return next(queues, None)


def misroutings(tasks: Iterable[str] = ()) -> list[str]:
    """What is wrong, a sentence each: routes to queues that are not there, tasks without a route."""
    known = settings.CELERY_TASK_QUEUES
    lost = [
        f"CELERY_TASK_ROUTES sends {pattern} to {route['queue']!r}, which is none of {', '.join(known)}."
        for pattern, route in settings.CELERY_TASK_ROUTES.items()
        if route["queue"] not in known
    ]
    return lost + [
        f"CELERY_TASK_ROUTES leads nowhere for {task}." for task in tasks if queue_of(task) is None
    ]
