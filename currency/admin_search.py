"""How operators find rows: by a code, or by a name in Korean or English.

일본, Japan, 엔 and yen all lead to JPY. A name is looked up first and the codes are what the database
is asked for, so that the index on the code serves the search.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache, reduce
from operator import and_, or_
from typing import Any, ClassVar, Literal, TypeVar

from babel import Locale
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.evidence import OperatorsAdmin
from currency import catalog

Kind = Literal["currency", "country"]
_Row = TypeVar("_Row", bound=Model)
_LANGUAGES = ("ko", "en")


@lru_cache(maxsize=1)
def _names_of_countries() -> dict[str, tuple[str, ...]]:
    codes = filter(catalog.is_country, map(str, Locale("en").territories))
    return {
        code: (*_told(catalog.country_name, code), *(name.casefold() for name in catalog.also_called(code)))
        for code in sorted(codes)
    }


@lru_cache(maxsize=1)
def _names_of_currencies() -> dict[str, tuple[str, ...]]:
    """A currency is found by the names of the countries that pay with it as well."""
    countries = _names_of_countries()
    return {
        code: tuple(
            [*_told(catalog.currency_name, code)]
            + [name for country in catalog.countries_of(code) for name in countries.get(country, ())]
        )
        for code in sorted(filter(catalog.is_currency, Locale("en").currencies))
    }


def _told(name: Callable[[str, str], str], code: str) -> Iterable[str]:
    return (name(code, language).casefold() for language in _LANGUAGES)


def codes_named(text: str, kind: Kind) -> list[str]:
    """Codes of what `text` names, sorted: the code itself, else names with a word that begins so, or hold it."""
    wanted = " ".join(text.split()).casefold()
    named = _names_of_currencies() if kind == "currency" else _names_of_countries()
    if not wanted:
        return []
    if wanted.upper() in named:
        return [wanted.upper()]
    return [code for code, names in named.items() if any(_fits(name, wanted) for name in names)]


def _fits(name: str, wanted: str) -> bool:
    # One syllable inside a name says little: 원 is no part of 위안 or of a longer word's middle.
    if len(wanted) > 1 and not wanted.isascii() and wanted in name:
        return True
    return name.startswith(wanted) or f" {wanted}" in name


class FoundByName(OperatorsAdmin[_Row]):
    """A list whose search takes codes and names. `search_codes` says which columns hold which codes.

    `search_fields` are searched as Django does, beside them.
    """

    search_codes: ClassVar[dict[str, Kind]] = {}
    search_help_text = _("Code or name: JPY, 일본, Japan, 엔, yen")

    def get_search_fields(self, request: HttpRequest) -> Any:
        return (*super().get_search_fields(request), *self.search_codes)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[_Row], search_term: str
    ) -> tuple[QuerySet[_Row], bool]:
        """Rows that the whole term names; where it names none, rows that fit each of its words."""
        if not search_term.strip():
            return queryset, False
        if whole := self._named(search_term):
            return queryset.filter(whole), False
        words = [self._fits(word) for word in search_term.split()]
        if any(not word for word in words):
            return queryset.none(), False
        return queryset.filter(reduce(and_, words)), False

    def _named(self, term: str) -> Q:
        """Empty, and so false, where no code is named."""
        found = ((column, codes_named(term, kind)) for column, kind in self.search_codes.items())
        return reduce(or_, (Q(**{f"{column}__in": codes}) for column, codes in found if codes), Q())

    def _fits(self, word: str) -> Q:
        lookups = {"=": "iexact", "^": "istartswith"}
        plain = (
            Q(**{f"{name.lstrip('=^')}__{lookups.get(name[0], 'icontains')}": word})
            for name in self.search_fields
        )
        return reduce(or_, plain, self._named(word))
