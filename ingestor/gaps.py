"""Which days of a year are here, closed, or missing, and the picture of it. Pure but for one reading."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from currency.models import LatestRate
from currency.schedule import publishes_on
from history.models import DailyRate

#: `held`: there is an observation. `closed`: by the calendar there is none to have. `before`: older than
#: what the provider publishes at all. `earlier`: older than the oldest observation here, never filled in.
#: `ahead`: not due yet.
State = Literal["held", "closed", "missing", "before", "earlier", "ahead"]
STATES: tuple[State, ...] = ("held", "missing", "closed", "earlier", "before", "ahead")

_CELL, _GAP = 13, 3
_STEP = _CELL + _GAP
_LEFT, _TOP = 22, 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What can be expected of one provider and currency. Days are rate dates in the provider's zone.

    `starts`: the provider's first day, None for one without a past; `oldest`: the oldest observation here;
    `expected`: the newest day that ought to be here.
    """

    calendar: str
    starts: date | None
    oldest: date | None
    expected: date


@dataclass(frozen=True, slots=True)
class Gap:
    """Missing days without a held one between them; `days` are those the calendar expects."""

    first: date
    last: date
    days: int


def states(year: int, held: Collection[date], coverage: Coverage) -> dict[date, State]:
    """The state of every day of a year, in order."""
    return {day: _state(day, held, coverage) for day in _days(year)}


def _days(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=ahead) for ahead in range((date(year + 1, 1, 1) - first).days)]


def _state(day: date, held: Collection[date], coverage: Coverage) -> State:
    if day in held:
        return "held"  # whatever the calendar says
    if coverage.starts is None or day < coverage.starts:
        return "before"
    if day > coverage.expected:
        return "ahead"
    if not publishes_on(coverage.calendar, day):
        return "closed"
    return "earlier" if coverage.oldest is None or day < coverage.oldest else "missing"


def gaps(told: dict[date, State]) -> list[Gap]:
    """Runs of missing days, oldest first; closed days lie in them, not at their ends."""
    found: list[Gap] = []
    is_open = False
    for day, state in told.items():
        if state == "missing":
            if is_open:
                found[-1] = Gap(found[-1].first, day, found[-1].days + 1)
            else:
                found.append(Gap(day, day, 1))
            is_open = True
        elif state != "closed":
            is_open = False
    return found


def drawn(
    told: dict[date, State],
    *,
    label: str,
    months: Sequence[str],
    weekdays: Sequence[str],
    leads_to: Callable[[Gap], str],
    in_words: Callable[[Gap], str],
) -> SafeString:
    """The year as columns of weeks, Monday on top. A gap is one link to `leads_to`, read as `in_words`.

    `months`: twelve short names, `weekdays`: seven.
    """
    first = next(iter(told))
    place = {day: _place(day, first) for day in told}
    linked = {day: gap for gap in gaps(told) for day in told if gap.first <= day <= gap.last}
    plain = format_html_join(
        "", "{}", ((_cell(day, state, place[day]),) for day, state in told.items() if day not in linked)
    )
    links = format_html_join(
        "",
        '<a href="{}" aria-label="{}">{}</a>',
        (
            (
                leads_to(gap),
                in_words(gap),
                format_html_join(
                    "",
                    "{}",
                    ((_cell(day, told[day], place[day]),) for day in told if gap.first <= day <= gap.last),
                ),
            )
            for gap in gaps(told)
        ),
    )
    names = format_html_join(
        "",
        '<text x="{}" y="11">{}</text>',
        (
            (place[date(first.year, number + 1, 1)][0] + (0 if number == 0 else _STEP // 2), name)
            for number, name in enumerate(months)
        ),
    )
    sides = format_html_join(
        "", '<text x="0" y="{}">{}</text>', ((_TOP + row * _STEP + 10, weekdays[row]) for row in (0, 2, 4))
    )
    return format_html(
        '<svg class="gaps" viewBox="0 0 {} {}" role="group" aria-label="{}">{}{}{}{}</svg>',
        _LEFT + 54 * _STEP,
        _TOP + 7 * _STEP,
        label,
        names,
        sides,
        plain,
        links,
    )


def _place(day: date, first: date) -> tuple[int, int]:
    week = ((day - first).days + first.weekday()) // 7
    return _LEFT + week * _STEP, _TOP + day.weekday() * _STEP


def _cell(day: date, state: State, place: tuple[int, int]) -> SafeString:
    return format_html(
        '<rect class="gap-{}" x="{}" y="{}" width="{}" height="{}" rx="2"><title>{}</title></rect>',
        state,
        *place,
        _CELL,
        _CELL,
        day.isoformat(),
    )


# --- reading -------------------------------------------------------------------------------------


def held_days(code: str, year: int, sources: Sequence[str]) -> dict[str, set[date]]:
    """{provider: the days of the year with a bar of this currency}. One query, by the index's columns."""
    rows = DailyRate.objects.filter(
        currency_code=code, source__in=sources, rate_date__range=(date(year, 1, 1), date(year, 12, 31))
    )
    found: dict[str, set[date]] = {source: set() for source in sources}
    for source, day in rows.values_list("source", "rate_date"):
        found[source].add(day)
    return found


def oldest_days(code: str) -> dict[str, date]:
    """{provider: the oldest day here of this currency}. One query."""
    return dict(LatestRate.objects.filter(currency_code=code).values_list("source", "first_date"))
