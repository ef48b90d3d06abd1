"""Debian's Chromium, driven by Playwright, and what every visit is held to."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}

#: Under Chromium's address bar lie web pages of its own, which every window loads, half a second of processor each,
#: though nobody sees them. This list replaces Playwright's, so the rest is from there.
_WITHOUT = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-background-networking",
                f"--disable-features={','.join(_WITHOUT)}",
            ],
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass(slots=True)
class Watch:
    """What went wrong while pages were open: in the console, in scripts, and who else was asked."""

    home: str
    troubles: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        page.on("request", lambda request: self._asked(request.url))

    def taken(self) -> list[str]:
        """The troubles so far, which are then no longer remembered."""
        troubles, self.troubles = self.troubles, []
        return troubles

    def _heard(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.troubles.append(f"console: {text}")

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and f"{parts.scheme}://{parts.netloc}" != self.home:
            self.troubles.append(f"asked elsewhere: {url}")


@contextmanager
def visitor(browser: Browser, address: str, **options: Any) -> Iterator[BrowserContext]:
    """A browser of its own; at its end nothing may have gone wrong in any page it has shown.

    Options are Playwright's: `color_scheme`, `java_script_enabled`, `**PHONE`, `locale`, … A test that
    provokes an error takes it out of `context.watch.troubles`.
    """
    context = browser.new_context(base_url=address, **{**DESKTOP, "locale": "ko-KR", **options})
    watch = Watch(address)
    context.watch = watch  # type: ignore[attr-defined]
    context.on("page", lambda page: watch.over(page))
    context.set_default_timeout(10_000)
    try:
        yield context
        assert watch.troubles == [], watch.troubles
    finally:
        context.close()


def barriers(page: Page, within: str | None = None) -> list[str]:
    """What axe finds on the page, or `within` a selector, that shuts somebody out: each rule and where it is broken.

    Only violations are worked out in full; what passed would take as long again and be thrown away.
    """
    found = Axe().run(page, context=within, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]
