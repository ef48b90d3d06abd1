"""What holds on every page: nobody is shut out, nothing overflows a phone, a first visit is light."""

from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import resolve

from tests.e2e.browser import DESKTOP, PHONE, barriers
from tests.e2e.pages import PAGES, addressed
from tests.e2e.weight import first_visit

#: Addresses that are part of a page, or files.
NO_PAGES = {"rates-now", "cheapest", "popular", "chosen", "currency-csv", "notices-atom", "notices-json"} | {
    "compare-cards", "compare-chart", "currency-window", "currency-day",
}  # fmt: skip
LOOKS: dict[str, tuple[str, dict[str, Any]]] = {
    "desktop, light, Korean": ("ko", DESKTOP),
    "phone, dark, English": ("en", {**PHONE, "color_scheme": "dark"}),
}
MOST_BYTES = 250_000


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_shuts_nobody_out(turn_to, name, look):
    language, options = LOOKS[look]
    page = turn_to(addressed(PAGES[name], language), **options)
    page.wait_for_load_state("networkidle")
    # The browser's own word for an answer of 400 or 404.
    watch = page.context.watch
    watch.troubles[:] = [told for told in watch.troubles if "the server responded with a status" not in told]

    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("path", ["/", "/compare?countries=HK,CN,ID", "/trip?countries=HK,CN,ID"])
def test_enlarged_four_times_a_page_still_needs_no_reading_sideways(turn_to, path):
    page = turn_to(addressed(path, "en"), viewport={"width": 320, "height": 256})

    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("name", [name for name in PAGES if name not in {"refused", "not-found"}])
def test_a_first_visit_weighs_at_most_250_kb_compressed(chromium, site, name):
    weight = first_visit(chromium, site.address, PAGES[name])

    assert 0 < weight.bytes <= MOST_BYTES
    assert weight.requests >= 3  # the page itself, its style, a script


def test_every_page_there_is_stands_in_the_list():
    modules = [import_module(f"{app}.page_urls") for app in ("currency", "history", "ranking", "ingestor")]
    names = {pattern.name for module in modules for pattern in module.urlpatterns}
    visited = {resolve(urlsplit(path).path).url_name for path in PAGES.values() if path != "/nowhere"}

    assert len(names) > 8
    assert names - NO_PAGES == visited - {"home"}
