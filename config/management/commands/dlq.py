"""`manage.py dlq list|replay|drop`: the messages that failed as often as their queue allows."""

from argparse import ArgumentParser
from collections.abc import Callable, Collection, Iterator
from typing import IO, TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from config.dead_letters import DeadLetter

_SEOUL = ZoneInfo("Asia/Seoul")


class Command(BaseCommand):
    """Replay what failed once its cause is mended; drop what nobody wants any more."""

    help = "List the dead letters, send them back to their queues, or delete them (SQS only)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="show them; each look counts as once received")
        for name, what in (("replay", "send back to their queues"), ("drop", "delete for good")):
            action = actions.add_parser(name, help=what)
            action.add_argument("ids", nargs="*", metavar="ID", help="message ids, as listed")
            action.add_argument("--all", action="store_true", dest="is_all", help="every one there is")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.CELERY_BROKER_URL != "sqs://":
            raise CommandError(
                "There are no dead letters: CELERY_BROKER_URL is not sqs://, and only SQS keeps what failed."
            )
        # Where SQS is not the broker, boto3 need not be there.
        from botocore.exceptions import BotoCoreError, ClientError

        from config import dead_letters

        try:
            if options["action"] == "list":
                self._list(dead_letters.letters())
            elif options["action"] == "replay":
                self._each(dead_letters.replay, options, lambda letter: f"replayed to {letter.queue}")
            else:
                self._each(dead_letters.drop, options, lambda _: "dropped")
        except (BotoCoreError, ClientError) as exc:
            raise CommandError(f"SQS: {exc}") from exc

    def _list(self, found: "list[DeadLetter]") -> None:
        if not found:
            self.stdout.write(f"{settings.DEAD_LETTER_QUEUE} is empty.")
            return
        table = Table(box=None, pad_edge=False)
        for title in ("message id", "task", "arguments", "received", "first sent (Seoul)"):
            table.add_column(title, overflow="fold", no_wrap=title != "arguments")
        for letter in found:
            sent = f"{letter.sent_at.astimezone(_SEOUL):%Y-%m-%d %H:%M:%S}"
            table.add_row(letter.message_id, letter.task, letter.arguments, str(letter.received), sent)
        self.stdout.ending = ""  # rich ends its lines itself
        # A script is to read whole ids, however wide that is.
        width = None if self.stdout.isatty() else 200
        Console(file=cast("IO[str]", self.stdout), markup=False, width=width).print(table, crop=False)

    def _each(
        self,
        act: Callable[[Collection[str] | None], "Iterator[DeadLetter]"],
        options: dict[str, Any],
        done: "Callable[[DeadLetter], str]",
    ) -> None:
        ids, is_all = set(options["ids"]), options["is_all"]
        if bool(ids) == is_all:
            raise CommandError("Give the ids of messages, as `dlq list` shows them, or --all.")
        missing, stuck = set(ids), 0
        for letter in act(None if is_all else ids):
            missing.discard(letter.message_id)
            if letter.queue is None and options["action"] == "replay":
                stuck += 1
                self.stderr.write(f"{letter.message_id} {letter.task} stays: no route leads to a queue.")
            else:
                self.stdout.write(f"{letter.message_id} {letter.task} {done(letter)}")
        if missing:
            raise CommandError(f"Not there, or held by another look: {', '.join(sorted(missing))}.")
        if stuck:
            raise CommandError(f"{stuck} left: drop them, or add the route.")
