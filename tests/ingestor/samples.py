"""Requests and kept payloads that belong together, found by the provider's key."""

import io
import zipfile
from datetime import date
from decimal import Decimal

from ingestor.adapter import Endpoint
from ingestor.published import Ask, PublishedRate
from ingestor.registry import adapter
from tests.ingestor.provider_server import PAYLOADS

#: A Friday; Seoul, Frankfurt and New York were all open.
TODAY = date(2026, 10, 30)
ENDPOINT = Endpoint("http://127.0.0.1:9", api_key="k3y0fth3t3sts")


def sample(key: str) -> list[tuple[Ask, bytes]]:
    """The most wanted group of requests, each with a good answer of the newest day kept."""
    newest = max((PAYLOADS / key).glob("20*"))
    group = next(adapter(key).newest(TODAY, ENDPOINT))
    return [(ask, (newest / f"{ask.item}.json" if newest.is_dir() else newest).read_bytes()) for ask in group]


def parsed(key: str) -> dict[str, PublishedRate]:
    """What the good answers say, as {base + quote: the newest rate}."""
    rates = [rate for ask, payload in sample(key) for rate in adapter(key).parse(payload, ask)]
    return {rate.base + rate.quote: rate for rate in sorted(rates, key=lambda rate: rate.rate_date)}


def zipped(document: bytes, member: str = "eurofxref-hist.csv") -> bytes:
    """A zip archive with one member."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writing:
        writing.writestr(member, document)
    return archive.getvalue()


def published(
    base: str,
    quote: str,
    rate: str,
    *,
    day: date = TODAY,
    unit: int = 1,
    tts: str | None = None,
    ttb: str | None = None,
) -> PublishedRate:
    """A figure as a provider might print it; all figures as text."""
    return PublishedRate(
        base,
        quote,
        unit,
        Decimal(rate),
        rate,
        day,
        tts=None if tts is None else Decimal(tts),
        ttb=None if ttb is None else Decimal(ttb),
    )
