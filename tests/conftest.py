"""What every test stands on: clean caches, and a client that goes through the real WSGI entry."""

import gc
import os
from collections.abc import Iterator
from typing import Any, cast

import httpx
import hypothesis
import pytest
import structlog
from django.conf import settings
from django.core import signals
from django.core.cache import cache
from django.db import close_old_connections

# Two cores are shared with servers and browsers: how long an example takes says nothing of the code.
hypothesis.settings.register_profile("house", hypothesis.settings.get_profile("default"), deadline=None)
hypothesis.settings.load_profile("house")

#: What takes longest is begun first, so that no process is left alone with it at the end.
LONG = (
    "ingestor/test_ingest_command.py",
    "tasks/test_worker.py",
    "e2e/test_every_page.py",
    "e2e/test_admin.py",
    "history/test_shipped_history.py",
    "deploy/test_release.py",
    "services/test_production.py",
    "tasks/test_heartbeat.py",
    "e2e/test_operators_day.py",
    "deploy/test_handler.py",
    "ranking/test_stores.py",
    "e2e/test_choosing.py",
    "config/test_settings.py",
    "ranking/test_demo.py",
    "services/test_outages.py",
    "api/test_openapi.py",
    "e2e/test_convert.py",
    "e2e/test_offline.py",
    "ranking/test_exclusion.py",
    "events/test_kill.py",
)


def _place(item: pytest.Item) -> int:
    name = "/".join(item.path.parts[-2:])
    return LONG.index(name) if name in LONG else len(LONG)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_place)
    if settings.TEST_STACK == "services":
        # The rules of the domain, and what deploys the service, are the same whatever is behind them.
        alike = [item for item in items if _asks_nobody(item)]
        config.hook.pytest_deselected(items=alike)
        items[:] = [item for item in items if item not in set(alike)]
    if missing := os.environ.get("SERVICES_MISSING"):
        for item in items:
            item.add_marker(pytest.mark.skip(reason=missing))


def pytest_collection_finish() -> None:
    """Thousands of tests and all they import stay to the end: nobody need look whether they are garbage."""
    gc.collect()
    gc.freeze()


def _asks_nobody(item: pytest.Item) -> bool:
    """Whether a test of an app, or of what deploys them, uses neither database nor cache."""
    if item.get_closest_marker("once"):
        return True
    of_an_app = item.path.parent.name in {"currency", "deploy", "history", "ingestor", "ranking"}
    uses = {"db", "transactional_db", "scratch"}.intersection(getattr(item, "fixturenames", ()))
    return of_an_app and not uses and item.get_closest_marker("django_db") is None


@pytest.fixture(scope="session", autouse=True)
def _logs_can_be_captured() -> None:
    """Loggers are cached on their first use; whoever captures after that would see nothing."""
    structlog.configure(**{**structlog.get_config(), "cache_logger_on_first_use": False})


def _forget() -> None:
    if settings.CACHE_IS_SHARED:
        # clear() would be FLUSHDB, and the Redis may be somebody's: only our own prefix goes.
        cast(Any, cache).delete_pattern("*")
    else:
        cache.clear()


@pytest.fixture(autouse=True)
def _empty_caches() -> Iterator[None]:
    from config.cache import generation, shared
    from config.pages import page
    from currency import destinations, listing

    _forget()
    page.forget()
    generation.forget()
    destinations.forget()
    listing.forget()
    shared._resting_until = 0.0
    yield
    _forget()


@pytest.fixture
def application() -> Any:
    """A fresh gate in front of Django: nothing stored, nobody counted."""
    from config.api.gate import Gate
    from config.wsgi import _django

    return Gate(_django)


class InOneTransaction(httpx.WSGITransport):
    """As Django's own test client does: the test's transaction outlives the request."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for signal in (signals.request_started, signals.request_finished):
            signal.disconnect(close_old_connections)
        try:
            return super().handle_request(request)
        finally:
            for signal in (signals.request_started, signals.request_finished):
                signal.connect(close_old_connections)


@pytest.fixture
def api(application: Any, db: None) -> Iterator[httpx.Client]:
    """The API as a client meets it, without a socket: WSGI entry, gate, Django, database."""
    with httpx.Client(transport=InOneTransaction(app=application), base_url="http://testserver") as client:
        yield client
