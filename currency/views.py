"""GET /currencies, /currencies/latest, /currencies/{code}, /currencies/convert."""

from decimal import Context
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config.api.endpoint import ReadEndpoint
from config.api.errors import ApiError
from currency import catalog, listing, quotes, serializers
from currency.catalog import KRW
from currency.parameters import refuse_old
from currency.quotes import ONE, Quote
from currency.schedule import SEOUL

#: Fifteen digits are what a binary float surely holds.
_CENTS = Context(prec=15)


class Currencies(ReadEndpoint):
    """통화 목록 · Every active currency: name, symbol, where one pays with it, since when we know it."""

    answer_schema = serializers.CurrencyList
    max_age = 3600

    def answer(self, query: dict[str, Any], language: str) -> Any:
        return {"currencies": listing.currencies(language)}


class Latest(ReadEndpoint):
    """최신 환율 · The newest rates: the price of one unit of each currency in `base`."""

    query = serializers.LatestQuery
    answer_schema = serializers.Latest
    error_codes = ("INVALID_CURRENCY_CODE", "STALE_DATA")

    def answer(self, query: dict[str, Any], language: str) -> Any:
        base = query["base"]
        asked = query.get("symbols")
        codes = asked or [code for code in quotes.active_codes() if code != base]
        found = quotes.latest(codes, base, timezone.now())
        refuse_old({code: quote.freshness for code, quote in found.items()}, query)
        rates = {code: found[code].rate for code in codes if code in found}
        if base in codes:
            rates[base] = ONE
        newest = max((quote.as_of for quote in found.values()), default=None)
        data: dict[str, Any] = {
            "base": base,
            "timestamp": int(newest.timestamp()) if newest else None,
            # Told anew by the tier that repeats this answer: see config.api.answers.
            "source": "database",
            "cache_hit": False,
            "stale": any(quote.stale for quote in found.values()),
            "rates": rates,
        }
        if missing := [code for code in codes if code not in rates]:
            data["missing"] = missing
        if query["details"]:
            data["details"] = {code: _detail(quote) for code, quote in found.items()}
        return data


def _detail(quote: Quote) -> dict[str, Any]:
    return {
        "provider": quote.source,
        "as_of": quote.as_of,
        "stale": quote.stale,
        "tts": quote.tts,
        "ttb": quote.ttb,
        "freshness": quote.freshness.told(),
        **overridden(quote),
    }


class CurrencyNow(ReadEndpoint):
    """통화 하나 · One currency: what it costs now, and how that compares with the trading day before."""

    query = serializers.CurrencyQuery
    answer_schema = serializers.CurrencyNow
    error_codes = ("INVALID_CURRENCY_CODE", "NOT_FOUND", "STALE_DATA")

    def answer(self, query: dict[str, Any], language: str) -> Any:
        code = query["code"]
        home = catalog.home_of(code)
        named = {
            "currency_code": code,
            "currency_name": catalog.currency_name(code, language),
            "country_code": home,
            "country_name": catalog.country_name(home, language) if home else None,
            "symbol": catalog.symbol(code, language),
        }
        if code == KRW:
            return {**named, "current_rate": ONE, "tts": None, "ttb": None, "last_updated": None} | {
                "source": None,
                "stale": False,
                "change": 0,
                "change_percent": 0,
                "freshness": None,
            }
        quote = quotes.latest([code], KRW, timezone.now()).get(code)
        if quote is None:
            raise no_rate(code, "code")
        refuse_old({code: quote.freshness}, query)
        before = quotes.previous_close(quote)
        return {
            **named,
            "current_rate": quote.rate,
            "tts": quote.tts,
            "ttb": quote.ttb,
            "last_updated": quote.as_of,
            "source": quote.source,
            "stale": quote.stale,
            "change": quote.rate - before if before else None,
            "change_percent": round(100 * quotes.divide(quote.rate - before, before), 4) if before else None,
            "freshness": quote.freshness.told(),
            **overridden(quote),
        }


class Convert(ReadEndpoint):
    """환산 · An amount of one money in another, now or at the close of a day."""

    query = serializers.ConvertQuery
    answer_schema = serializers.Conversion
    error_codes = ("INVALID_CURRENCY_CODE", "NOT_FOUND", "STALE_DATA")

    def answer(self, query: dict[str, Any], language: str) -> Any:
        have, want, amount = query["from"], query["to"], query["amount"]
        now = timezone.now()
        day = query.get("date")
        if day is not None and day > now.astimezone(SEOUL).date():
            raise ApiError(
                "INVALID_PARAMETER",
                _("{date} is still to come: expected today (Seoul) or earlier.").format(date=day),
                parameter="date",
                provided=str(day),
                expected=_("a date up to today (Seoul)"),
            )
        asked = {"from": have, "to": want, "amount": float(amount)}
        if have == want:
            return asked | {
                "rate": ONE,
                "result": float(amount),
                "as_of": now,
                "stale": False,
                "source": "",
                "requested_date": day,
                "date": day or now.astimezone(SEOUL).date(),
                "carried": False,
                "freshness": None,
            }
        # The price of one `have` in `want`.
        quote = quotes.close_on(have, want, day, now) if day else quotes.latest([have], want, now).get(have)
        if quote is None:
            raise no_rate(have if have != KRW else want, "from" if have != KRW else "to")
        refuse_old({have if have != KRW else want: quote.freshness}, query)
        # Money, not rates: every digit that was sent, and cents even of billions.
        return asked | {
            "rate": quote.rate,
            "result": float(_CENTS.plus(amount * quote.rate)),
            "as_of": quote.as_of,
            "stale": quote.stale,
            "source": quote.source,
            "requested_date": day,
            "date": quote.rate_date,
            "carried": quote.freshness.state != "fresh",
            "freshness": quote.freshness.told(),
            **overridden(quote),
        }


def overridden(quote: Quote) -> dict[str, Any]:
    """`override`, where operators have set a rate in it."""
    return {"override": quote.override.told()} if quote.override else {}


def no_rate(code: str, parameter: str) -> ApiError:
    return ApiError(
        "NOT_FOUND",
        _("No provider has published a rate for {code} that we hold.").format(code=code),
        parameter=parameter,
        provided=code,
        expected=_("a currency with coverage in /api/v1/currencies"),
    )
