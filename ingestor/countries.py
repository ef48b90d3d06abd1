"""Three-letter country codes, as publishers of statistics use them."""

from babel.core import get_global

from currency.catalog import is_country


def alpha2(code: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of an alpha-3 code; None where CLDR knows none in force."""
    known = get_global("territory_aliases").get(code, ())
    # A code that was split up, such as that of Yugoslavia, has several.
    return known[0] if len(code) == 3 and len(known) == 1 and is_country(known[0]) else None
