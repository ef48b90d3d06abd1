"""Valid rows by default; a test states only what matters to it."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from currency.models import (
    ChannelTerms,
    ExchangeRate,
    LatestRate,
    PaymentChannel,
    PriceObservation,
    Provider,
)
from currency.schedule import fixing_instant, publishes_on
from history.models import DailyRate

FRIDAY = date(2026, 10, 30)

_IDENTITIES: dict[str, dict[str, Any]] = {
    "ecb": {
        "priority": 3,
        "time_zone": "Europe/Berlin",
        "fixing_time": time(14, 15),
        "publication_time": time(16, 0),
        "calendar": "XECB",
    },
    "exchangerate_api": {
        "priority": 4,
        "time_zone": "UTC",
        "fixing_time": time(0, 2),
        "publication_time": time(0, 30),
        "calendar": "weekdays",
    },
    "ecos": {
        "priority": 1,
        "time_zone": "Asia/Seoul",
        "fixing_time": time(8, 30),
        "publication_time": time(11, 0),
        "calendar": "KR",
    },
}


def make_provider(key: str = "ecb", **overrides: Any) -> Provider:
    """The provider's row, made where a flushed database has lost it."""
    identity = {
        "name_ko": key,
        "name_en": key,
        "kind": "reference rate",
        **_IDENTITIES.get(key, _IDENTITIES["ecb"]),
    }
    provider, _ = Provider.objects.update_or_create(key=key, defaults={**identity, **overrides})
    return provider


def make_observation(**overrides: Any) -> ExchangeRate:
    """One dollar by the ECB on Friday, 30 October 2026."""
    one = an_observation(make_provider(overrides.get("source", "ecb")), **overrides)
    one.save(force_insert=True)
    return one


def an_observation(provider: Provider, **overrides: Any) -> ExchangeRate:
    """The same of `provider`, not stored yet: a year of them is one insert."""
    rate_date = overrides.get("rate_date", FRIDAY)
    rate = Decimal(str(overrides.pop("deal_base_rate", "1335.27")))
    row = {
        "source": provider.key,
        "currency_code": "USD",
        "recorded_at": fixing_instant(provider, rate_date),
        "rate_date": rate_date,
        "deal_base_rate": rate,
        "published_base": overrides.get("currency_code", "USD"),
        "published_quote": "KRW",
        "published_rate": str(rate),
        "fetched_at": datetime(2026, 10, 30, 16, 0, tzinfo=UTC),
    }
    return ExchangeRate(**{**row, **overrides})


def make_latest(**overrides: Any) -> LatestRate:
    """The newest rate of a provider and currency, without its observation."""
    source = overrides.get("source", "ecb")
    rate_date = overrides.get("rate_date", FRIDAY)
    row = {
        "source": source,
        "currency_code": "USD",
        "recorded_at": fixing_instant(make_provider(source), rate_date),
        "rate_date": rate_date,
        "deal_base_rate": Decimal(str(overrides.pop("deal_base_rate", "1335.27"))),
        "first_date": date(1999, 1, 4),
        "fetched_at": datetime(2026, 10, 30, 16, 0, tzinfo=UTC),
    }
    return LatestRate.objects.create(**{**row, **overrides})


def make_bar(rate_date: date = FRIDAY, close: str = "1335.27", **overrides: Any) -> DailyRate:
    """One day of one dollar by the ECB, at one price."""
    bar = a_bar(rate_date, close, **overrides)
    bar.save(force_insert=True)
    return bar


def a_bar(rate_date: date, close: str, **overrides: Any) -> DailyRate:
    """The same, not stored yet."""
    prices = dict.fromkeys(("open", "high", "low", "close", "average"), Decimal(close))
    row = {"currency_code": "USD", "source": "ecb", "observation_count": 1, "volatility": 0.0}
    return DailyRate(**{"rate_date": rate_date, **row, **prices, **overrides})


def cover(first: date, last: date, *, source: str = "ecb", code: str = "USD", close: str = "1335.27") -> None:
    """A bar for every weekday, and the newest rate with its coverage, as recording would leave them."""
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    DailyRate.objects.bulk_create(
        a_bar(day, close, source=source, currency_code=code) for day in days if publishes_on("weekdays", day)
    )
    make_latest(source=source, currency_code=code, rate_date=last, first_date=first, deal_base_rate=close)


def make_channel(key: str = "counter", **overrides: Any) -> PaymentChannel:
    """A bank's counter, which takes 환율우대."""
    row = {"name_ko": key, "name_en": key, "kind": "cash_counter", "takes_discount": True}
    return PaymentChannel.objects.create(key=key, **{**row, **overrides})


def make_terms(channel: PaymentChannel, **overrides: Any) -> ChannelTerms:
    """Cash dollars at 1.75 % over and under the base rate."""
    row = {
        "currency_code": "USD",
        "buy_spread_percent": Decimal("1.75"),
        "sell_spread_percent": Decimal("1.75"),
        "source_name": "a bank",
        "source_url": "https://bank.example/fees",
        "as_of": FRIDAY,
    }
    return ChannelTerms.objects.create(channel=channel, **{**row, **overrides})


def make_price(
    country: str = "KR", price: str = "5500", currency: str = "KRW", **overrides: Any
) -> PriceObservation:
    """A Big Mac in Korea, in the release of 1 January 2026."""
    row = {
        "item": "bigmac",
        "observed_on": date(2026, 1, 1),
        "source": "a shop",
        "source_url": "https://shop.example/prices",
        "fetched_at": datetime(2026, 3, 30, tzinfo=UTC),
    }
    return PriceObservation.objects.create(
        country_code=country, price=Decimal(price), currency_code=currency, **{**row, **overrides}
    )
