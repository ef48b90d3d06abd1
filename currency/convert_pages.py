"""Convert: an amount in another money, and what one will really pay for it.

The address always describes the result: `amount` is of `from`, or `receive` is of `to`. A form without
scripts also sends the field it had filled itself, and is led to the address of its result.
"""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from config.api.errors import ApiError
from config.api.query import Query
from config.pages.page import page
from config.templatetags.cldr import number, rate
from currency import listing, quotes
from currency.catalog import KRW, currency_name, decimal_places, is_currency
from currency.conversion import Conversion, conversion
from currency.offer_cards import gap, offer_cards
from currency.parameters import AmountField, CurrencyCodeField
from currency.quote_serializers import DiscountField
from currency.quoted_unit import quoted_unit
from currency.schedule import SEOUL
from currency.source_line import source_lines

_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
#: What one starts with, of won and of a hundred quoted units of another money.
_WON, _UNITS = 1_000_000, 100


def plain(written: str) -> str:
    """A number as people write it, ` 1,000,000`, as a machine reads it; anything else as it was."""
    written = written.strip()
    return written.replace(",", "") if _GROUPED.fullmatch(written) else written


class WrittenAmountField(AmountField):
    """An amount as people write it: thousands may be parted by commas."""

    expected = gettext_lazy("a number above 0 and up to 1,000,000,000,000, such as 1,000,000 or 99.5")

    def to_internal_value(self, data: Any) -> Decimal:
        return super().to_internal_value(plain(str(data)))


class ConvertPageQuery(Query):
    amount = WrittenAmountField(required=False)
    receive = WrittenAmountField(required=False)
    discount = DiscountField(required=False)

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python.
        return {"from": CurrencyCodeField(), "to": CurrencyCodeField(), **super().get_fields()}


@page(parameters=("from", "to", "amount", "receive", "discount", "shown", "part"))
def convert(request: HttpRequest) -> HttpResponse:
    given = request.GET.dict()
    part = given.pop("part", "")
    settled = _settled(given)
    if settled != given and not part:
        return HttpResponseRedirect(_address(settled))
    now = timezone.now()
    priced = quotes.latest(list(listing.active_in_order()), KRW, now)
    asked = _with_defaults(settled, list(priced))
    told = _fields(asked)
    try:
        told |= _answer(asked, now)
    except ApiError as exc:
        told["wrong"] = {"field": exc.details["parameter"], "message": _said(exc)}
    if part == "result":  # what is wrong is said beside its field; the request itself is not
        return render(request, "currency/convert_result.html", told)
    told |= {"with_rate": [KRW, *priced], "without_rate": _without_rate(asked, list(priced))}
    response = render(request, "currency/convert.html", told, status=400 if "wrong" in told else 200)
    if "wrong" in told:
        response["Cache-Control"] = "no-store"
    return response


def _settled(given: dict[str, str]) -> dict[str, str]:
    """One amount of the two, without what is empty.

    `shown`, `receive=117,767`, is the field that the page had filled in, and with what: that one is asked
    for where it changed, and the other one else.
    """
    kept = {name: value.strip() for name, value in given.items() if value.strip() and name != "shown"}
    if {"amount", "receive"} <= kept.keys():
        shown = given.get("shown", "")
        filled, other = ("amount", "receive") if shown.startswith("amount=") else ("receive", "amount")
        is_changed = shown and shown != f"{filled}={kept[filled]}"
        del kept[other if is_changed else filled]
    if {"amount", "receive"} & given.keys() and not {"amount", "receive"} & kept.keys():
        kept["amount"] = ""  # emptied, which is another thing than never asked
    for name in {"amount", "receive"} & kept.keys():
        kept[name] = plain(kept[name])
    return kept


def _with_defaults(settled: dict[str, str], priced: list[str]) -> dict[str, str]:
    first = priced[0] if priced else "USD"
    have = settled.get("from") or (KRW if settled.get("to", first).upper() != KRW else first)
    want = settled.get("to") or (first if have.upper() == KRW else KRW)
    sides = {name: settled[name] for name in ("amount", "receive") if name in settled}
    if not sides:
        sides["amount"] = str(_WON if have.upper() == KRW else _UNITS * quoted_unit(have.upper()))
    rest = {"discount": settled["discount"]} if "discount" in settled else {}
    return {"from": have, "to": want, **sides, **rest}


def _fields(asked: dict[str, str]) -> dict[str, Any]:
    """What the form shows: everything as it was asked, whether it can be read or not."""
    side = "receive" if "receive" in asked else "amount"
    return {
        "have": asked["from"].upper(),
        "want": asked["to"].upper(),
        "side": side,
        "discount": asked.get("discount", ""),
        "written": {side: _grouped(asked[side])},
        "address": _address(asked),
        "swapped": _address(_swapped(asked)),
    }


def _answer(asked: dict[str, str], now: datetime) -> dict[str, Any]:
    """Raises: ApiError for what cannot be read."""
    query = ConvertPageQuery.checked(dict(asked))
    have, want, is_wanted = query["from"], query["to"], "receive" in query
    if have == want:
        raise ApiError("INVALID_PARAMETER", _("Choose two different currencies."), parameter="to")
    found = conversion(
        have,
        want,
        query["receive" if is_wanted else "amount"],
        is_wanted=is_wanted,
        discount=query.get("discount"),
        now=now,
    )
    if found is None:
        known = {KRW, *quotes.latest([have, want], KRW, now)}
        names = [currency_name(code, get_language() or "ko") for code in (have, want) if code not in known]
        return {"missing": names, "is_without_rate": True}
    return {"found": found, "is_wanted": is_wanted, **_told(found, is_wanted, now)}


def _told(found: Conversion, is_wanted: bool, now: datetime) -> dict[str, Any]:
    quotation = found.quotation
    cards = offer_cards(quotation, now.astimezone(SEOUL).date()) if quotation else []
    fee_rates = quotation.fee_rates if quotation else {}
    lines = source_lines([*fee_rates.values(), found.quote], now)
    computed = _computed(found.given, found.have) if is_wanted else _computed(found.received, found.want)
    asked = f"{found.received if is_wanted else found.given:,f}"
    return {
        "written": {"amount": computed, "receive": asked}
        if is_wanted
        else {"amount": asked, "receive": computed},
        "source": lines[found.quote.code],
        "fee_sources": {code: lines[code] for code in fee_rates if lines[code] != lines[found.quote.code]},
        "cards": [card for card in cards if not card.reason],
        "gap": gap(quotation) if quotation else None,
        "silent": [card for card in cards if card.reason],
    }


def _said(exc: ApiError) -> str:
    """What is wrong, for who stands before the field."""
    if exc.details["parameter"] in {"from", "to"}:
        return exc.message
    return f"{_('Accepted:')} {exc.details['expected']}"


def _without_rate(asked: dict[str, str], priced: list[str]) -> list[str]:
    """Codes to choose from of which we hold no rate: active ones, and any that the address names."""
    named = [asked[side].upper() for side in ("from", "to")]
    every = dict.fromkeys([*listing.active_in_order(), *filter(is_currency, named)])
    return [code for code in every if code not in {KRW, *priced}]


def _swapped(asked: dict[str, str]) -> dict[str, str]:
    """The same two amounts seen from the other side."""
    sides = {"amount": "receive", "receive": "amount"}
    turned = {sides[name]: value for name, value in asked.items() if name in sides}
    rest = {name: value for name, value in asked.items() if name == "discount"}
    return {"from": asked["to"], "to": asked["from"], **turned, **rest}


def _address(asked: dict[str, str]) -> str:
    order = ("from", "to", "amount", "receive", "discount")
    return f"{reverse('convert')}?{urlencode({name: asked[name] for name in order if name in asked})}"


def _grouped(written: str) -> str:
    """`1,000,000` for 1000000; what is no number stays what was written."""
    return f"{Decimal(written):,f}" if re.fullmatch(r"[0-9]{1,40}(\.[0-9]{1,40})?", written) else written


def _computed(amount: Decimal, code: str) -> str:
    """With the decimals of its money; below its smallest coin, four digits."""
    places = decimal_places(code)
    return number(amount, places) if amount >= Decimal(1).scaleb(-places) else rate(amount)
