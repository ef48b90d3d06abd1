"""Finding countries and currencies by what somebody has typed so far, in Korean or English.

A text is found by its beginning, by its first consonants (초성: ㅇㅂ is 일본), by a syllable that is still
being typed (택 on the way to 태국), or by any part of it. Pure: names and order come in as plain data.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from currency import catalog

#: The first consonants of syllables, in the order of Unicode, as they are typed one by one.
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_MEDIALS = "ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ".split()  # noqa: SIM905
_FINALS = (
    "",
    *"ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ".split(),  # noqa: SIM905
)
#: Two consonants that an input method draws together: ㄳ for who types ㄱㅅ.
_DRAWN_TOGETHER = {
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ",
    "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
_FIRST_SYLLABLE, _LAST_SYLLABLE = ord("가"), ord("힣")


class Likeness(IntEnum):
    """How well a text fits, the best first."""

    EXACT = 0
    BEGINS = 1
    WORD_BEGINS = 2
    #: As far as it has been typed: 택 for 태국.
    BEING_TYPED = 3
    INITIALS_BEGIN = 4
    WORD_INITIALS_BEGIN = 5
    INSIDE = 6
    INITIALS_INSIDE = 7


@dataclass(frozen=True, slots=True)
class Text:
    """A name made ready: its words without accents, case and spaces, from each word to the end."""

    whole: str
    #: `whole` from its second word on, from its third, …
    tails: tuple[str, ...]
    initials: str
    tail_initials: tuple[str, ...]
    strokes: str

    @classmethod
    def of(cls, name: str) -> "Text":
        words = _words(name)
        whole = "".join(words)
        tails = tuple("".join(words[first:]) for first in range(1, len(words)))
        return cls(whole, tails, initials(whole), tuple(map(initials, tails)), strokes(whole))


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be found: a country with the money one pays with there, or a currency.

    `country` is the destination, for a currency its home; `order` is its place where nothing else decides.
    """

    kind: str
    code: str
    country: str | None
    currency: str | None
    order: int
    #: Found by these before all others …
    codes: frozenset[str]
    names: tuple[Text, ...]
    #: … and by these after them: a country by its money.
    money_code: str = ""
    money_names: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What fits, best first, and how many there are of each beyond what is told."""

    countries: list[Entry]
    currencies: list[Entry]
    country_count: int
    currency_count: int

    @property
    def count(self) -> int:
        return self.country_count + self.currency_count


def folded(text: str) -> str:
    """Without case, accents, spaces and punctuation; Hangul whole, whether it came composed or not."""
    return "".join(_words(text))


def _words(text: str) -> list[str]:
    told = []
    for character in unicodedata.normalize("NFC", text).casefold():
        if _is_hangul(character):
            told.append(_DRAWN_TOGETHER.get(character, character))
            continue
        for part in unicodedata.normalize("NFKD", character):
            if not unicodedata.combining(part):
                told.append(part if part.isalnum() else " ")
    return "".join(told).split()


def _is_hangul(character: str) -> bool:
    return "가" <= character <= "힣" or "ㄱ" <= character <= "ㅣ"


def initials(text: str) -> str:
    """일본 → ㅇㅂ; what is no syllable stays as it is."""
    return "".join(
        _INITIALS[(ord(each) - _FIRST_SYLLABLE) // 588] if "가" <= each <= "힣" else each for each in text
    )


def strokes(text: str) -> str:
    """The keys pressed for it: 일본 → ㅇㅣㄹㅂㅗㄴ. What is no Hangul stays as it is."""
    pressed = []
    for each in text:
        if not "가" <= each <= "힣":
            pressed.append(each)
            continue
        first, rest = divmod(ord(each) - _FIRST_SYLLABLE, 588)
        medial, final = divmod(rest, 28)
        pressed += [_INITIALS[first], _MEDIALS[medial], _FINALS[final]]
    return "".join(pressed)


def likeness(asked: str, text: Text) -> Likeness | None:
    """How well `text` fits what was asked (folded, not empty); None where it does not."""
    if asked == text.whole:
        return Likeness.EXACT
    if text.whole.startswith(asked):
        return Likeness.BEGINS
    if any(tail.startswith(asked) for tail in text.tails):
        return Likeness.WORD_BEGINS
    if all(each in _INITIALS for each in asked):
        return _by_initials(asked, text)
    if any(map(_is_hangul, asked)) and text.strokes.startswith(strokes(asked)):
        return Likeness.BEING_TYPED
    # One or two letters are inside of nearly everything; a syllable is not.
    if asked in text.whole and (len(asked) > 2 or any(map(_is_hangul, asked))):
        return Likeness.INSIDE
    return None


def _by_initials(asked: str, text: Text) -> Likeness | None:
    if text.initials.startswith(asked):
        return Likeness.INITIALS_BEGIN
    if any(tail.startswith(asked) for tail in text.tail_initials):
        return Likeness.WORD_INITIALS_BEGIN
    return Likeness.INITIALS_INSIDE if asked in text.initials else None


@lru_cache(maxsize=4)
def directory(destinations: tuple[str, ...], currencies: tuple[str, ...]) -> tuple[Entry, ...]:
    """Everything that can be found: these countries and currencies, in the order they are shown."""
    found = [_country(code, order) for order, code in enumerate(destinations)]
    found += [_currency(code, order) for order, code in enumerate(currencies)]
    return tuple(found)


def _names(called: Iterable[str]) -> tuple[Text, ...]:
    return tuple(Text.of(name) for name in dict.fromkeys(called))


def _country(code: str, order: int) -> Entry:
    money = catalog.currency_of(code)
    own = [catalog.country_name(code, language) for language in ("ko", "en")]
    return Entry(
        kind="country",
        code=code,
        country=code,
        currency=money,
        order=order,
        codes=frozenset({code.lower()}),
        names=_names([*own, *catalog.also_called(code)]),
        money_code=(money or "").lower(),
        money_names=_names(catalog.currency_name(money, each) for each in ("ko", "en")) if money else (),
    )


def _currency(code: str, order: int) -> Entry:
    home = catalog.home_of(code)
    at_home = [catalog.country_name(home, each) for each in ("ko", "en")] if home else []
    return Entry(
        kind="currency",
        code=code,
        country=home,
        currency=code,
        order=order,
        codes=frozenset({code.lower()}),
        names=_names(catalog.currency_name(code, language) for language in ("ko", "en")),
        money_names=_names([*at_home, *(catalog.also_called(home) if home else ())]),
    )


def find(asked: str, entries: Iterable[Entry], *, most_countries: int, most_currencies: int) -> Found:
    """The entries that fit, best first; nothing for an empty question.

    By its own code, then the beginning of its own name, then its money in the same way; what has it only
    inside comes last. A country whose own money it is comes before others that use it; what is as like
    comes in display order.
    """
    wanted = folded(asked)
    placed = []
    if wanted:
        for entry in entries:
            if (place := _place(wanted, entry)) is not None:
                placed.append((place, entry))
    placed.sort(key=lambda each: each[0])
    countries = [entry for _, entry in placed if entry.kind == "country"]
    currencies = [entry for _, entry in placed if entry.kind == "currency"]
    return Found(countries[:most_countries], currencies[:most_currencies], len(countries), len(currencies))


def _place(wanted: str, entry: Entry) -> tuple[int, int, bool, int] | None:
    """Where it comes in the results: smaller is better; None where it does not fit."""
    if wanted in entry.codes:
        return 0, 0, False, entry.order
    own, by_money = _best(wanted, entry.names), _best(wanted, entry.money_names)
    is_abroad = entry.currency is not None and catalog.home_of(entry.currency) != entry.code
    if own is not None and own < Likeness.INSIDE:
        return 1, own, False, entry.order
    if wanted == entry.money_code:
        return 2, 0, is_abroad, entry.order
    if by_money is not None and by_money < Likeness.INSIDE:
        return 3, by_money, is_abroad, entry.order
    if own is not None:
        return 4, own, False, entry.order
    return None if by_money is None else (5, by_money, is_abroad, entry.order)


def _best(wanted: str, names: tuple[Text, ...]) -> Likeness | None:
    return min((like for name in names if (like := likeness(wanted, name)) is not None), default=None)
