"""What the control room tells of currencies: which are old or missing, and which an operator has set."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from config.operators.control_room import Panel, Told
from currency.catalog import KRW
from currency.quotes import Quote, active_codes, latest
from currency.rate_override import RateOverride


def _currencies(now: datetime) -> Told:
    codes = active_codes()
    quotes = latest(codes, KRW, now)
    old = {code: quote for code, quote in quotes.items() if quote.stale}
    missing = [code for code in codes if code not in quotes and code != KRW]
    facts = {
        "late": _by_day(quote for quote in old.values() if quote.freshness.state == "late"),
        "suspended": _by_day(quote for quote in old.values() if quote.freshness.state == "suspended"),
        "missing": missing,
        "fresh": len(quotes) - len(old),
        "all": len(quotes) + len(missing),
    }
    if not quotes:
        return Told(facts, "ill")
    return Told(facts, "watch" if old or missing else "well")


def _by_day(quotes: Iterable[Quote]) -> dict[tuple[str, date], list[str]]:
    """{(provider, day of its rate): currencies}, the oldest first: one outage makes thirty rates late."""
    found: dict[tuple[str, date], list[str]] = {}
    for quote in quotes:
        found.setdefault((quote.source, quote.rate_date), []).append(quote.code)
    return dict(sorted(found.items(), key=lambda item: item[0][1]))


def _overrides(now: datetime) -> Told:
    rows = RateOverride.objects.filter(place__isnull=False, expires_at__gt=now).order_by("expires_at")
    found = list(rows)
    return Told({"overrides": found}, "watch" if found else "well")


currencies = Panel(
    title=_("Rates shown to travellers"),
    template="currency/panels/currencies.html",
    tell=_currencies,
    permission="currency.view_latestrate",
)
overrides = Panel(
    title=_("Rates set by operators"),
    template="currency/panels/overrides.html",
    tell=_overrides,
    permission="currency.view_rateoverride",
)
