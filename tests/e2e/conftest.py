"""One prepared database, one browser and one site for the journeys of a test process."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from tests.e2e import browser as browsing
from tests.e2e.site import Site, prepared, served

#: The journeys are those of a laptop's stack; the other one has tests/services.
if settings.TEST_STACK != "embedded":
    collect_ignore_glob = ["test_*.py"]

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for each module: while one is there, its event loop keeps Django's ORM from this process."""
    if browsing.CHROMIUM is None:
        if os.environ.get("REQUIRE_SERVICES") == "1":
            pytest.fail("REQUIRE_SERVICES=1, but there is no Chromium")
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    with browsing.chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepared once for all test processes of a run, whose folders lie side by side."""
    mine = tmp_path_factory.getbasetemp()
    shared = (mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine) / "prepared"
    shared.mkdir(exist_ok=True)
    return prepared(shared)


@pytest.fixture(scope="session")
def site(database: Path) -> Iterator[Site]:
    """One site for all modules that only read; whoever changes something has `site = own_site`."""
    with served(database) as site:
        yield site


@pytest.fixture(scope="module")
def own_site(database: Path) -> Iterator[Site]:
    """A site of the test module's own: what its tests record is nobody else's."""
    with served(database) as site:
        yield site


@pytest.fixture
def open_page(chromium: Browser, site: Site) -> Iterator[Open]:
    """`open_page("/convert", **browsing.PHONE)`: the page, in a browser of its own unless `beside` another.

    The console stays empty and nobody else is asked, or the test fails.
    """
    with ExitStack() as stack:

        def open_at(path: str, *, beside: Page | None = None, **options: Any) -> Page:
            context = (
                beside.context
                if beside
                else stack.enter_context(browsing.visitor(chromium, site.address, **options))
            )
            page = context.new_page()
            page.goto(path)
            return page

        yield open_at


@pytest.fixture(scope="module")
def _windows(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """The window of a kind of visitor, which stays open for the module."""
    with ExitStack() as stack:
        opened: dict[str, Page] = {}

        def window(**options: Any) -> Page:
            kind = repr(sorted(options.items()))
            if kind not in opened:
                opened[kind] = stack.enter_context(
                    browsing.visitor(chromium, site.address, **options)
                ).new_page()
            return opened[kind]

        yield window


@pytest.fixture
def turn_to(_windows: Callable[..., Page]) -> Iterator[Open]:
    """`turn_to("/convert")`: the page, in the window where the module's last one was looked at.

    For pages whose whole state is their address: a new window costs four times what a page does.
    """
    used: list[Page] = []

    def turn(path: str, **options: Any) -> Page:
        used.append(page := _windows(**options))
        page.goto(path)
        return page

    yield turn
    for page in used:
        page.unroute_all()
        assert (troubles := page.context.watch.taken()) == [], troubles  # type: ignore[attr-defined]
