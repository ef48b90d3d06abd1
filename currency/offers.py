"""What each channel makes of an amount: its terms put to today's rates, the best first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext as _

from currency import costs
from currency.catalog import KRW
from currency.channels import Channel
from currency.costs import Change, RoundTrip, Tariff
from currency.models import ChannelKind, ChannelTerms
from currency.quotes import ONE, Quote

#: Why a channel offers nothing: nobody we hold says what it takes for this money, or for taking it
#: back; its fee is in a money without a rate; its fixed fee eats the amount.
Reason = Literal["no_terms", "no_terms_for_selling", "no_rate_for_fee", "below_fixed_fee"]
REASONS: tuple[Reason, ...] = ("no_terms", "no_terms_for_selling", "no_rate_for_fee", "below_fixed_fee")
#: Whether a price is the base rate and a spread, or the wire selling rate that a bank published.
Basis = Literal["spread", "tts"]
BASES: tuple[Basis, ...] = ("spread", "tts")


@dataclass(frozen=True, slots=True)
class Deal:
    """`amount` of won for `code`, or of `code` for won where `sells`.

    `discount`: the 환율우대 the caller has, percent; None leaves each channel its own.
    `is_wanted`: the amount is what one wants to end up with, in the other money, and not what one gives.
    """

    code: str
    sells: bool
    amount: Decimal
    discount: Decimal | None = None
    is_wanted: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What one channel makes of what it is `given`. Without a `change` there is a `reason`."""

    channel: Channel
    reason: Reason | None = None
    given: Decimal | None = None
    change: Change | None = None
    round_trip: RoundTrip | None = None
    basis: Basis | None = None
    price: Decimal | None = None
    spread_percent: Decimal | None = None
    discount_percent: Decimal | None = None


def fee_currencies(channels: Iterable[Channel]) -> set[str]:
    """Moneys whose rates the channels' fixed fees need."""
    terms = [channel.terms for channel in channels]
    return {one.fee_currency for one in terms if one and one.fee_fixed and one.fee_currency} - {KRW}


def offers(deal: Deal, channels: Iterable[Channel], rates: Mapping[str, Quote]) -> list[Offer]:
    """One offer of each channel, the best first: those that give most, or want least for what is wanted.
    Then those that give nothing.

    `rates`: quotes in KRW of the deal's currency, and of `fee_currencies` as far as there are any.
    """
    made = [_offer(deal, channel, rates) for channel in channels]
    return sorted(made, key=lambda offer: (offer.change is None, _worth(offer, deal)))


def _worth(offer: Offer, deal: Deal) -> Decimal:
    """Smaller is better."""
    if offer.change is None or offer.given is None:
        return Decimal(0)
    return offer.given if deal.is_wanted else -offer.change.received


def at_mid(deal: Deal, mid: Decimal) -> Decimal:
    """The yardstick: what the amount is worth in the other money at the base rate, which nobody deals at."""
    tariff = Tariff(mid, buys_at=mid, sells_at=mid)
    if deal.is_wanted:
        return _given(deal, tariff)
    change = costs.sell(deal.amount, tariff) if deal.sells else costs.buy(deal.amount, tariff)
    return change.received if change else Decimal(0)


def _given(deal: Deal, tariff: Tariff) -> Decimal:
    """What one gives; where the channel takes nothing back, the amount itself."""
    if not deal.is_wanted:
        return deal.amount
    if not deal.sells:
        return costs.won_for(deal.amount, tariff)
    needed = costs.foreign_for(deal.amount, tariff)
    return deal.amount if needed is None else needed


def _offer(deal: Deal, channel: Channel, rates: Mapping[str, Quote]) -> Offer:
    terms = channel.terms
    if terms is None:
        return Offer(channel, "no_terms")
    if deal.sells and terms.sell_spread_percent is None:
        return Offer(channel, "no_terms_for_selling")
    fixed_fee = _in_won(terms, rates)
    if fixed_fee is None:
        return Offer(channel, "no_rate_for_fee")
    quote = rates[deal.code]
    discount = terms.discount_percent
    if channel.takes_discount and deal.discount is not None:
        discount = deal.discount
    buys_posted, basis = _buying(channel, terms, quote)
    sells_posted = None
    if terms.sell_spread_percent is not None:
        sells_posted = costs.posted(quote.rate, -terms.sell_spread_percent)
    tariff = Tariff(
        mid=quote.rate,
        buys_at=costs.discounted(quote.rate, buys_posted, discount),
        sells_at=costs.discounted(quote.rate, sells_posted, discount) if sells_posted is not None else None,
        fee_percent=terms.fee_percent,
        fixed_fee_won=fixed_fee,
    )
    there, back = (costs.sell, costs.buy) if deal.sells else (costs.buy, costs.sell)
    given = _given(deal, tariff)
    change = there(given, tariff)
    if change is None:
        return Offer(channel, "below_fixed_fee")
    posted = sells_posted if deal.sells and sells_posted is not None else buys_posted
    return Offer(
        channel=channel,
        given=given,
        change=change,
        round_trip=costs.round_trip(given, back(change.received, tariff)),
        basis="spread" if deal.sells else basis,
        price=tariff.sells_at if deal.sells else tariff.buys_at,
        spread_percent=100 * abs(posted - quote.rate) / quote.rate,
        discount_percent=discount,
    )


def _buying(channel: Channel, terms: ChannelTerms, quote: Quote) -> tuple[Decimal, Basis]:
    """The posted price. Cards bill at the bank's wire selling rate: where one is published, it is taken.

    Strictly a card bills dollars, at the dollar's rate, after its brand has crossed into dollars near
    the base rate; the currency's own wire spread stands for that.
    """
    if channel.kind == ChannelKind.CREDIT_CARD and quote.tts is not None:
        return quote.tts, "tts"
    return costs.posted(quote.rate, terms.buy_spread_percent), "spread"


def why(offer: Offer, deal: Deal) -> str:
    """Why it offers nothing, in the reader's language; empty where it offers something."""
    terms = offer.channel.terms
    fee = f"{terms.fee_fixed.normalize():f} {terms.fee_currency or KRW}" if terms else ""
    reasons: Mapping[str | None, str] = {
        None: "",
        "no_terms": _("We hold no published terms of this channel for {code}."),
        "no_terms_for_selling": _("We hold no published terms at which this channel takes {code} back."),
        "no_rate_for_fee": _("Its fee is {fee} a payment, and we hold no rate for that currency."),
        "below_fixed_fee": _("Its fee of {fee} a payment takes all of the amount."),
    }
    return reasons[offer.reason].format(code=deal.code, fee=fee)


def _in_won(terms: ChannelTerms, rates: Mapping[str, Quote]) -> Decimal | None:
    """The fixed fee of one payment at the base rate; a fee without a currency is in won."""
    if not terms.fee_fixed or terms.fee_currency in {"", KRW}:
        return terms.fee_fixed * ONE
    quote = rates.get(terms.fee_currency)
    return terms.fee_fixed * quote.rate if quote else None
