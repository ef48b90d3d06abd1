"""What channels offer, side by side as a page shows them: who is best, by how much, and how old the terms are."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from currency import channels, offers
from currency.models import ChannelKind
from currency.offers import Offer
from currency.quotation import Quotation


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferCard:
    """`share`: the cost as a part of the dearest one's, in percent, for a bar.

    `reason` is empty where there is an offer.
    """

    offer: Offer
    name: str
    kind: str
    is_best: bool
    share: float
    reason: str
    has_old_terms: bool


def offer_cards(told: Quotation, today: date) -> list[OfferCard]:
    """One card of each channel, the best first; `today` in Seoul tells old terms."""
    costs = [one.change.cost_percent for one in told.offers if one.change]
    # Bars of one per cent and less would otherwise look like great costs.
    widest = max([Decimal(1), *costs])
    return [
        OfferCard(
            offer=one,
            name=one.channel.name_en if get_language() == "en" else one.channel.name_ko,
            kind=_kind(one.channel.kind),
            is_best=bool(one.change and len(costs) > 1 and one.change.cost_percent == costs[0]),
            share=float(round(100 * one.change.cost_percent / widest, 1)) if one.change else 0.0,
            reason=offers.why(one, told.deal),
            has_old_terms=bool(one.channel.terms and channels.is_old(one.channel.terms.as_of, today)),
        )
        for one in told.offers
    ]


def gap(told: Quotation) -> Decimal:
    """What the dearest way costs more than the best, in won."""
    costs = [one.change.cost for one in told.offers if one.change]
    return max(costs) - min(costs) if costs else Decimal(0)


def _kind(kind: str) -> str:
    return {
        ChannelKind.CASH_COUNTER.value: _("Cash at the counter"),
        ChannelKind.CASH_APP.value: _("Cash by app"),
        ChannelKind.TRAVEL_CARD.value: _("Travel card"),
        ChannelKind.CREDIT_CARD.value: _("Credit or check card"),
    }[kind]
