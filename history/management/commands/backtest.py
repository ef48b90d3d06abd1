"""`manage.py backtest`: how the forecast would have done on the history that is stored here."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from currency.catalog import is_currency
from currency.quotes import active_codes
from history.backtest import TOLERATED, Score, backtest, pooled_coverage
from history.closes import closes
from history.forecast import CONFIDENCE, LEAST, LONGEST, METHOD, unbroken

#: Trading days ahead that have a column.
HORIZONS = (1, 5, 10, 20, LONGEST)
#: Where there is no terminal: in a file nothing is cut off.
_PLAIN_WIDTH = 120


class Command(BaseCommand):
    """Reads closes and prints; what answers tell is stored by the task `history.backtest_forecasts`."""

    help = "Forecast anew at every past close and show how many outcomes the bands have held."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("codes", nargs="*", metavar="code", help="currencies; default: every active one")
        parser.add_argument("--base", default="KRW", help="the money prices are told in (default: KRW)")

    def handle(self, *args: Any, **options: Any) -> None:
        base, named = _code(options["base"]), list(dict.fromkeys(map(_code, options["codes"])))
        if base in named:
            raise CommandError(f"{base}: a currency has no forecast against itself; name another --base.")
        now = datetime.now(UTC)
        self.stdout.ending = ""  # rich ends its lines itself
        is_terminal = self.stdout.isatty()
        console = Console(
            file=cast("IO[str]", self.stdout),
            force_terminal=None if is_terminal else False,
            width=None if is_terminal else _PLAIN_WIDTH,
        )
        try:
            codes = named or [code for code in active_codes() if code != base]
            tested = {
                code: _test(code, base, now) for code in _with_progress(codes, console, f"against {base}")
            }
        except DatabaseError as exc:
            raise CommandError(f"The database cannot be read: {exc}") from exc
        _print_report(console, base, tested)


def _code(text: str) -> str:
    if not is_currency(code := text.upper()):
        raise CommandError(f"{text}: no currency we know; expected an ISO 4217 code such as USD.")
    return code


def _with_progress(codes: list[str], console: Console, title: str) -> Any:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        yield from progress.track(codes, description=title)


def _test(code: str, base: str, now: datetime) -> tuple[str, list[Score]]:
    """Who published the closes, and the scores; no scores where there are too few."""
    found = closes(code=code, base=base, period="max", now=now)
    if found is None:
        return "", []
    return found.source, backtest(*unbroken(found.days, found.prices))


def _print_report(console: Console, base: str, tested: dict[str, tuple[str, list[Score]]]) -> None:
    # One space between columns, so that it fits a terminal of 80.
    table = Table(box=None, pad_edge=False, collapse_padding=True)
    for title in ("pair", "source", "years"):
        table.add_column(title, no_wrap=True)
    for title in ("forecasts", *(f"+{horizon}" for horizon in HORIZONS), "all", "error +1", f"+{LONGEST}"):
        table.add_column(title, justify="right", no_wrap=True)
    for code, (source, scores) in tested.items():
        if scores:
            table.add_row(f"{code}/{base}", source, *_row({score.horizon: score for score in scores}))
    if table.row_count:
        console.print(table)
    if without := [code for code, (_, scores) in tested.items() if not scores]:
        console.print(
            f"Nothing to test, fewer than {LEAST + 1} closes: {', '.join(without)}.", soft_wrap=True
        )
    least, most = TOLERATED
    console.print(
        f"{METHOD}: percent of outcomes inside the {CONFIDENCE:.0%} band, so many trading days ahead; "
        f"! outside {least:.0%}–{most:.0%}; "
        f"all: horizons 1 to {LONGEST} together. Error: mean absolute, percent; it is that of the forecast of "
        "no change, which this is. Windows of neighbouring days overlap: n forecasts at horizon h are about "
        "n / h independent ones.",
        soft_wrap=True,
        highlight=False,
    )


def _row(scores: dict[int, Score]) -> list[str]:
    first = scores[1]
    errors = (f"{scores[n].mean_absolute_error_percent:.2f}" if n in scores else "" for n in (1, LONGEST))
    return [
        f"{first.first_origin.year}–{first.newest_date.year}",
        f"{first.observations:,}",
        *(_coverage(scores.get(horizon)) for horizon in HORIZONS),
        f"{100 * pooled_coverage(list(scores.values())):.1f}",
        *errors,
    ]


def _coverage(score: Score | None) -> str:
    if score is None:
        return ""
    return f"{100 * score.coverage:.1f}" + ("" if score.is_tolerated else "!")
