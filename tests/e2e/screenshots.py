"""`make screenshots`: every page on phone and desktop, light and dark, in Korean and English.

Into var/screenshots, which is ignored; the few that the README shows go to docs/images.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page
from rich.progress import track

from tests.e2e.browser import CHROMIUM, DESKTOP, PHONE, chromium, visitor
from tests.e2e.pages import PAGES, addressed
from tests.e2e.site import ROOT, Site, prepared, served

FOLDER = ROOT / "var" / "screenshots"
IMAGES = ROOT / "docs" / "images"
DEVICES: dict[str, dict[str, Any]] = {"phone": PHONE, "desktop": DESKTOP}
ADMIN = {
    "control-room": "/admin/",
    "quarantine": "/admin/ingestor/quarantinedrate/",
    "observations": "/admin/currency/exchangerate/",
    "providers": "/admin/currency/provider/",
    "keys": "/admin/api/apikey/",
}
#: What the README shows, as far as a screen shows it.
SHOWN = {"home-desktop-light-ko", "compare-phone-dark-ko", "control-room-desktop-light-ko"}


def main() -> int:
    if CHROMIUM is None:
        print("Chromium is not installed: apt-get install chromium fonts-noto-cjk", file=sys.stderr)
        return 1
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        served(prepared(Path(scratch))) as site,
        chromium() as browser,
    ):
        site.manage("seed_demo")
        site.manage("shell", "-v0", "-c", _OPERATOR)
        _travellers(browser, site)
        _operators(browser, site)
    print(
        f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}, the README's in docs/images"
    )
    return 0


_OPERATOR = "from django.contrib.auth.models import User; User.objects.create_superuser('operator', password='operator')"


def _travellers(browser: Browser, site: Site) -> None:
    looks = [
        (device, theme, language)
        for device in DEVICES
        for theme in ("light", "dark")
        for language in ("ko", "en")
    ]
    for device, theme, language in track(looks, description="Pages for travellers"):
        options = {**DEVICES[device], "color_scheme": theme, "device_scale_factor": 1}
        with visitor(browser, site.address, **options) as context:
            page = context.new_page()
            for name, path in PAGES.items():
                page.goto(addressed(path, language))
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(400)  # charts ease in
                _take(page, f"{name}-{device}-{theme}-{language}")
            context.watch.troubles.clear()  # type: ignore[attr-defined]  # the refused pages are among them


def _operators(browser: Browser, site: Site) -> None:
    for theme in track(("light", "dark"), description="Pages for operators"):
        with visitor(browser, site.address, color_scheme=theme) as context:
            page = context.new_page()
            page.goto("/admin/login/")
            page.fill("[name=username]", "operator")
            page.fill("[name=password]", "operator")
            page.press("[name=password]", "Enter")
            page.wait_for_load_state("networkidle")
            for name, path in ADMIN.items():
                page.goto(path)
                page.wait_for_load_state("networkidle")
                _take(page, f"{name}-desktop-{theme}-ko")


def _take(page: Page, name: str) -> None:
    page.screenshot(path=FOLDER / f"{name}.png", full_page=True)
    if name in SHOWN:
        page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
