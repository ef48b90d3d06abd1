"""`manage.py seed_demo`: a week of synthetic selections for a demonstration; `--remove` takes them out again."""

from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import IO, Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ranking import demo
from ranking.stores import StoreUnavailable


class Command(BaseCommand):
    """Safe to repeat, and to stop and start again: nothing is doubled, and nothing real is touched."""

    help = (
        "Fill the last seven days with about 2,000 selections that nobody made, marked as such "
        "(users demo-user-…, referrer demo), or take exactly these out again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--remove", action="store_true", help="take them out again, with their counts")
        parser.add_argument(
            "--force", action="store_true", help="in production as well, where real travellers see them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = datetime.now(UTC)
        try:
            if options["remove"]:
                self._remove(now)
            else:
                self._seed(now, is_forced=options["force"])
        except StoreUnavailable as exc:
            raise CommandError(f"The store does not answer ({exc}). Run it again later.") from None
        except KeyboardInterrupt:
            raise CommandError("Stopped; run it again to go on.") from None

    def _seed(self, now: datetime, *, is_forced: bool) -> None:
        if settings.ENVIRONMENT == "production" and not is_forced:
            raise CommandError(
                "This is production: real travellers would see rankings that nobody made. "
                "Add --force where that is meant."
            )
        wanted = demo.missing(now=now)
        total = sum(len(submission.choices) for submission in wanted)
        added = self._watched("selections", demo.seed(wanted, now=now), total)
        self.stdout.write(
            f"{added:,} synthetic selections added, and the rankings recalculated. "
            "`manage.py seed_demo --remove` takes them out again."
            if added
            else "All of them were there already; the rankings are recalculated."
        )

    def _remove(self, now: datetime) -> None:
        removed = self._watched("selections taken out", demo.remove(now=now), None)
        self.stdout.write(
            f"{removed:,} synthetic selections taken out, and the rankings recalculated."
            if removed
            else "There are none."
        )

    def _watched(self, what: str, steps: Iterable[int], total: int | None) -> int:
        is_terminal = self.stdout.isatty()
        console = Console(file=cast("IO[str]", self.stdout), force_terminal=None if is_terminal else False)
        bar = Progress(
            TextColumn("{task.completed:,} " + what),
            BarColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not is_terminal,
        )
        done = 0
        with bar:
            task = bar.add_task("", total=total)
            for step in steps:
                done += step
                bar.advance(task, step)
        return done
