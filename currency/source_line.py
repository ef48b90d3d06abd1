"""Who published a rate, of which day, and how it stands: the line under every rate on a page."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config.templatetags.cldr import day, moment, short_day
from currency.models import Provider
from currency.quotes import Override, Quote
from currency.schedule import SEOUL, publishes_on
from currency.source_names import set_by_operators


def source_lines(quotes: Iterable[Quote], now: datetime) -> dict[str, str]:
    """`{code: "유럽중앙은행 10월 30일 (금) 고시 기준 · 주말"}` in the reader's language. One query."""
    is_english = get_language() == "en"
    names = {
        provider.key: provider.name_en if is_english else provider.name_ko
        for provider in Provider.objects.all()
    }
    return {quote.code: source_line(quote, names.get(quote.source, quote.source), now) for quote in quotes}


def source_line(quote: Quote, publisher: str, now: datetime) -> str:
    """One line, in the reader's language; `publisher` is the provider's name in it."""
    if quote.override is not None:
        return set_by_hand(quote.override)
    # The week-day says most about the last days, the year about a rate that nobody publishes any more.
    is_of_this_year = quote.rate_date.year == now.astimezone(SEOUL).year
    told = short_day(quote.rate_date) if is_of_this_year else day(quote.rate_date)
    published = _("{publisher}, rate of {day}").format(publisher=publisher, day=told)
    return f"{published} · {standing(quote, now)}"


def set_by_hand(override: Override) -> str:
    """The line under a rate that operators have set: nobody published it, and it ends by itself."""
    return _("{operators}, until {moment} (Seoul)").format(
        operators=set_by_operators(), moment=moment(override.expires_at)
    )


def standing(quote: Quote, now: datetime) -> str:
    """The freshness in a word or two: a closed day is named as what it is."""
    if quote.freshness.state == "fresh":
        return _("the newest")
    if quote.freshness.state == "late":
        return _("a newer one is overdue")
    if quote.freshness.state == "suspended":
        return _("no longer published")
    today = now.astimezone(SEOUL).date()
    if publishes_on(quote.calendar, today):
        return _("the next one is not out yet")
    return _("week-end") if today.weekday() >= 5 else _("holiday")
