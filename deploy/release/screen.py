"""What whoever releases sees: a line that moves on a terminal, plain lines in a pipeline's log."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table
from rich.text import Text

#: A pipeline's log is no terminal, and gets a line of a long wait at most this often, in seconds.
_PAUSE = 30.0


def _console() -> Console:
    # Made when it is used: standard output may have been replaced since.
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=120)


def say(text: str, *, style: str = "") -> None:
    _console().print(Text(text, style=style), soft_wrap=True)


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    drawn = Table(title=Text(title), title_justify="left", show_edge=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    _console().print(drawn)


_STYLES = {"ok": "green", "FAILED": "bold red"}


@contextmanager
def waiting() -> Iterator[Callable[[str], None]]:
    """What is called with how things stand: shown in place, or as a line now and then."""
    console = _console()
    if console.is_terminal:
        with console.status("") as status:
            yield lambda text: status.update(Text(text))
        return
    said_at = float("-inf")

    def tell(text: str) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= _PAUSE:
            console.print(Text(text), soft_wrap=True)
            said_at = time.monotonic()

    yield tell
