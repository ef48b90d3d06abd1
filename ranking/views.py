"""POST /rankings/selections, /update, /calculate; GET /rankings, /rankings/stats/{country}."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from config.api.endpoint import ReadEndpoint, WriteEndpoint
from config.api.errors import ApiError, plain_message
from config.api.query import refusal
from config.operators import session
from currency import catalog
from currency.schedule import SEOUL
from ranking import results, serializers
from ranking.announcing import request_calculation
from ranking.recording import Choice, InvalidSelection, record
from ranking.selection import Receipt
from ranking.statistics import country_statistics
from ranking.stores import KeyReused, StoreUnavailable, store

#: Seconds for which a browser may show what it has: a selection is visible within ten.
_LIFE = 5


class _Selecting(WriteEndpoint):
    """What the two endpoints that record selections have in common."""

    is_idempotent = True
    error_codes = ("INVALID_COUNTRY_CODE",)
    #: The field of the body that names countries.
    naming: ClassVar[str]

    def record(
        self,
        request: Request,
        countries: list[str],
        *,
        user_id: str | None,
        session_id: str | None = None,
        referrer: str | None = None,
    ) -> Receipt:
        # Each country is a selection; the request itself has been counted as one.
        if more := len(countries) - 1:
            request.META["gate.charge"](more)
        choice = Choice(
            countries=tuple(countries),
            user_id=user_id,
            session_id=session_id,
            referrer=referrer or "",
            address=request.META.get("gate.address", ""),
            agent=request.headers.get("User-Agent", ""),
            idempotency_key=request.headers.get("Idempotency-Key"),
        )
        try:
            return record(choice, now=timezone.now())
        except InvalidSelection as exc:
            name = self.naming if exc.code == "INVALID_COUNTRY_CODE" else exc.parameter
            raise refusal(name, exc.provided or None, exc.expected, code=exc.code) from exc
        except KeyReused as exc:
            raise ApiError(
                "INVALID_PARAMETER",
                _("This Idempotency-Key has been used for another request: send a new one."),
                parameter="Idempotency-Key",
                provided=choice.idempotency_key,
                expected=_("a new key for another request"),
            ) from exc
        except StoreUnavailable as exc:
            raise _unavailable() from exc


class Selections(_Selecting):
    """선택 기록 · A traveller chose a country. Counted once under an Idempotency-Key."""

    body = serializers.SelectionBody
    naming = "country_code"
    answer_schema = serializers.Recorded
    success_status = 201

    def perform(self, request: Request, query: dict[str, Any], body: dict[str, Any]) -> Any:
        receipt = self.record(
            request,
            [body["country_code"]],
            user_id=body["user_id"],
            session_id=body.get("session_id"),
            referrer=body.get("referrer"),
        )
        return {"selection_id": receipt.selection_ids[0], "message": _("The selection is recorded.")}


class Update(_Selecting):
    """여러 나라 선택 기록 · One selection for each country that a page shows."""

    body = serializers.UpdateBody
    naming = "countries"
    answer_schema = serializers.Updated

    def perform(self, request: Request, query: dict[str, Any], body: dict[str, Any]) -> Any:
        countries = list(dict.fromkeys(body["countries"]))
        self.record(request, countries, user_id=body.get("user_id"))
        # Told back as it was sent, where it means anything; a selection counts for every period.
        period = body.get("period")
        return {
            "updated_countries": countries,
            "count": len(countries),
            "period": period if isinstance(period, str) and period else "daily",
            "source": store().name,
        }


class Rankings(ReadEndpoint):
    """여행지 순위 · Where travellers want to go: today, the last 7 or the last 30 days in Seoul."""

    query = serializers.RankingQuery
    answer_schema = serializers.Ranking
    error_codes = ("INVALID_PERIOD",)

    def life(self) -> int:
        return _life()

    def answer(self, query: dict[str, Any], language: str) -> Any:
        try:
            snapshot = results.ranking(query["period"], now=timezone.now())
        except StoreUnavailable as exc:
            raise _unavailable() from exc
        limit, offset = query["limit"], query["offset"]
        places = snapshot["ranking"]
        return {
            "period": query["period"],
            "total_selections": snapshot["totals"]["score"],
            "last_updated": snapshot["calculated_at"],
            "window": snapshot["window"],
            "method": snapshot["method"],
            "totals": snapshot["totals"],
            "ranking": [_place(place, language) for place in places[offset : offset + limit]],
            "pagination": {
                "current_page": offset // limit + 1,
                "total_pages": -(-len(places) // limit),
                "total_items": len(places),
                "items_per_page": limit,
                "has_next": offset + limit < len(places),
                "has_previous": offset > 0,
            },
        }


class CountryStatistics(ReadEndpoint):
    """나라별 통계 · One country day by day: selections, rank, peak, growth."""

    query = serializers.StatisticsQuery
    answer_schema = serializers.CountryStatistics
    error_codes = ("INVALID_COUNTRY_CODE", "INVALID_PERIOD")

    def life(self) -> int:
        return _life()

    def answer(self, query: dict[str, Any], language: str) -> Any:
        country, period = query["country"], query["period"]
        try:
            told = country_statistics(country, serializers.SPANS[period], now=timezone.now())
        except StoreUnavailable as exc:
            raise _unavailable() from exc
        statistics = asdict(told)
        return {
            "country_code": country,
            "country_name": catalog.country_name(country, language),
            "period": period,
            "daily_breakdown": statistics.pop("breakdown"),
            "statistics": statistics,
        }


class Calculate(WriteEndpoint):
    """순위 다시 계산 · Operators: have a ranking computed now."""

    query = serializers.PeriodQuery
    answer_schema = serializers.Calculation
    success_status = 202
    error_codes = (
        "INVALID_PERIOD",
        "AUTHENTICATION_REQUIRED",
        "PERMISSION_DENIED",
        "EXTERNAL_API_ERROR",
    )
    #: A staff session counts as well as a key; DRF asks it for its CSRF token.
    authentication_classes = (SessionAuthentication,)

    def perform_authentication(self, request: Request) -> None:
        """An operator's key or, where there is no key, a staff member's session."""
        holder = request.META.get("gate.holder")
        if holder is None and request.user is None:
            raise ApiError("AUTHENTICATION_REQUIRED", plain_message("AUTHENTICATION_REQUIRED"))
        if holder is not None:
            may = holder.may_operate
        else:
            may = request.user.is_staff and session.is_good(request._request)
        if not may:
            raise ApiError("PERMISSION_DENIED", plain_message("PERMISSION_DENIED"))

    def perform(self, request: Request, query: dict[str, Any], body: dict[str, Any]) -> Any:
        from config.celery import QueueUnavailable  # half a second of imports that readers do without

        period = query["period"]
        try:
            calculation_id = request_calculation(period)
        except QueueUnavailable as exc:
            message = _("The calculation could not be queued. Try again in a minute.")
            raise ApiError("EXTERNAL_API_ERROR", message) from exc
        except StoreUnavailable as exc:
            raise _unavailable() from exc
        return {
            "calculation_id": calculation_id,
            "period": period,
            "message": _("The calculation is under way."),
        }


def _life() -> int:
    """Seconds, and never beyond midnight in Seoul, when the windows move."""
    now = timezone.now().astimezone(SEOUL)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return min(_LIFE, int((midnight - now).total_seconds()))


def _unavailable() -> ApiError:
    return ApiError("DATABASE_UNAVAILABLE", plain_message("DATABASE_UNAVAILABLE"))


def _place(place: dict[str, Any], language: str) -> dict[str, Any]:
    return {
        "rank": place["rank"],
        "country_code": place["country_code"],
        "country_name": catalog.country_name(place["country_code"], language),
        "score": place["score"],
        "selection_count": place["score"],
        "percentage": place["percentage"],
        "change": place["change"],
        "change_value": place["change_value"],
        "previous_rank": place["previous_rank"],
    }
