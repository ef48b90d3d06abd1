"""An amount in another money at the base rate, and, where won are on one side, what channels make of it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from currency import quotes
from currency.catalog import KRW
from currency.offers import Deal
from currency.quotation import Quotation, quotation
from currency.quotes import Quote, divide


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """`given` of `have` and `received` of `want` are worth the same at the rate of `quote`.

    `quote` is the price of one unit of its `code` in its `base`. Two foreign moneys have no `quotation`:
    Korean banks price money against won alone.
    """

    have: str
    want: str
    given: Decimal
    received: Decimal
    quote: Quote
    quotation: Quotation | None


def conversion(
    have: str,
    want: str,
    amount: Decimal,
    *,
    is_wanted: bool = False,
    discount: Decimal | None = None,
    now: datetime,
) -> Conversion | None:
    """`amount` of `have` in `want`, or where it `is_wanted` of `want` in `have`; None without a rate.

    `have` and `want` differ. Three queries at most.
    """
    told: Quotation | None = None
    if KRW in (have, want):
        sells = have != KRW
        told = quotation(Deal(have if sells else want, sells, amount, discount, is_wanted), now)
        if told is None:
            return None
        quote, other = told.base, told.at_mid
    else:
        found = quotes.latest([have], want, now)
        if have not in found:
            return None
        quote = found[have]
        other = divide(amount, quote.rate) if is_wanted else amount * quote.rate
    given, received = (other, amount) if is_wanted else (amount, other)
    return Conversion(have=have, want=want, given=given, received=received, quote=quote, quotation=told)
