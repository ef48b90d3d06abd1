"""What a currency costs now: which provider's figure is the one to show, and in which money.

The rule: the newest figure of the provider we believe first, unless that provider has missed a
publication of its own; then the next one's. A price in another money than KRW is a cross of two
figures of ONE provider, so the rule is then asked for providers that have both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, localcontext

from currency.catalog import KRW
from currency.models import Currency, ExchangeRate, LatestRate, Provider
from currency.schedule import LOOK_BACK, SEOUL, is_stale, is_trading_day

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Leg:
    """One provider's figure for one currency: KRW for one unit. KRW itself costs 1."""

    source: str
    rate_date: date
    recorded_at: datetime
    rate: Decimal
    tts: Decimal | None = None
    ttb: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """`rate`: the price of one unit of `code` in `base`, with where and when it comes from.

    `tts` and `ttb` are told only against KRW, where a bank publishes them: a cross of two banks'
    selling rates is nobody's price.
    """

    code: str
    base: str
    rate: Decimal
    source: str
    rate_date: date
    as_of: datetime
    stale: bool
    calendar: str
    tts: Decimal | None = None
    ttb: Decimal | None = None


def divide(numerator: Decimal, denominator: Decimal) -> Decimal:
    """A cross, unrounded to any length a reader could see (28 digits)."""
    with localcontext(prec=28):
        return numerator / denominator


def choose(
    code: str, base: str, legs: Mapping[str, Mapping[str, Leg]], providers: Iterable[Provider], now: datetime
) -> Quote | None:
    """The quote to show, from `legs` = {currency: {provider: its newest figure}}; None without any.

    `providers`: the enabled ones, in order of belief. Where all are stale the newest figure wins,
    the more believed provider on a tie.
    """
    best: Quote | None = None
    for provider in providers:
        crossed = _cross(code, base, provider.key, legs)
        if crossed is None:
            continue
        leg, rate = crossed
        stale = is_stale(provider, leg.rate_date, now)
        told = base == KRW
        quote = Quote(
            code=code,
            base=base,
            rate=rate,
            source=provider.key,
            rate_date=leg.rate_date,
            as_of=leg.recorded_at,
            stale=stale,
            calendar=provider.calendar,
            tts=leg.tts if told else None,
            ttb=leg.ttb if told else None,
        )
        if not stale:
            return quote
        if best is None or quote.rate_date > best.rate_date:
            best = quote
    return best


def _cross(
    code: str, base: str, source: str, legs: Mapping[str, Mapping[str, Leg]]
) -> tuple[Leg, Decimal] | None:
    """One provider's own cross; it is as old as the older of its two figures."""
    if code == KRW:
        against = legs.get(base, {}).get(source)
        return (against, divide(ONE, against.rate)) if against else None
    priced = legs.get(code, {}).get(source)
    if priced is None or base == KRW:
        return (priced, priced.rate) if priced else None
    against = legs.get(base, {}).get(source)
    if against is None:
        return None
    older = min(priced, against, key=lambda leg: leg.rate_date)
    rate = ONE if code == base else divide(priced.rate, against.rate)
    return Leg(source, older.rate_date, older.recorded_at, rate), rate


def enabled_providers() -> list[Provider]:
    """The providers to choose from, the most believed first. One query."""
    return list(Provider.objects.filter(is_enabled=True).order_by("priority", "key"))


def active_codes() -> list[str]:
    """Currencies shown when nobody names any, in display order. One query."""
    return list(Currency.objects.filter(is_active=True).values_list("code", flat=True))


def latest(codes: list[str], base: str, now: datetime) -> dict[str, Quote]:
    """The newest quotes of `codes` in `base`; codes without any are left out. Two queries."""
    wanted = {*codes, base} - {KRW}
    legs: dict[str, dict[str, Leg]] = {}
    for rate in LatestRate.objects.filter(currency_code__in=wanted):
        legs.setdefault(rate.currency_code, {})[rate.source] = Leg(
            rate.source, rate.rate_date, rate.recorded_at, rate.deal_base_rate, rate.tts, rate.ttb
        )
    providers = enabled_providers()
    found = {code: choose(code, base, legs, providers, now) for code in codes if code != base}
    return {code: quote for code, quote in found.items() if quote is not None}


def close_on(code: str, base: str, day: date, now: datetime) -> Quote | None:
    """The quote in force at the end of `day` (Seoul): the last close on or before it.

    The same rule as `latest`, asked at that time; both figures of a cross are of one provider and
    one day. Looks back 14 days. Two queries.
    """
    wanted = {code, base} - {KRW}
    providers = enabled_providers()
    calendars = {provider.key: provider.calendar for provider in providers}
    days: dict[tuple[str, date], dict[str, Leg]] = {}
    for row in ExchangeRate.objects.of(sorted(wanted)).published_between(day - LOOK_BACK, day).newest_first():
        if row.source not in calendars or not is_trading_day(calendars[row.source], row.rate_date):
            continue
        leg = Leg(row.source, row.rate_date, row.recorded_at, row.deal_base_rate, row.tts, row.ttb)
        days.setdefault((row.source, row.rate_date), {}).setdefault(row.currency_code, leg)
    legs: dict[str, dict[str, Leg]] = {currency: {} for currency in wanted}
    for source, rate_date in sorted(days):
        if wanted <= days[source, rate_date].keys():
            for currency, leg in days[source, rate_date].items():
                legs[currency][source] = leg
    end_of_day = datetime.combine(day + timedelta(days=1), time(), SEOUL)
    return choose(code, base, legs, providers, min(now, end_of_day))


def previous_close(quote: Quote) -> Decimal | None:
    """The same provider's close of the trading day before `quote`'s, in KRW. One query.

    A quote of a week-end is compared with the day before Friday, whose rate it repeats.
    """
    rows = (
        ExchangeRate.objects.of([quote.code])
        .published_between(quote.rate_date - LOOK_BACK, quote.rate_date)
        .filter(source=quote.source)
        .newest_first()
        .values_list("rate_date", "deal_base_rate")
    )
    today = quote.rate_date
    while not is_trading_day(quote.calendar, today):
        today -= timedelta(days=1)
    before = (rate for day, rate in rows if day < today and is_trading_day(quote.calendar, day))
    return next(before, None)
