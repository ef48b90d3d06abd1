"""Each provider, played by the local server on an ordinary day, on a day without rates, and down."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.ingestor.provider_server import Answer, ProviderServer, payload, payload_bytes
from tests.ingestor.samples import ENDPOINT, TODAY, sample, zipped

PROVIDERS = ("ecb", "ecos", "exchangerate_api", "eximbank", "fred")
KEY = ENDPOINT.api_key or ""
#: Days on which each provider that has a history was closed: a week-end in Frankfurt, Chuseok,
#: Columbus Day. Asking for the newest always finds some: a fortnight without is a failure.
CLOSED = {
    "ecb": (date(2026, 10, 31), date(2026, 11, 1)),
    "ecos": (date(2026, 9, 24), date(2026, 9, 27)),
    "eximbank": (date(2026, 9, 24), date(2026, 9, 27)),
    "fred": (date(2026, 10, 12), date(2026, 10, 12)),
}


def points_at(server: ProviderServer, settings: Any, *keys: str, **options: str) -> None:
    """Every provider's address is the server's; each has a key, whether it needs one or not."""
    server.plays(settings, *keys, api_key=KEY, **options)


def on_an_ordinary_day(server: ProviderServer, key: str, *, weeks_later: int = 0) -> None:
    for ask, kept in sample(key):
        body = _moved(kept, timedelta(weeks=weeks_later)) if weeks_later else kept
        # ECOS has key and days in the path; Eximbank's day depends on the clock.
        pattern = re.sub(r"(/api/StatisticSearch/).*", r"\1*", ask.path)
        query = {"series_id": ask.item} if ask.item else {}
        server.answer(pattern, Answer(body=body), query=query)
    if key == "ecb":
        server.answer(
            "/stats/eurofxref/eurofxref-hist.zip", Answer(body=zipped(payload_bytes("ecb/history.csv")))
        )


def weeks_since_then() -> int:
    """Whole weeks from the kept day until now, for what reads the clock itself: live rates may not be old."""
    return (datetime.now(UTC).date() - TODAY).days // 7


def _moved(body: bytes, later: timedelta) -> bytes:
    """The same answer with every day in it so much later."""

    def day(found: re.Match[str]) -> str:
        form = "%Y-%m-%d" if "-" in found[0] else "%Y%m%d"
        return f"{datetime.strptime(found[0], form).replace(tzinfo=UTC) + later:{form}}"

    text = re.sub(r"(?<=['\"])20(\d\d-\d\d-\d\d|\d{6})(?=['\"])", day, body.decode())
    seconds = int(later.total_seconds())
    return re.sub(
        r'(?<="time_last_update_unix":)( ?)(\d+)', lambda at: f"{at[1]}{int(at[2]) + seconds}", text
    ).encode()


def on_closed_days(server: ProviderServer, key: str) -> tuple[date, date]:
    """The days to ask for, for which the server has no rates."""
    if key == "ecb":
        on_an_ordinary_day(server, key)
    else:
        nothing_at_all(server, key)
    return CLOSED[key]


def nothing_at_all(server: ProviderServer, key: str) -> None:
    """The provider's word for "no rates", whatever the days."""
    server.answer("/*", payload(f"{key}/no_data.json"))


def under_maintenance(server: ProviderServer) -> None:
    server.answer("/*", payload("maintenance.html"))
