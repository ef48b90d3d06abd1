"""What is found by what somebody has typed so far."""

import unicodedata

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from currency.catalog import is_country
from currency.search import Likeness, Text, directory, find, folded, initials, likeness, strokes

DESTINATIONS = (
    "JP",
    "VN",
    "CN",
    "PH",
    "TH",
    "US",
    "TW",
    "HK",
    "EU",
    "FR",
    "DE",
    "AU",
    "TR",
    "GU",
    "IN",
    "ID",
)
CURRENCIES = ("USD", "JPY", "EUR", "CNY", "TWD", "HKD", "AUD", "TRY", "ISK")
ALL = directory(DESTINATIONS, CURRENCIES)
KOREAN = {code: name for code, name in Locale("ko").territories.items() if is_country(code) and name.strip()}


def countries(asked: str) -> list[str]:
    return [entry.code for entry in find(asked, ALL, most_countries=20, most_currencies=20).countries]


def currencies(asked: str) -> list[str]:
    return [entry.code for entry in find(asked, ALL, most_countries=20, most_currencies=20).currencies]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("일본", ["JP"]),
        ("japan", ["JP"]),
        ("JAPAN", ["JP"]),
        (" ja pan ", ["JP"]),
        ("ㅇㅂ", ["JP"]),
        ("jp", ["JP"]),
        ("JPY", ["JP"]),
        ("엔", ["JP"]),
        ("yen", ["JP"]),
        ("호주", ["AU"]),
        ("터키", ["TR"]),
        ("turkiye", ["TR"]),
        ("Türkiye", ["TR"]),
        ("콩", ["HK"]),
        ("ㅎㅋ", ["HK"]),
        ("달러", ["US", "TW", "HK", "AU", "GU"]),
        # 달러 first; 인도 루피 has the two inside.
        ("ㄷㄹ", ["US", "TW", "HK", "AU", "GU", "IN"]),
        ("USD", ["US", "GU"]),
        ("euro", ["EU", "FR", "DE"]),
        ("유로", ["EU", "FR", "DE"]),
        ("인도", ["IN", "ID"]),
        ("나라아님", []),
        ("", []),
        ("  ", []),
        ("!?", []),
    ],
)
def test_countries_are_found_in_either_language_by_initials_codes_and_money(asked, found):
    assert countries(asked) == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("달러", ["USD", "TWD", "HKD", "AUD"]),
        ("ㄷㄹ", ["USD", "TWD", "HKD", "AUD"]),
        ("usd", ["USD"]),
        ("krona", ["ISK"]),
        ("króna", ["ISK"]),
    ],
)
def test_currencies_are_found_beside_them(asked, found):
    assert currencies(asked) == found


def test_its_own_code_comes_before_names_that_begin_with_it():
    # India begins with "in", and Indonesia; IN is India's code alone.
    assert countries("in") == ["IN", "ID"]
    assert countries("id") == ["ID"]


def test_the_home_of_a_currency_comes_before_others_that_use_it_whatever_the_display_order():
    turned = directory(("GU", "US"), ())

    found = find("USD", turned, most_countries=9, most_currencies=9)

    assert [entry.code for entry in found.countries] == ["US", "GU"]


def test_what_is_as_like_comes_in_display_order():
    turned = directory(("DE", "FR", "EU"), ())

    # All by the beginning of their money's name; the euro area is the euro's home.
    found = find("유로", turned, most_countries=9, most_currencies=9)

    assert [entry.code for entry in found.countries] == ["EU", "DE", "FR"]


@pytest.mark.parametrize("typed", ["ㅌ", "태", "택", "태구", "태국"])
def test_a_name_is_found_at_every_stroke_of_an_input_method(typed):
    assert "TH" in countries(typed)


def test_consonants_that_an_input_method_draws_together_are_taken_apart():
    # ㄱ and ㅅ typed one after the other become ㄳ in some input methods.
    assert folded("ㄳ") == "ㄱㅅ"
    assert likeness("ㄱㅅ", Text.of("고수")) == Likeness.INITIALS_BEGIN


def test_more_is_counted_than_is_told():
    found = find("달러", ALL, most_countries=2, most_currencies=1)

    assert [entry.code for entry in found.countries] == ["US", "TW"]
    assert (found.country_count, found.currency_count, found.count) == (5, 4, 9)


@pytest.mark.parametrize(
    ("asked", "name", "like"),
    [
        ("hongkong", "Hong Kong", Likeness.EXACT),
        ("hong", "Hong Kong", Likeness.BEGINS),
        ("kong", "Hong Kong", Likeness.WORD_BEGINS),
        ("일ㅂ", "일본", Likeness.BEING_TYPED),
        ("ㅇ", "일본 엔화", Likeness.INITIALS_BEGIN),
        ("ㅇㅎ", "일본 엔화", Likeness.WORD_INITIALS_BEGIN),
        ("ong", "Hong Kong", Likeness.INSIDE),
        ("ㅂㅇ", "일본 엔화", Likeness.INITIALS_INSIDE),
        ("ng", "Hong Kong", None),
        ("gnoh", "Hong Kong", None),
    ],
)
def test_how_well_a_name_fits(asked, name, like):
    assert likeness(asked, Text.of(name)) == like


def _initials_by_decomposition(name: str) -> str:
    """By Unicode's own decomposition and names of letters, without any table of ours."""
    told = []
    for character in name:
        first = unicodedata.normalize("NFD", character)[0]
        letter = unicodedata.name(first)
        told.append(
            unicodedata.lookup(letter.replace("CHOSEONG", "LETTER")) if "HANGUL CHOSEONG" in letter else first
        )
    return "".join(told)


def test_every_korean_country_name_is_found_by_its_first_consonants():
    assert len(KOREAN) > 240
    everywhere = directory(tuple(KOREAN), ())
    for code, name in KOREAN.items():
        whole = folded(name)
        by_decomposition = _initials_by_decomposition(whole)

        assert initials(whole) == by_decomposition
        found = find(by_decomposition, everywhere, most_countries=300, most_currencies=0)
        assert code in [entry.code for entry in found.countries], name


@given(st.text(alphabet=[chr(code) for code in range(ord("가"), ord("힣") + 1)], min_size=1, max_size=6))
def test_strokes_are_unicodes_decomposition_one_key_after_another(name):
    # Each conjoining letter by its Unicode name; composed ones (ㅘ, ㄳ) are two keys, of the same letters.
    jamo = unicodedata.normalize("NFD", name)
    letters = "".join(
        unicodedata.lookup(
            "HANGUL LETTER " + unicodedata.name(each).split(" ", 2)[2].replace("CHOSEONG ", "")
        )
        for each in jamo
    )
    two_keys = str.maketrans(
        {"ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ"}
        | {"ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ"}
        | {"ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ"}
    )

    assert strokes(name) == letters.translate(two_keys)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_answered_and_the_same_however_it_is_composed(asked):
    composed = find(unicodedata.normalize("NFC", asked), ALL, most_countries=20, most_currencies=20)

    assert find(unicodedata.normalize("NFD", asked), ALL, most_countries=20, most_currencies=20) == composed


@given(st.sampled_from(DESTINATIONS), st.sampled_from(["ko", "en"]), st.integers(1, 40))
def test_every_beginning_of_a_name_finds_it(code, language, length):
    name = str(Locale(language).territories[code])[:length]

    assert not folded(name) or code in countries(name)
