"""The page of gaps: a year of one currency, provider by provider, and where a click fills it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from babel import Locale
from babel.dates import get_day_names, get_month_names
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from config.templatetags.cldr import day as told_day
from currency.catalog import KRW
from currency.models import Currency, Provider
from currency.schedule import expected_date
from ingestor import gaps
from ingestor.backfill_admin import address

_EARLIEST = 1960


@dataclass(frozen=True, slots=True)
class Row:
    """One provider's year, ready to be shown."""

    key: str
    name: str
    picture: str
    gaps: list[tuple[gaps.Gap, str]]
    held: int
    missing: int
    whole_year: str


def page(request: HttpRequest) -> HttpResponse:
    """`?currency=USD&year=2026&provider=ecb`; what is left out or unknown is the first there is.

    Four queries. Raises: PermissionDenied.
    """
    if not request.user.has_perm("ingestor.view_collectionlog"):
        raise PermissionDenied
    now = datetime.now(UTC)
    codes = list(Currency.objects.exclude(code=KRW).values_list("code", flat=True))
    code = request.GET.get("currency", "")
    if code not in codes:
        code = codes[0] if codes else "USD"
    year = _year(request.GET.get("year", ""), now)
    providers = list(Provider.objects.all())
    wanted = [one for one in providers if one.key == request.GET.get("provider")] or providers
    oldest = gaps.oldest_days(code)
    keys = [one.key for one in wanted if one.key in oldest]
    held = gaps.held_days(code, year, keys)
    rows = [_row(one, code, year, held[one.key], oldest[one.key], now) for one in wanted if one.key in keys]
    told = {
        **admin.site.each_context(request),
        "title": _("Gaps"),
        "rows": rows,
        "silent": [one.key for one in wanted if one.key not in oldest],
        "code": code,
        "codes": codes,
        "year": year,
        "years": range(now.year, _first_year(providers) - 1, -1),
        "provider": wanted[0].key if len(wanted) == 1 else "",
        "providers": providers,
        "legend": gaps.STATES,
    }
    return TemplateResponse(request, "ingestor/gaps.html", told)


def _year(text: str, now: datetime) -> int:
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else now.year
    return year if _EARLIEST <= year <= now.year else now.year


def _first_year(providers: list[Provider]) -> int:
    return min((one.coverage_start.year for one in providers if one.coverage_start), default=_EARLIEST)


def _row(one: Provider, code: str, year: int, held: set[date], oldest: date, now: datetime) -> Row:
    coverage = gaps.Coverage(
        calendar=one.calendar,
        starts=one.coverage_start or oldest,
        oldest=oldest,
        expected=expected_date(one, now),
    )
    told = gaps.states(year, held, coverage)
    name = one.name_ko if get_language() == "ko" else one.name_en
    locale = Locale.parse(get_language() or "ko")
    lead: Any = partial(_leads_to, one.key)
    found = gaps.gaps(told)
    return Row(
        key=one.key,
        name=name,
        picture=gaps.drawn(
            told,
            label=_("%(provider)s, %(code)s, %(year)s") % {"provider": name, "code": code, "year": year},
            months=[get_month_names("abbreviated", locale=locale)[number] for number in range(1, 13)],
            weekdays=[get_day_names("narrow", locale=locale)[number] for number in range(7)],
            leads_to=lead,
            in_words=_in_words,
        ),
        gaps=[(gap, lead(gap)) for gap in found],
        held=sum(state == "held" for state in told.values()),
        missing=sum(gap.days for gap in found),
        whole_year=_rest_of(one, told),
    )


def _leads_to(key: str, gap: gaps.Gap) -> str:
    return address(key, gap.first, gap.last)


def _rest_of(one: Provider, told: dict[date, gaps.State]) -> str:
    """The form for what is older than the oldest day here; empty where there is no such thing."""
    days = [day for day, state in told.items() if state == "earlier"]
    return address(one.key, days[0], days[-1]) if days and one.coverage_start else ""


def _in_words(gap: gaps.Gap) -> str:
    days = ngettext("%(count)d day missing", "%(count)d days missing", gap.days) % {"count": gap.days}
    if gap.first == gap.last:
        return _("%(day)s: %(days)s. Backfill.") % {"day": told_day(gap.first), "days": days}
    span = {"first": told_day(gap.first), "last": told_day(gap.last), "days": days}
    return _("%(first)s to %(last)s: %(days)s. Backfill.") % span
