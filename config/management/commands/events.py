"""`manage.py events status|relay|again|drop`: what others are told of, and what Kafka would not take."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from config.events import outbox, relay
from config.events.tables import RefusedEvent


class Command(BaseCommand):
    """Relaying is what a worker does each minute; safe beside it. What was refused needs a person's word."""

    help = "Tell how many events wait for Kafka, relay them, and decide on those that it has refused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("status", help="how many wait and since when; what was refused, and why")
        actions.add_parser("relay", help="bring what waits to Kafka")
        for name, what in (
            ("again", "let refused events wait again, behind the others"),
            ("drop", "delete them"),
        ):
            action = actions.add_parser(name, help=what)
            action.add_argument(
                "ids", nargs="+", metavar="ID", help="ids of events, as `events status` shows them"
            )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "status":
            self._tell()
        elif options["action"] == "relay":
            self._relay()
        else:
            self._decide(options["ids"], is_wanted=options["action"] == "again")

    def _tell(self) -> None:
        waiting = outbox.waiting(datetime.now(UTC))
        self.stdout.write(f"{waiting.count:,} wait, the oldest for {waiting.age.total_seconds():.0f} s.")
        for one in RefusedEvent.objects.order_by("pk"):
            told = f"{one.event_id} {one.type} {one.key} {len(one.body):,} characters"
            self.stdout.write(f"{told}, refused {one.refused_at:%Y-%m-%d %H:%M:%S} UTC: {one.reason}")

    def _relay(self) -> None:
        if not settings.KAFKA_BOOTSTRAP_SERVERS:
            raise CommandError("KAFKA_BOOTSTRAP_SERVERS is not set: nobody is told of anything.")
        done = relay.run(now=datetime.now(UTC))
        if done is None:
            self.stdout.write("Another process is at it.")
            return
        self.stdout.write(f"{done.published:,} published, {done.refused:,} refused.")
        if not done.is_complete:
            raise CommandError(f"{outbox.waiting(datetime.now(UTC)).count:,} wait still.")

    def _decide(self, ids: list[str], *, is_wanted: bool) -> None:
        missing = set(ids) - set(
            RefusedEvent.objects.filter(event_id__in=ids).values_list("event_id", flat=True)
        )
        if missing:
            raise CommandError(f"Not among the refused: {', '.join(sorted(missing))}.")
        for one in RefusedEvent.objects.filter(event_id__in=ids).order_by("pk"):
            with transaction.atomic():
                if is_wanted:
                    outbox.send_again(one)
                else:
                    one.delete()
            self.stdout.write(f"{one.event_id} {'waits again' if is_wanted else 'dropped'}")
