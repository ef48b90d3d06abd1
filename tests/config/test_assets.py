"""Scripts and styles come from installed packages or are our own, and are there."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

ROOT = Path(settings.BASE_DIR)
APPS = ("config", "currency", "history", "ranking", "ingestor")
TEMPLATES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.html"))
ASKED_FOR = sorted(
    {
        name
        for path in [*TEMPLATES, *(ROOT / "config" / "pages").glob("*.py")]
        for name in re.findall(r"""static\(?\s*["']([^"'{]+\.\w+)["']""", path.read_text())
    }
)
#: What others have made, by the package it comes in.
FROM_PACKAGES = {"django_htmx/htmx-2.min.js": "django_htmx", "unfold/js/chart/chart.js": "unfold"}


def test_pages_ask_for_assets():
    assert len(ASKED_FOR) >= 8


@pytest.mark.parametrize("name", ASKED_FOR)
def test_an_asset_that_a_page_asks_for_is_there(name):
    assert finders.find(name), f"{name} is in no installed package and not ours"


@pytest.mark.parametrize("name", FROM_PACKAGES)
def test_what_others_have_made_comes_with_its_package(name):
    place = finders.find(name)

    assert name in ASKED_FOR
    assert place
    assert f"/{FROM_PACKAGES[name]}/static/" in place


def test_no_page_names_another_host_but_in_links():
    outside = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in TEMPLATES
        for found in re.findall(
            r"<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)=[\"']https?:[^>]*>", path.read_text()
        )
    ]

    assert outside == []
