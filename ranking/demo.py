"""A week of selections that nobody made, for a demonstration: clearly synthetic, and taken out again exactly.

They go through the same store as real ones. Everything about them says what they are: the users are
called demo-user-0001 and on, the referrer is `demo`, and their ids carry a mark that no real one has
(ids are ours to give: nobody outside can make a selection that would be taken out with them). The same
day always gives the same selections, so that a second run adds what is missing and doubles nothing.
"""

import math
from collections.abc import Generator, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from currency import destinations
from currency.schedule import SEOUL
from ranking import exclusion, personal
from ranking.recalculation import recalculate
from ranking.selection import Submission
from ranking.stores import StoreUnavailable, store
from ranking.tally import reseal
from ranking.window import last_days, seoul_day

DAYS = 7
#: Visits of a day in the middle of the week; each chooses one to three countries.
VISITS = 165
REFERRER = "demo"

#: The document that tells which days hold demonstration data.
_DOCUMENT = "demonstration"
#: "demodemo" in the middle of an id, where real ones have 64 random bits.
_MARK = b"demodemo".hex()
_USERS = 600
#: They go when they are taken out, not when real ones would expire: their counts would stay behind.
_KEPT = timedelta(days=3650)
_ATTEMPTS = 10

#: Of a hundred travellers from Korea, roughly; drawn, not measured.
_POPULARITY = {
    "JP": 26.0, "VN": 13.0, "TH": 8.0, "US": 7.0, "TW": 7.0, "PH": 6.0, "CN": 5.0, "HK": 4.0, "SG": 4.0,
    "ID": 3.5, "FR": 3.0, "IT": 2.5, "AU": 2.5, "ES": 2.0, "GB": 2.0, "MO": 1.5, "MY": 1.5, "CH": 1.0,
    "CZ": 0.8, "TR": 0.8, "CA": 0.7, "NZ": 0.6, "DE": 0.6, "AE": 0.5, "PT": 0.5,
}  # fmt: skip
#: How busy each hour in Seoul is: lunch, and the evening at home.
_RHYTHM = (5, 3, 2, 1, 1, 1, 2, 4, 7, 8, 9, 10, 14, 12, 9, 8, 8, 9, 11, 13, 16, 18, 16, 11)
#: From Monday on: the week-end is for planning.
_WEEK = (0.95, 0.9, 0.95, 1.0, 1.05, 1.25, 1.3)


def is_seeded() -> bool:
    """Whether rankings hold demonstration data. One read of the store. Raises: StoreUnavailable."""
    return bool(_days())


def is_ours(selection_id: str) -> bool:
    """Whether a selection is one of the demonstration's."""
    return selection_id[12:28] == _MARK


def made_up(day: date, *, visits: int = VISITS) -> list[Submission]:
    """What a Seoul day holds, in the order of time; always the same for the same day.

    Countries that are no destinations at present are left out of it.
    """
    dice = Random(f"demonstration {day}")  # noqa: S311 - nothing here is a secret
    among = destinations.active()
    weights = [weight * _fashion(country, day) for country, weight in _POPULARITY.items()]
    submissions = []
    for number in range(round(visits * _WEEK[day.weekday()] * dice.uniform(0.93, 1.07))):
        [hour] = dice.choices(range(24), _RHYTHM)
        moment = datetime.combine(day, time(hour), SEOUL) + timedelta(milliseconds=dice.randrange(3_600_000))
        user = f"demo-user-{dice.randrange(1, _USERS + 1):04d}"
        wanted = dict.fromkeys(dice.choices(list(_POPULARITY), weights, k=dice.choice((1, 1, 2, 2, 3))))
        countries = [country for country in wanted if country in among]
        if countries:
            submissions.append(_submission(day, moment.astimezone(UTC), number, user, countries))
    return sorted(submissions, key=lambda one: one.selected_at)


def missing(*, now: datetime, visits: int = VISITS) -> list[Submission]:
    """What the last seven Seoul days up to `now` should hold and do not yet. Raises: StoreUnavailable."""
    wanted = []
    for day in last_days(DAYS, seoul_day(now)).days():
        there = {one.selection_id for one in store().selections(day) if is_ours(one.selection_id)}
        for submission in made_up(day, visits=visits):
            if submission.selected_at <= now and submission.choices[0][0] not in there:
                wanted.append(submission)
    return wanted


def seed(submissions: Iterable[Submission], *, now: datetime) -> Generator[int, None, None]:
    """Store and count them; yields how many selections each added. The rankings are new at the end.

    Can be stopped anywhere and begun again with what is `missing` then. Raises: StoreUnavailable.
    """
    several = list(submissions)
    # Those of a run that was stopped as well: it may have ended before its days were settled.
    days = {one.day for one in several} | _days()
    # First: whatever becomes of this run, it is known that there is something to take out.
    _remember(days)
    for submission in several:
        yield len(store().add(submission).selection_ids)
    _settle(days, now)


def remove(*, now: datetime) -> Iterator[int]:
    """Take all of it out again, with its counts and visitors; yields how many selections each day had.

    Safe to repeat, and to go on with after it was stopped. Raises: StoreUnavailable.
    """
    days = _days()
    for day in sorted(days):
        yield store().remove(day, is_ours)
    if days:
        _settle(days, now)
        _remember(set())


def _fashion(country: str, day: date) -> float:
    """Destinations come and go a little from day to day, so that places move."""
    phase = sum(map(ord, country))
    return 1 + 0.35 * math.sin(day.toordinal() * 0.9 + phase)


def _submission(day: date, moment: datetime, number: int, user: str, countries: list[str]) -> Submission:
    begun = f"{int(moment.timestamp() * 1000):012x}{_MARK}"
    return Submission(
        choices=tuple(
            (f"{begun}{4 * number + place:04x}", country) for place, country in enumerate(countries)
        ),
        selected_at=moment,
        day=day,
        # Of a kind of its own: somebody real who calls himself demo-user-0001 is somebody else.
        visitor=personal.hashed("visitor", REFERRER, user, day=day),
        address=personal.hashed("address", REFERRER, day=day),
        agent=personal.hashed("agent", REFERRER, day=day),
        user=personal.encrypt(user),
        session="",
        key_id=personal.key_id(),
        referrer=REFERRER,
        idempotency=None,
        fingerprint="",
        expires_at=moment + _KEPT,
        is_made_up=True,
    )


def _settle(days: Iterable[date], now: datetime) -> None:
    """Past days are sealed again, exclusions of these days counted again, and the rankings made."""
    for day in sorted(days):
        reseal(store(), day)
    if first := min(days, default=None):
        exclusion.recount(since=first, now=now)
    recalculate(now=now)


def _days() -> set[date]:
    document = store().documents([_DOCUMENT]).get(_DOCUMENT)
    return {date.fromisoformat(day) for day in document.body["days"]} if document else set()


def _remember(days: set[date]) -> None:
    body = {"days": sorted(day.isoformat() for day in days)}
    for _ in range(_ATTEMPTS):
        document = store().documents([_DOCUMENT]).get(_DOCUMENT)
        if document is not None and document.body == body:
            return
        if store().write(_DOCUMENT, body, expected=document.version if document else 0):
            return
    raise StoreUnavailable(f"{_DOCUMENT}: overtaken {_ATTEMPTS} times")
