"""`manage.py partitions`: prepare the coming months of the observations, drop old ones if told to.

Run it once a month or oftener. Whoever forgets it loses nothing: later months share the last partition
until the next run sorts them out.
"""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from currency import partitions


class Command(BaseCommand):
    help = "Create the coming monthly partitions of exchange_rate_history (MySQL, MariaDB); drop old ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--ahead",
            type=_at_least(1),
            default=partitions.AHEAD,
            metavar="N",
            help="months to prepare after this one (default: %(default)s)",
        )
        parser.add_argument(
            "--retain-months",
            type=_at_least(partitions.LEAST_RETAINED),
            metavar="N",
            help="drop observations older than N full months; daily bars stay (default: keep everything)",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections["default"]
        if not partitions.is_supported(connection):
            self.stdout.write(f"{connection.display_name} has no partitions: nothing to do.")
            return
        try:
            plan = partitions.keep_up(
                connection,
                today=datetime.now(UTC).date(),
                ahead=options["ahead"],
                retain_months=options["retain_months"],
                dry_run=options["dry_run"],
            )
        except partitions.NotPartitioned:
            raise CommandError("The table is not partitioned yet: run manage.py migrate first.") from None
        except partitions.TableBusy:
            raise CommandError(
                f"The table was in use for {partitions.LOCK_WAIT} seconds on end: try again later."
            ) from None
        would = "would be " if options["dry_run"] else ""
        for month in plan.add:
            self.stdout.write(f"{partitions.name_of(month)} {would}created")
        for each in plan.drop:
            self.stdout.write(f"{each.name} {would}dropped (everything before {each.until})")
        if not plan.add and not plan.drop:
            self.stdout.write(f"Nothing to do: {len(partitions.partitions(connection))} partitions.")


def _at_least(least: int) -> Callable[[str], int]:
    def months(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or not least <= int(text) <= 1200:
            raise ArgumentTypeError(f"{text!r}: expected a whole number of months from {least} to 1200")
        return int(text)

    return months
