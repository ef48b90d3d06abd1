"""The list of currencies: what each is called, where one pays with it, since when we know it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from currency import catalog
from currency.models import LatestRate
from currency.quotes import active_codes
from currency.remembered import Remembered

_active = Remembered(lambda: tuple(active_codes()))


@dataclass(frozen=True, slots=True)
class Coverage:
    """First and last rate date of a currency over all enabled providers."""

    first: date
    last: date


def coverage() -> dict[str, Coverage]:
    """Coverage of every currency with rates. One query."""
    found: dict[str, Coverage] = {}
    for rate in LatestRate.objects.filter(provider__is_enabled=True):
        known = found.get(rate.currency_code)
        found[rate.currency_code] = Coverage(
            first=min(known.first, rate.first_date) if known else rate.first_date,
            last=max(known.last, rate.rate_date) if known else rate.rate_date,
        )
    return found


def describe(code: str, language: str, covered: Coverage | None) -> dict[str, object]:
    """One row of the list."""
    return {
        "currency_code": code,
        "currency_name": catalog.currency_name(code, language),
        "symbol": catalog.symbol(code, language),
        "decimal_places": catalog.decimal_places(code),
        "countries": list(catalog.countries_of(code)),
        "coverage": {"from": covered.first if covered else None, "to": covered.last if covered else None},
    }


def currencies(language: str) -> list[dict[str, object]]:
    """Every active currency in display order. Two queries."""
    covered = coverage()
    return [describe(code, language, covered.get(code)) for code in active_codes()]


def active_in_order() -> tuple[str, ...]:
    """Codes of the active currencies in display order, as they were some seconds ago at most.

    Raises: django.db.Error where the database is out and has never been asked.
    """
    return _active.told()


def forget(**_: Any) -> None:
    """Ask again the next time."""
    _active.forget()
