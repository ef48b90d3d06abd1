"""The public record in the reader's language: a notice's facts as sentences, days and figures by CLDR."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from config.templatetags.cldr import day, moment, number, rate
from currency import catalog
from currency.quoted_unit import per_quoted_unit, quoted_unit
from ingestor import registry
from ingestor.notice import Kind, Notice

#: Currencies named in a sentence; of more there is the count.
_NAMED = 8

State = Literal["open", "over", "corrected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice as somebody reads it. Instants are UTC; `details` are lines under the sentence."""

    pk: int
    public_id: str
    kind: str
    state: State
    title: str
    sentence: str
    details: tuple[str, ...]
    started_at: datetime
    ended_at: datetime | None
    updated_at: datetime

    @property
    def text(self) -> str:
        """All of it without its title, a line a paragraph."""
        return "\n".join((self.sentence, *self.details))


def told(notice: Notice, *, now: datetime) -> Told:
    """The notice in the language in force."""
    title, sentence, details = _WORDS[Kind(notice.kind)](notice, now)
    return Told(
        pk=notice.pk,
        public_id=f"urn:uuid:{notice.public_id}",
        kind=notice.kind,
        state=_state(notice, now),
        title=title,
        sentence=sentence,
        details=details,
        started_at=notice.started_at,
        ended_at=notice.ended_at,
        updated_at=notice.updated_at,
    )


def source_name(key: str) -> str:
    """Who that is, in the language in force; the key itself where its data file is gone."""
    source = registry.sources().get(key)
    if source is None:
        return key
    return source.name_ko if get_language() == "ko" else source.name_en


def _state(notice: Notice, now: datetime) -> State:
    if notice.kind in {Kind.CORRECTION, Kind.PRICE_CORRECTION}:
        return "corrected"
    if notice.kind == Kind.OVERRIDE and datetime.fromisoformat(notice.facts["until"]) <= now:
        return "over"  # it expires by itself, and nobody is there to say so
    return "open" if notice.ended_at is None or notice.ended_at > now else "over"


_Words = tuple[str, str, tuple[str, ...]]
_Facts = Mapping[str, Any]


def _day(told: str) -> str:
    return day(date.fromisoformat(told))


def _currency(code: str) -> str:
    return f"{catalog.currency_name(code, get_language() or 'ko')} ({code})"


def _currencies(codes: Iterable[str]) -> str:
    every = [_currency(code) for code in codes]
    named = ", ".join(every[:_NAMED])
    if len(every) <= _NAMED:
        return named
    return _("{named} and {count} more").format(named=named, count=len(every) - _NAMED)


def _both(old: Decimal, new: Decimal) -> tuple[str, str]:
    """Two figures with the decimals that people read, or as many as it takes to tell them apart."""
    first, second = rate(old), rate(new)
    decimals = 2
    while first == second and decimals < 10:
        decimals += 1
        first, second = number(old, decimals), number(new, decimals)
    return first, second


# --- corrections ----------------------------------------------------------------------------------


def _change(value: _Facts) -> str:
    """`1,336.10 → 1,336.70 won`, of 100 units where people speak of 100."""
    code = value["currency"]
    old, new = _both(*(per_quoted_unit(code, Decimal(value[name])) for name in ("old", "new")))
    unit = quoted_unit(code)
    per = f"{unit} {code}" if unit != 1 else code
    figure = {"tts": _("telegraphic selling rate"), "ttb": _("telegraphic buying rate")}.get(value["figure"])
    what = f"{per}, {figure}" if figure else per
    return _("{what}: {old} → {new} won").format(what=what, old=old, new=new)


def _correction(notice: Notice, now: datetime) -> _Words:
    facts, source = notice.facts, source_name(notice.source)
    values = facts["values"]
    if facts["count"] == 1:
        [value] = values
        title = _("{source} corrected {currency} of {day}").format(
            source=source, currency=_currency(value["currency"]), day=_day(value["day"])
        )
        return title, _change(value), ()
    title = ngettext(
        "{source} corrected {count} rate", "{source} corrected {count} rates", facts["count"]
    ).format(source=source, count=number(facts["count"]))
    lines = tuple(
        _("{day} · {change}").format(day=_day(value["day"]), change=_change(value)) for value in values
    )
    return title, _span(facts), _with_rest(lines, facts["count"])


def _price_correction(notice: Notice, now: datetime) -> _Words:
    facts = notice.facts
    title = ngettext(
        "{source}: {count} price corrected", "{source}: {count} prices corrected", facts["count"]
    ).format(source=source_name(notice.source), count=number(facts["count"]))
    lines = []
    for value in facts["values"]:
        old, new = _both(Decimal(value["old"]), Decimal(value["new"]))
        country = catalog.country_name(value["country"], get_language() or "ko")
        change = f"{country}: {old} → {new} {value['currency']}"
        lines.append(_("{day} · {change}").format(day=_day(value["day"]), change=change))
    return title, _span(facts), _with_rest(tuple(lines), facts["count"])


def _span(facts: _Facts) -> str:
    if facts["first"] == facts["last"]:
        return _("Figures of {day}. Earlier figures stay readable.").format(day=_day(facts["first"]))
    return _("Figures from {first} to {last}. Earlier figures stay readable.").format(
        first=_day(facts["first"]), last=_day(facts["last"])
    )


def _with_rest(lines: tuple[str, ...], count: int) -> tuple[str, ...]:
    rest = count - len(lines)
    return (*lines, _("… and {count} more").format(count=number(rest))) if rest > 0 else lines


# --- incidents ------------------------------------------------------------------------------------


def _held(notice: Notice, now: datetime) -> _Words:
    values: Mapping[str, str] = notice.facts["values"]
    title = ngettext(
        "{source}, {day}: {count} value held back",
        "{source}, {day}: {count} values held back",
        len(values),
    ).format(source=source_name(notice.source), day=_day(notice.facts["day"]), count=number(len(values)))
    sentences = {
        "waiting": _(
            "Out of line with the figures around, so not shown until somebody has checked: {currencies}."
        ),
        "released": _("Checked and published late: {currencies}."),
        "arrived": _("Replaced by the source with another figure: {currencies}."),
        "dropped": _("Wrong, so there is no figure of that day: {currencies}."),
    }
    lines = [
        sentence.format(currencies=_currencies(codes))
        for state, sentence in sentences.items()
        if (codes := [code for code, became in values.items() if became == state])
    ]
    return title, lines[0], tuple(lines[1:])


def _outage(notice: Notice, now: datetime) -> _Words:
    facts, source = notice.facts, source_name(notice.source)
    title = _("{source}: the rates of {day} did not arrive").format(source=source, day=_day(facts["missed"]))
    sentence = _("They were due by {due} (Seoul). The newest we had were those of {newest}.").format(
        due=moment(datetime.fromisoformat(facts["due_at"])), newest=_day(facts["newest"])
    )
    if notice.ended_at is None:
        return title, sentence, ()
    ends = {
        "data": _("Its rates have been coming again since {ended} (Seoul)."),
        "unasked": _("This source has not been asked since {ended} (Seoul)."),
    }
    return title, sentence, (ends[facts["end"]].format(ended=moment(notice.ended_at)),)


def _override(notice: Notice, now: datetime) -> _Words:
    facts = notice.facts
    code = facts["currency"]
    unit = quoted_unit(code)
    title = _("{currency}: set by hand").format(currency=_currency(code))
    sentence = _("{unit} {code} = {rate} won, until {until} (Seoul) at the latest.").format(
        unit=unit,
        code=code,
        rate=rate(per_quoted_unit(code, Decimal(facts["rate"]))),
        until=moment(datetime.fromisoformat(facts["until"])),
    )
    if notice.ended_at is None or notice.ended_at > now:
        return title, sentence, ()
    return title, sentence, (_("Withdrawn on {ended} (Seoul).").format(ended=moment(notice.ended_at)),)


_WORDS = {
    Kind.CORRECTION: _correction,
    Kind.PRICE_CORRECTION: _price_correction,
    Kind.HELD: _held,
    Kind.OUTAGE: _outage,
    Kind.OVERRIDE: _override,
}
