"""`manage.py worker_health`: for probes. Exit code 0 while this machine's worker is alive, else 1."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import pulse


class Command(BaseCommand):
    help = "Is the Celery worker of this machine alive? It is while its broker answers it, or a task runs."
    # A probe asks every few seconds: no checks of the models, the URLs or the migrations.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if complaint := pulse.complaint(datetime.now(UTC)):
            raise CommandError(complaint)
        self.stdout.write("alive")
