"""What several currencies cost the trading day before."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from currency.models import ExchangeRate
from currency.quotes import Quote
from currency.schedule import LOOK_BACK, is_trading_day


def previous_closes(quotes: Iterable[Quote]) -> dict[str, Decimal]:
    """{currency: KRW for one unit at its own provider's close of the trading day before}. One query.

    As `quotes.previous_close` tells it of one; left out where there was none, or the rate was set by
    operators, who have no day before.
    """
    told = [quote for quote in quotes if quote.override is None]
    if not told:
        return {}
    newest_first = (
        ExchangeRate.objects.of(sorted({quote.code for quote in told}))
        .published_between(
            min(quote.rate_date for quote in told) - LOOK_BACK, max(quote.rate_date for quote in told)
        )
        .filter(source__in={quote.source for quote in told})
        .newest_first()
        .values_list("source", "currency_code", "rate_date", "deal_base_rate")
    )
    rows = list(newest_first)
    before: dict[str, Decimal] = {}
    for quote in told:
        today = quote.rate_date
        # A rate of a week-end repeats Friday's.
        while not is_trading_day(quote.calendar, today):
            today -= timedelta(days=1)
        for source, code, day, rate in rows:
            is_its_own = (source, code) == (quote.source, quote.code)
            if (
                is_its_own
                and quote.rate_date - LOOK_BACK <= day < today
                and is_trading_day(quote.calendar, day)
            ):
                before[code] = rate
                break
    return before
