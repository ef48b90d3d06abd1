"""`manage.py audit_selections`: is every stored selection counted, and nothing else?"""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ranking.audit import audit
from ranking.stores import StoreUnavailable, store
from ranking.window import last_days, seoul_day


class Command(BaseCommand):
    """Reads only. Ends with 1 where a day differs."""

    help = "Compare the stored selections of the last Seoul days with what is counted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", type=_days, default=2, metavar="N", help="today and before (default: %(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        differing = 0
        try:
            for each in audit(store(), last_days(options["days"], seoul_day(datetime.now(UTC))).days()):
                self.stdout.write(f"{each.day}  stored {each.stored:,}  counted {each.counted:,}")
                for country, (stored, counted) in each.differing.items():
                    self.stdout.write(f"  {country}: stored {stored:,}, counted {counted:,}")
                differing += bool(each.differing)
        except StoreUnavailable as exc:
            raise CommandError(f"The store does not answer ({exc}).") from None
        if differing:
            raise CommandError(f"{differing} day(s) differ.")


def _days(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 400:
        raise ArgumentTypeError(f"{text!r}: expected a whole number of days from 1 to 400")
    return int(text)
