"""What a first visit to each page costs a phone: `python -m tests.bench.pages`.

On loopback with Chromium's throttling (1.6 Mbit/s, 150 ms, a processor four times slower), as
Lighthouse measures; the host's speed swings, so times are for comparing pages with each other.
"""

import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.e2e.browser import CHROMIUM, chromium
from tests.e2e.pages import PAGES
from tests.e2e.site import prepared, served
from tests.e2e.weight import first_visit


def main() -> int:
    if CHROMIUM is None:
        print("Chromium is not installed: apt-get install chromium", file=sys.stderr)
        return 1
    table = Table(title="First visit, phone, slow 4G, processor ÷ 4")
    for column in ("page", "requests", "KB", "first paint ms", "largest paint ms", "layout shift"):
        table.add_column(column, justify="left" if column == "page" else "right")
    with (
        tempfile.TemporaryDirectory() as scratch,
        served(prepared(Path(scratch))) as site,
        chromium() as browser,
    ):
        for name, path in PAGES.items():
            if name in {"refused", "not-found"}:
                continue
            cost = first_visit(browser, site.address, path, slow=True)
            table.add_row(
                name,
                str(cost.requests),
                f"{cost.bytes / 1000:.0f}",
                f"{cost.first_paint:.0f}",
                f"{cost.largest_paint:.0f}",
                f"{cost.shift:.3f}",
            )
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
