"""`manage.py import_prices FILE`: what a CSV file of prices would change, and with `--commit` the change."""

from argparse import ArgumentParser
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from currency import price_file

if TYPE_CHECKING:
    from import_export.results import Result, RowResult
    from tablib import Dataset

_WORDS = {"new": "new", "update": "revised", "skip": "same"}


class Command(BaseCommand):
    """Nothing is written without `--commit`, and nothing of a file with a single row refused (exit code 1)."""

    help = f"Import prices from a CSV file with the columns {', '.join(price_file.COLUMNS)}."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--commit", action="store_true", help="write what is shown; without it, a dry run"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        from currency.price_import import PriceResource  # import-export: no other command waits for it

        dataset = _dataset(options["file"])
        resource = PriceResource(now=timezone.now())
        result = resource.import_data(
            dataset, dry_run=not options["commit"], rollback_on_validation_errors=True
        )
        self.stdout.ending = ""  # rich ends its lines itself
        is_terminal = self.stdout.isatty()
        console = Console(file=cast("IO[str]", self.stdout), force_terminal=None if is_terminal else False)
        if result.base_errors:
            raise CommandError("; ".join(_text(one.error) for one in result.base_errors))
        _show(console, result)
        if refused := len(result.invalid_rows) + len(result.row_errors()):
            raise CommandError(f"{refused} of {len(dataset)} rows are refused: nothing was written.")
        if options["commit"]:
            console.print("Written.")
        else:
            console.print("Nothing was written: this was a dry run. Give --commit to write it.")


def _dataset(path: Path) -> "Dataset":
    """The file's rows. Raises: CommandError for a file that is none, too large or no UTF-8 CSV."""
    from tablib import Dataset

    try:
        if path.stat().st_size > price_file.LARGEST_FILE:
            raise CommandError(f"{path}: at most {price_file.LARGEST_FILE:,} bytes are taken at once.")
        return Dataset().load(path.read_bytes().decode(price_file.ENCODING), format="csv")
    except OSError as exc:
        raise CommandError(f"{path}: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise CommandError(f"{path}: not UTF-8 at byte {exc.start}; save it as CSV UTF-8.") from exc
    except CommandError:
        raise
    except Exception as exc:  # tablib and csv have no error in common
        raise CommandError(f"{path}: not a CSV table: {str(exc) or type(exc).__name__}") from exc


def _show(console: Console, result: "Result") -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("line", "change", "country", "item", "observed_on", "price"):
        table.add_column(title, no_wrap=True)
    refused = {row.number: row.error for row in result.invalid_rows}
    refused |= {number: errors[0].error for number, errors in result.row_errors()}
    for number, row in enumerate(result.rows, start=1):
        cells = ("refused",) if number in refused else _change(row)
        table.add_row(str(number + 1), *(escape(cell) for cell in cells))
    console.print(table, width=max(console.width, 120), crop=False)
    for number in sorted(refused):
        said = f"line {number + 1}: {_text(refused[number])}"
        console.print(said, soft_wrap=True, markup=False, highlight=False)
    counts = ", ".join(f"{result.totals[kind]} {word}" for kind, word in _WORDS.items())
    console.print(f"{counts}, {len(refused)} refused", highlight=False)


def _change(row: "RowResult") -> tuple[str, str, str, str, str]:
    one, before = row.instance, row.original
    price = f"{one.price:f} {one.currency_code}"
    if row.is_update():
        price = f"{before.price.normalize():f} {before.currency_code} → {price}"
        if before.source_url != one.source_url:
            price += f" ({one.source_url})"
    return _WORDS[row.import_type], one.country_code, one.item, str(one.observed_on), price


def _text(error: Any) -> str:
    """An error in one line; of a row, each column with what it expects."""
    if hasattr(error, "message_dict"):
        return "; ".join(f"{name}: {' '.join(said)}" for name, said in error.message_dict.items())
    return " ".join(getattr(error, "messages", [])) or f"{type(error).__name__}: {error}"
