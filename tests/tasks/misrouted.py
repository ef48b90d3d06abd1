"""Settings with a slip of the pen: a route to a queue that is not there."""

from config.settings.local import *

CELERY_TASK_ROUTES = {**CELERY_TASK_ROUTES, "history.*": {"queue": "data-procesing-queue"}}
