"""A deal put to today's rates and to every channel: what it is worth, and what one really gets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from currency import channels, offers, quotes
from currency.catalog import KRW
from currency.offers import Deal, Offer
from currency.quotes import Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """`at_mid`: what the deal's amount is worth in the other money at the base rate.

    `rates`: every rate it was made with, in KRW: the deal's own, and those that fixed fees needed.
    """

    deal: Deal
    rates: Mapping[str, Quote]
    fees_in: frozenset[str]
    at_mid: Decimal
    offers: list[Offer]

    @property
    def base(self) -> Quote:
        return self.rates[self.deal.code]

    @property
    def fee_rates(self) -> dict[str, Quote]:
        return {code: self.rates[code] for code in sorted(self.fees_in) if code in self.rates}


def quotation(deal: Deal, now: datetime) -> Quotation | None:
    """What every active channel makes of `deal`; None where its currency has no rate. Three queries."""
    offered = channels.channels_for(deal.code)
    fees_in = frozenset(offers.fee_currencies(offered))
    rates = quotes.latest(sorted({deal.code, *fees_in}), KRW, now)
    if deal.code not in rates:
        return None
    return Quotation(
        deal=deal,
        rates=rates,
        fees_in=fees_in,
        at_mid=offers.at_mid(deal, rates[deal.code].rate),
        offers=offers.offers(deal, offered, rates),
    )
