"""Numbers, money, days and instants as CLDR writes them in the reader's language; times are Seoul's."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent
from django import template
from django.utils import timezone
from django.utils.translation import get_language

register = template.Library()

_SEOUL = ZoneInfo("Asia/Seoul")
Number = Decimal | float | int


def _locale() -> Locale:
    return Locale.parse(get_language() or "ko")


@register.filter
def number(value: Number | None, decimals: int = 0) -> str:
    """`1,335.27`: with exactly so many decimals; `–` where there is none."""
    if value is None:
        return "–"
    return str(
        format_decimal(value, format="#,##0." + "0" * decimals if decimals else "#,##0", locale=_locale())
    )


@register.filter
def rate(value: Number | None) -> str:
    """A price in words of people: two decimals from 1 upwards, four digits below."""
    if value is None:
        return "–"
    exact = Decimal(str(value))
    if abs(exact) >= 1 or not exact:
        return number(exact, 2)
    return number(exact, min(10, 3 - exact.adjusted()))


@register.filter
def money(value: Number | None, currency: str) -> str:
    """`¥1,200`, `₩1,335`: with the decimals its money has."""
    return "–" if value is None else str(format_currency(value, currency, locale=_locale()))


@register.filter
def percent(value: Number | None, decimals: int = 2) -> str:
    """`1.25%` for 1.25."""
    if value is None:
        return "–"
    form = "0." + "0" * decimals + "%" if decimals else "0%"
    return str(format_percent(Decimal(str(value)) / 100, format=form, locale=_locale()))


@register.filter
def signed(value: Number | None, decimals: int = 2) -> str:
    """`+1.25`, `−0.40`, `0.00`: for changes."""
    if value is None:
        return "–"
    told = number(abs(Decimal(str(value))), decimals)
    if not any(digit in told for digit in "123456789"):
        return told
    return f"{'+' if value > 0 else '−'}{told}"


@register.filter
def day(value: date | None) -> str:
    """`2026년 10월 30일`, `October 30, 2026`."""
    return "–" if value is None else str(format_date(value, "long", locale=_locale()))


@register.filter
def short_day(value: date | None) -> str:
    """`10월 30일 (금)`, `Fri, Oct 30`."""
    return "–" if value is None else str(format_skeleton("MMMEd", value, locale=_locale()))


@register.filter
def month(value: date | None) -> str:
    """`2026년 10월`, `Oct 2026`."""
    return "–" if value is None else str(format_skeleton("yMMM", value, locale=_locale()))


@register.filter
def moment(value: datetime | None) -> str:
    """Day and time in Seoul: `2026. 10. 30. 22:15`, `Oct 30, 2026 22:15`."""
    if value is None:
        return "–"
    there = value.astimezone(_SEOUL)
    return f"{format_date(there, 'medium', locale=_locale())} {there:%H:%M}"


@register.filter
def ago(value: datetime | None) -> str:
    """`3시간 전`, `3 hours ago`, against now."""
    if value is None:
        return "–"
    return str(format_timedelta(value - timezone.now(), add_direction=True, locale=_locale()))


@register.filter
def age(months: int) -> str:
    """`9개월`, `9 months`."""
    return str(
        format_timedelta(timedelta(days=30 * months), granularity="month", threshold=24, locale=_locale())
    )
