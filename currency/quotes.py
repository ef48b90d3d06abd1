"""What a currency costs now: which provider's figure is the one to show, and in which money.

The rule: the newest figure of the provider we believe first, unless that provider has missed a
publication of its own; then the next one's. A price in another money than KRW is a cross of two
figures of ONE provider, so the rule is then asked for providers that have both.

A rate that operators have set stands before all of these while it is in force: it is a leg of its own,
crossed where need be with the figure that would be shown of the other money
(docs/decisions/0014-an-operators-rate-is-a-leg-of-its-own.md).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, localcontext
from functools import reduce
from typing import Any

from config.cache import lifetime
from currency.catalog import KRW
from currency.freshness import Freshness, freshness, of_an_operator, older
from currency.models import Currency, ExchangeRate, LatestRate, Provider
from currency.schedule import LOOK_BACK, SEOUL, is_trading_day

ONE = Decimal(1)
#: The source of a rate that operators have set; no provider has this key.
OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Leg:
    """One provider's figure for one currency: KRW for one unit. KRW itself costs 1.

    `provider_newest` is the newest rate date that the provider has of any currency.
    """

    source: str
    rate_date: date
    recorded_at: datetime
    fetched_at: datetime
    provider_newest: date
    rate: Decimal
    tts: Decimal | None = None
    ttb: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SetRate:
    """A rate that operators have set at `set_at`: KRW for one unit, until before `expires_at` (UTC)."""

    rate: Decimal
    set_at: datetime
    expires_at: datetime

    def is_in_force(self, now: datetime) -> bool:
        return now < self.expires_at


@dataclass(frozen=True, slots=True)
class Override:
    """What a quote tells of the rates in it that operators have set.

    `currencies`: one of the pair, or both; `expires_at` is the first of their ends. `crossed_with` is
    the provider of the other figure, None where that is won or set as well. `instead_of` is whose
    rate would be shown otherwise, None where there is none: its history is the nearest there is.
    """

    currencies: tuple[str, ...]
    expires_at: datetime
    crossed_with: str | None
    instead_of: str | None

    def told(self) -> dict[str, Any]:
        """As answers carry it, under `override`; why it was set is the operators' own affair."""
        return {
            "currencies": list(self.currencies),
            "expires_at": self.expires_at,
            "crossed_with": self.crossed_with,
        }


@dataclass(frozen=True, slots=True)
class Quote:
    """`rate`: the price of one unit of `code` in `base`, with where and when it comes from.

    `tts` and `ttb` are told only against KRW, where a bank publishes them: a cross of two banks'
    selling rates is nobody's price. `source` is OPERATOR where there is an `override`.
    """

    code: str
    base: str
    rate: Decimal
    source: str
    calendar: str
    freshness: Freshness
    tts: Decimal | None = None
    ttb: Decimal | None = None
    override: Override | None = None

    @property
    def history_source(self) -> str:
        """The provider whose past figures are those before this one."""
        return (self.override and self.override.instead_of) or self.source

    @property
    def rate_date(self) -> date:
        return self.freshness.observed_on

    @property
    def as_of(self) -> datetime:
        return self.freshness.as_of

    @property
    def stale(self) -> bool:
        return self.freshness.is_old


def divide(numerator: Decimal, denominator: Decimal) -> Decimal:
    """A cross, unrounded to any length a reader could see (28 digits)."""
    with localcontext(prec=28):
        return numerator / denominator


def shown(
    code: str,
    base: str,
    legs: Mapping[str, Mapping[str, Leg]],
    providers: Collection[Provider],
    set_rates: Mapping[str, SetRate],
    now: datetime,
) -> Quote | None:
    """The quote to show: with what operators have set where it is in force, else as `choose` says.

    `set_rates`: {currency: what is set for it, whether in force or not}; others as for `choose`.
    """
    in_force = {
        money: set_rates[money]
        for money in (code, base)
        if money in set_rates and set_rates[money].is_in_force(now)
    }
    published = choose(code, base, legs, providers, now)
    if not in_force:
        return published
    ages = [of_an_operator(one.set_at, one.expires_at, now) for one in in_force.values()]
    prices = {KRW: ONE, **{money: one.rate for money, one in in_force.items()}}
    crossed_with = None
    for money in {code, base} - prices.keys():
        other = choose(money, KRW, legs, providers, now)
        if other is None:
            return None
        prices[money], crossed_with = other.rate, other.source
        ages.append(other.freshness)
    return Quote(
        code=code,
        base=base,
        rate=ONE if code == base else divide(prices[code], prices[base]) if base != KRW else prices[code],
        source=OPERATOR,
        calendar=published.calendar if published else "KR",
        freshness=reduce(older, ages),
        override=Override(
            currencies=tuple(in_force),
            expires_at=min(one.expires_at for one in in_force.values()),
            crossed_with=crossed_with,
            instead_of=published.source if published else None,
        ),
    )


def choose(
    code: str, base: str, legs: Mapping[str, Mapping[str, Leg]], providers: Iterable[Provider], now: datetime
) -> Quote | None:
    """The published quote, from `legs` = {currency: {provider: its newest figure}}; None without any.

    `providers`: the enabled ones, in order of belief. Where all are stale the newest figure wins,
    the more believed provider on a tie.
    """
    best: Quote | None = None
    for provider in providers:
        crossed = _cross(code, base, provider.key, legs)
        if crossed is None:
            continue
        leg, rate = crossed
        told = base == KRW
        quote = Quote(
            code=code,
            base=base,
            rate=rate,
            source=provider.key,
            calendar=provider.calendar,
            freshness=freshness(
                provider,
                observed_on=leg.rate_date,
                as_of=leg.recorded_at,
                fetched_at=leg.fetched_at,
                provider_newest=leg.provider_newest,
                now=now,
            ),
            tts=leg.tts if told else None,
            ttb=leg.ttb if told else None,
        )
        if not quote.stale:
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
    return replace(older, rate=rate, tts=None, ttb=None), rate


def enabled_providers() -> list[Provider]:
    """The providers to choose from, the most believed first. One query."""
    return list(Provider.objects.filter(is_enabled=True).order_by("priority", "key"))


def active_codes() -> list[str]:
    """Currencies shown when nobody names any, in display order. One query."""
    return list(Currency.objects.filter(is_active=True).values_list("code", flat=True))


def latest(codes: list[str], base: str, now: datetime) -> dict[str, Quote]:
    """The newest quotes of `codes` in `base`; codes without any are left out. One query.

    What is made of them may be told until the first end of an operator's rate among them.
    """
    wanted = {*codes, base} - {KRW}
    legs: dict[str, dict[str, Leg]] = {}
    providers: dict[str, Provider] = {}
    set_rates: dict[str, SetRate] = {}
    rows: Any = LatestRate.objects.believed_or_overridden().filter(currency_code__in=wanted)  # annotated
    for row in rows:
        if (one := row.override) is not None:
            set_rates[row.currency_code] = SetRate(one.rate, one.set_at, one.expires_at)
        if row.provider is None or not row.provider.is_enabled:
            continue
        providers.setdefault(row.source, row.provider)
        legs.setdefault(row.currency_code, {})[row.source] = Leg(
            source=row.source,
            rate_date=row.rate_date,
            recorded_at=row.recorded_at,
            fetched_at=row.fetched_at,
            provider_newest=row.provider_newest,
            rate=row.deal_base_rate,
            tts=row.tts,
            ttb=row.ttb,
        )
    asked = (shown(code, base, legs, providers.values(), set_rates, now) for code in codes if code != base)
    found = {quote.code: quote for quote in asked if quote is not None}
    for quote in found.values():
        if quote.override is not None:
            lifetime.ends_at(quote.override.expires_at)
    return found


def close_on(code: str, base: str, day: date, now: datetime) -> Quote | None:
    """The quote in force at the end of `day` (Seoul): the last close on or before it.

    The same rule as `latest`, asked at that time; both figures of a cross are of one provider and
    one day. A close of an earlier day is carried. Looks back 14 days. Two queries.
    """
    wanted = {code, base} - {KRW}
    providers = enabled_providers()
    calendars = {provider.key: provider.calendar for provider in providers}
    days: dict[tuple[str, date], dict[str, Leg]] = {}
    for row in ExchangeRate.objects.of(sorted(wanted)).published_between(day - LOOK_BACK, day).newest_first():
        if row.source not in calendars or not is_trading_day(calendars[row.source], row.rate_date):
            continue
        leg = Leg(
            source=row.source,
            rate_date=row.rate_date,
            recorded_at=row.recorded_at,
            fetched_at=row.fetched_at,
            provider_newest=row.rate_date,
            rate=row.deal_base_rate,
            tts=row.tts,
            ttb=row.ttb,
        )
        days.setdefault((row.source, row.rate_date), {}).setdefault(row.currency_code, leg)
    legs: dict[str, dict[str, Leg]] = {currency: {} for currency in wanted}
    for source, rate_date in sorted(days):
        if wanted <= days[source, rate_date].keys():
            for currency, leg in days[source, rate_date].items():
                legs[currency][source] = leg
    end_of_day = datetime.combine(day, time.max, SEOUL)
    quote = choose(code, base, legs, providers, min(now, end_of_day))
    if quote is not None and quote.freshness.state == "fresh" and quote.rate_date < day:
        quote = replace(quote, freshness=replace(quote.freshness, state="carried"))
    return quote


def previous_close(quote: Quote) -> Decimal | None:
    """The same provider's close of the trading day before `quote`'s, in KRW. One query.

    A quote of a week-end is compared with the day before Friday, whose rate it repeats. What operators
    have set has no day before it, and moved from nowhere: None.
    """
    return previous_closes([quote]).get(quote.code)


def previous_closes(several: Iterable[Quote]) -> dict[str, Decimal]:
    """{currency: its previous close}, by the same rule; those without one are left out. One query at most."""
    quotes = [quote for quote in several if quote.override is None]
    if not quotes:
        return {}
    days = [quote.rate_date for quote in quotes]
    rows = list(
        ExchangeRate.objects.of(sorted({quote.code for quote in quotes}))
        .published_between(min(days) - LOOK_BACK, max(days))
        .filter(source__in={quote.source for quote in quotes})
        .newest_first()
        .values_list("source", "currency_code", "rate_date", "deal_base_rate")
    )
    found: dict[str, Decimal] = {}
    for quote in quotes:
        today = quote.rate_date
        while not is_trading_day(quote.calendar, today):
            today -= timedelta(days=1)
        for source, code, day, rate in rows:
            is_its_own = (source, code) == (quote.source, quote.code)
            is_before = quote.rate_date - LOOK_BACK <= day < today
            if is_its_own and is_before and is_trading_day(quote.calendar, day):
                found[code] = rate
                break
    return found
