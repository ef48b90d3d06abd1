"""Setting a rate by hand, for a while: the operators' word before every provider's.

What a rate in force does to prices is in `quotes`; here it is set, ended, and compared with what
providers publish.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.utils.translation import gettext as _

from config.cache import generation
from config.commit import committed
from config.events.outbox import record
from config.operators import audit
from config.templatetags.cldr import moment, number
from currency.catalog import KRW
from currency.models import LatestRate, RateOverride
from currency.quoted_unit import per_quoted_unit, quoted_unit
from currency.quotes import divide
from currency.rate_events import overridden
from currency.rate_override import LONGEST, State
from currency.signals import rate_overridden

#: Percent from what is published beyond which the form warns: no quiet day moves a rate as far.
FAR = Decimal(5)

User = AbstractBaseUser | AnonymousUser


class NoPublishedRate(Exception):
    """No provider has ever published a rate of this currency: there is nothing to stand in for."""


class SetMeanwhile(Exception):
    """Another rate is in force than the one the operator has seen, or one where there was none."""


class NotInForce(Exception):
    """It has expired or was ended already."""


@dataclass(frozen=True, slots=True)
class Published:
    """The newest rate of one provider beside one that is to be set: KRW for one unit, percent from it."""

    source: str
    name_ko: str
    name_en: str
    is_enabled: bool
    rate: Decimal
    as_of: datetime
    deviation: Decimal

    @property
    def is_far(self) -> bool:
        return abs(self.deviation) > FAR


def deviation(rate: Decimal, published: Decimal) -> Decimal:
    """How far `rate` is from what is published, percent with two decimals: positive is above."""
    return round(100 * divide(rate - published, published), 2)


def published_beside(code: str, rate: Decimal) -> list[Published]:
    """Every provider's newest rate of `code`, the most believed first. One query."""
    rows = LatestRate.objects.filter(currency_code=code, provider__isnull=False).select_related("provider")
    return [
        Published(
            source=row.source,
            name_ko=row.provider.name_ko,
            name_en=row.provider.name_en,
            is_enabled=row.provider.is_enabled,
            rate=row.deal_base_rate,
            as_of=row.recorded_at,
            deviation=deviation(rate, row.deal_base_rate),
        )
        for row in rows.order_by("provider__priority", "source")
        if row.provider is not None
    ]


def in_force(now: datetime) -> dict[str, RateOverride]:
    """{currency: the rate that operators have set, and that stands at `now`}. One query."""
    rows = RateOverride.objects.filter(place__isnull=False, expires_at__gt=now)
    return {row.currency_code: row for row in rows}


def state_of(override: RateOverride, now: datetime) -> State:
    if override.ended_at is not None:
        return "ended"
    return "in_force" if now < override.expires_at else "expired"


def put(
    *,
    code: str,
    rate: Decimal,
    why: str,
    expires_at: datetime,
    by: User,
    now: datetime,
    instead_of: int | None = None,
) -> RateOverride:
    """Have `code` cost `rate` (KRW for one unit) from `now` until `expires_at`, and note who says so.

    `instead_of` is the id of the one in force that this ends, None where there is none: of two
    operators at once the second is told.
    Raises: ValueError for KRW, a rate that is not positive, no reason, or an expiry that is not within
        a week; NoPublishedRate; SetMeanwhile.
    """
    if code == KRW or rate <= 0 or not why.strip() or not now < expires_at <= now + LONGEST:
        raise ValueError(f"{code} {rate} until {expires_at}: no rate that can be set")
    if not LatestRate.objects.filter(currency_code=code).exists():
        raise NoPublishedRate(code)

    def once() -> RateOverride:
        _make_room(code, instead_of, by=by, now=now)
        made = RateOverride.objects.create(
            currency_code=code,
            place=code,
            rate=rate,
            reason=why,
            set_at=now,
            set_by=by.get_username(),
            expires_at=expires_at,
        )
        what = _("Set {unit} {code} = {rate} won until {end}").format(
            unit=quoted_unit(code),
            code=code,
            rate=f"{per_quoted_unit(code, rate).normalize():f}",
            end=moment(expires_at),
        )
        _tell(made, what, why, by=by, now=now)
        return made

    return committed(once)


def end(override_id: int, *, why: str, by: User, now: datetime) -> RateOverride:
    """End a rate before it expires; what is published is told from now on.

    Raises: ValueError without a reason; NotInForce; RateOverride.DoesNotExist.
    """
    if not why.strip():
        raise ValueError("no reason")
    return committed(lambda: _end(RateOverride.objects.get(pk=override_id), why, by=by, now=now))


def _make_room(code: str, instead_of: int | None, *, by: User, now: datetime) -> None:
    """End the one in force, which has to be the one that was seen; an expired one gives its place away."""
    RateOverride.objects.filter(place=code, expires_at__lte=now).update(place=None)
    standing = RateOverride.objects.filter(place=code).first()
    if (standing.pk if standing else None) != instead_of:
        raise SetMeanwhile(code)
    if standing is not None:
        try:
            _end(standing, _("Another rate was set"), by=by, now=now)
        except NotInForce as exc:  # somebody else has ended it since it was read
            raise SetMeanwhile(code) from exc


def _end(override: RateOverride, why: str, *, by: User, now: datetime) -> RateOverride:
    ended = {"place": None, "ended_at": now, "ended_by": by.get_username(), "ended_why": why}
    standing = RateOverride.objects.filter(pk=override.pk, ended_at__isnull=True, expires_at__gt=now)
    if not standing.update(**ended):
        raise NotInForce(override.pk)
    for field, value in ended.items():
        setattr(override, field, value)
    _tell(override, _("Ended the rate set by hand"), why, by=by, now=now)
    return override


def _tell(override: RateOverride, what: str, why: str, *, by: User, now: datetime) -> None:
    audit.note(by=by, what=what, why=why, about=override)
    rate_overridden.send(RateOverride, override=override, now=now)
    record(overridden(override))
    transaction.on_commit(generation.move_on)


def told_rate(code: str, rate: Decimal) -> str:
    """`100 JPY = 946.25`: in the unit people speak of, every digit that says something."""
    shown = per_quoted_unit(code, rate).normalize()
    digits = -int(shown.as_tuple().exponent)
    return f"{quoted_unit(code)} {code} = {number(shown, max(2, digits))}"
