"""GET /currencies/quote."""

from datetime import date
from decimal import Context, Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config.api.endpoint import ReadEndpoint
from config.api.errors import ApiError
from currency import channels, offers, quote_serializers
from currency.catalog import KRW
from currency.costs import Change, RoundTrip
from currency.models import ChannelTerms
from currency.offers import Deal, Offer
from currency.parameters import refuse_old
from currency.quotation import quotation
from currency.quotes import Quote
from currency.schedule import SEOUL
from currency.views import no_rate, overridden

#: Fifteen digits are what a binary float surely holds.
_FIFTEEN = Context(prec=15)


class ChannelQuote(ReadEndpoint):
    """환전 견적 · What one really gets for an amount, channel by channel, and what a round trip loses."""

    query = quote_serializers.ChannelQuoteQuery
    answer_schema = quote_serializers.ChannelQuote
    error_codes = ("INVALID_CURRENCY_CODE", "NOT_FOUND", "STALE_DATA")

    def answer(self, query: dict[str, Any], language: str) -> Any:
        have, want = query["from"], query["to"]
        _refuse_without_won(have, want)
        deal = Deal(want if have == KRW else have, have != KRW, query["amount"], query.get("discount"))
        now = timezone.now()
        told = quotation(deal, now)
        if told is None:
            raise no_rate(deal.code, "from" if deal.sells else "to")
        refuse_old({code: quote.freshness for code, quote in told.rates.items()}, query)
        base, today = told.base, now.astimezone(SEOUL).date()
        return {
            "from": have,
            "to": want,
            "amount": float(deal.amount),
            "discount": deal.discount,
            "mid": {"rate": base.rate, "receive": _money(told.at_mid)},
            "source": base.source,
            "as_of": base.as_of,
            "stale": base.stale,
            "freshness": base.freshness.told(),
            **overridden(base),
            "fee_rates": {code: _fee_rate(quote) for code, quote in told.fee_rates.items()},
            "channels": [_told(offer, deal, today, language) for offer in told.offers],
        }


def _refuse_without_won(have: str, want: str) -> None:
    if have == want or KRW not in (have, want):
        raise ApiError(
            "INVALID_PARAMETER",
            _(
                "Korean banks price money against won: expected KRW and one other currency, not {have} and {want}."
            ).format(have=have, want=want),
            parameter="to",
            provided=want,
            expected=_("a currency other than KRW") if have == KRW else KRW,
        )


def _told(offer: Offer, deal: Deal, today: date, language: str) -> dict[str, Any]:
    channel, terms, change = offer.channel, offer.channel.terms, offer.change
    return {
        "channel": channel.key,
        "name": channel.name_en if language == "en" else channel.name_ko,
        "kind": channel.kind,
        "available": change is not None,
        "reason": offer.reason,
        "message": offers.why(offer, deal) or None,
        "receive": _money(change.received) if change else None,
        "rate": change.rate if change else None,
        "rate_before_fees": offer.price,
        "rate_basis": offer.basis,
        "spread_percent": round(offer.spread_percent, 4) if offer.spread_percent is not None else None,
        "discount_percent": offer.discount_percent,
        "cost_vs_mid": _cost(change) if change else None,
        "round_trip": _round_trip(offer.round_trip) if offer.round_trip else None,
        "terms": _terms(terms, today) if terms else None,
    }


def _cost(change: Change) -> dict[str, Any]:
    return {
        "won": _to_four(change.cost),
        "percent": _to_four(change.cost_percent),
        "spread": _to_four(change.spread_cost),
        "percent_fee": _to_four(change.percent_fee),
        "fixed_fee": _to_four(change.fixed_fee),
    }


def _round_trip(trip: RoundTrip) -> dict[str, Any]:
    return {
        "back_amount": _money(trip.back),
        "loss": _to_four(trip.loss),
        "loss_percent": _to_four(trip.loss_percent),
    }


def _terms(terms: ChannelTerms, today: date) -> dict[str, Any]:
    return {
        "fee_percent": terms.fee_percent,
        "fee_fixed": terms.fee_fixed,
        "fee_currency": terms.fee_currency or KRW,
        "source_name": terms.source_name,
        "source_url": terms.source_url,
        "as_of": terms.as_of,
        "age_days": (today - terms.as_of).days,
        "is_old": channels.is_old(terms.as_of, today),
    }


def _fee_rate(quote: Quote) -> dict[str, Any]:
    return {
        "rate": quote.rate,
        "source": quote.source,
        "freshness": quote.freshness.told(),
        **overridden(quote),
    }


def _money(amount: Decimal) -> float:
    """Money, not a rate: cents even of billions."""
    return float(_FIFTEEN.plus(amount))


def _to_four(figure: Decimal) -> float:
    """A hundredth of a jeon, a hundredth of a basis point: below that there is only what a division left."""
    return float(round(figure, 4))
