"""`manage.py rotate_encryption_keys`: personal data under the first of ENCRYPTION_KEYS.

Put a new key in front of ENCRYPTION_KEYS, restart what runs, run this, and take the old key out once
it has ended. It can be stopped at any time and started again for what is left.
"""

from argparse import ArgumentParser, ArgumentTypeError
from typing import IO, Any, cast

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from ranking import personal
from ranking.stores import StoreUnavailable, store


class Command(BaseCommand):
    """Safe at any time and to repeat: what is under the key already is not read."""

    help = "Encrypt the personal data of stored selections again, under the first of ENCRYPTION_KEYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--batch", type=_size, default=500, metavar="N", help="selections at once (default: %(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        is_terminal = self.stdout.isatty()
        console = Console(file=cast("IO[str]", self.stdout), force_terminal=None if is_terminal else False)
        bar = Progress(
            TextColumn("{task.completed:,} selections under key " + personal.key_id()),
            TimeElapsedColumn(),
            console=console,
            disable=not is_terminal,
        )
        done = 0
        try:
            with bar:
                task = bar.add_task("", total=None)
                # Until a pass finds nothing: what still runs with the old key may store behind it.
                before = -1
                while done > before:
                    before = done
                    for count in store().reencrypt(personal.rotate, personal.key_id(), options["batch"]):
                        done += count
                        bar.advance(task, count)
        except KeyboardInterrupt:
            raise CommandError(f"Stopped after {done:,} selections; run it again for the rest.") from None
        except InvalidToken:
            raise CommandError(
                f"A selection is under a key that ENCRYPTION_KEYS does not hold; {done:,} were done. "
                "Put that key back at the end of ENCRYPTION_KEYS and run this again."
            ) from None
        except StoreUnavailable as exc:
            raise CommandError(
                f"The store does not answer ({exc}); {done:,} were done. Run it again later."
            ) from None
        self.stdout.write(f"{done:,} selections encrypted again; all are under key {personal.key_id()}.")


def _size(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise ArgumentTypeError(f"{text!r}: expected a whole number from 1 to 1000")
    return int(text)
