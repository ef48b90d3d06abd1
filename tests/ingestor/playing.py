"""Each provider, played by the local server on an ordinary day, on a day without rates, and down."""

import re
from datetime import date
from typing import Any

from tests.ingestor.provider_server import Answer, ProviderServer, payload, payload_bytes
from tests.ingestor.samples import ENDPOINT, sample, zipped

PROVIDERS = ("ecb", "ecos", "exchangerate_api", "eximbank", "fred")
KEY = ENDPOINT.api_key or ""
SATURDAY, SUNDAY = date(2026, 10, 31), date(2026, 11, 1)


def points_at(server: ProviderServer, settings: Any, *keys: str, **options: str) -> None:
    """Every provider's address is the server's; each has a key, whether it needs one or not."""
    server.plays(settings, *keys, api_key=KEY, **options)


def on_an_ordinary_day(server: ProviderServer, key: str) -> None:
    for ask, body in sample(key):
        # ECOS has key and days in the path; Eximbank's day depends on the clock.
        pattern = re.sub(r"(/api/StatisticSearch/).*", r"\1*", ask.path)
        query = {"series_id": ask.item} if ask.item else {}
        server.answer(pattern, Answer(body=body), query=query)
    if key == "ecb":
        server.answer(
            "/stats/eurofxref/eurofxref-hist.zip", Answer(body=zipped(payload_bytes("ecb/history.csv")))
        )


def on_a_day_without_rates(server: ProviderServer, key: str) -> tuple[date, date] | None:
    """The days to ask for, where asking for the newest always finds some: Saturday and Sunday."""
    if key in {"ecb", "exchangerate_api"}:
        on_an_ordinary_day(server, key)
        return SATURDAY, SUNDAY
    server.answer("/*", payload(f"{key}/no_data.json"))
    return None


def under_maintenance(server: ProviderServer) -> None:
    server.answer("/*", payload("maintenance.html"))
