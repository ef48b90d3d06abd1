"""What the price endpoints take, and the shapes they answer in (for the OpenAPI document)."""

from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from currency.parameters import CountryCodeField, FreshQuery
from currency.prices import BIGMAC
from currency.serializers import Freshness, Overridden


class PriceIndexQuery(FreshQuery):
    country = CountryCodeField(help_text="The country that is compared")
    base_country = CountryCodeField(default="KR", help_text="The country that is 100")


class ItemField(serializers.CharField):
    """The name of an item; which there are is asked of the database."""

    expected = gettext_lazy("an item such as bigmac")
    openapi: dict[str, Any] = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}$"}


class PriceRankingQuery(FreshQuery):
    base_country = CountryCodeField(default="KR", help_text="The country that is 100")
    item = ItemField(default=BIGMAC, help_text="bigmac, starbucks_tall_latte, price_level or an imported one")


def _basis() -> serializers.ChoiceField:
    return serializers.ChoiceField(
        ["today", "published"],
        allow_null=True,
        help_text="today: our newest rate; published: the source's own dollar rates, where we have none",
    )


def _index(said: str) -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, help_text=said)


class Indices(serializers.Serializer[Any]):
    bigmac_index = _index("100: as dear as at home; 85: 15 % cheaper")
    starbucks_index = _index("A tall latte")
    price_level_index = _index("Household consumption")
    composite_index = _index("The geometric mean of those that there are")


class PriceData(serializers.Serializer[Any]):
    bigmac_price_local = serializers.FloatField(allow_null=True)
    bigmac_price_usd = serializers.FloatField(allow_null=True)
    starbucks_latte_local = serializers.FloatField(allow_null=True)
    starbucks_latte_usd = serializers.FloatField(allow_null=True)


class PricedItem(serializers.Serializer[Any]):
    item = serializers.CharField()
    index = _index("At today's rate; else by the source's own")
    basis = _basis()
    index_at_today = _index("At our newest rate")
    index_on_own_date = _index("At our close of `observed_on`")
    index_as_published = _index("By the dollar rates that the source told beside the two prices")
    price_local = serializers.FloatField(help_text="Of `price_level`: what costs 100 dollars in the US")
    currency = serializers.CharField()
    price_usd = serializers.FloatField(allow_null=True)
    price_usd_basis = _basis()
    price_base = serializers.FloatField(allow_null=True, help_text="In the money of home, on `basis`")
    observed_on = serializers.DateField(help_text="The day the source puts on the price")
    age_months = serializers.IntegerField(help_text="Whole months since then")
    is_old = serializers.BooleanField(help_text="Observed more than twelve months ago")
    source = serializers.CharField()  # type: ignore[assignment]
    source_url = serializers.URLField()
    home_price = serializers.FloatField(allow_null=True)
    home_currency = serializers.CharField(allow_null=True)
    home_observed_on = serializers.DateField(allow_null=True)
    home_source = serializers.CharField(allow_null=True)


class PriceIndex(serializers.Serializer[Any]):
    country_code = serializers.CharField()
    country_name = serializers.CharField()
    base_country = serializers.CharField()
    base_country_name = serializers.CharField()
    indices = Indices()
    price_data = PriceData()
    items = PricedItem(many=True, help_text="Everything there is a price of, each with its age and source")
    last_updated = serializers.DateField(help_text="The newest day among the prices")
    sources = serializers.ListField(child=serializers.CharField(), help_text="Who observed the prices")
    freshness = serializers.DictField(child=Freshness(), help_text="Of the rates used, such as JPY/KRW")
    overrides = serializers.DictField(
        child=Overridden(), help_text="Those of them that operators have set by hand"
    )


class RankedCountry(serializers.Serializer[Any]):
    rank = serializers.IntegerField(help_text="1 is the cheapest; equal indices share a place")
    country_code = serializers.CharField()
    country_name = serializers.CharField()
    index = serializers.FloatField()
    basis = _basis()
    price_local = serializers.FloatField()
    currency = serializers.CharField()
    price_base = serializers.FloatField(allow_null=True, help_text="In the money of home")
    observed_on = serializers.DateField()
    home_observed_on = serializers.DateField()
    is_old = serializers.BooleanField()
    source = serializers.CharField()  # type: ignore[assignment]
    source_url = serializers.URLField()


class PriceRanking(serializers.Serializer[Any]):
    base_country = serializers.CharField()
    base_country_name = serializers.CharField()
    item = serializers.CharField()
    base_price = serializers.FloatField(help_text="At home")
    base_currency = serializers.CharField()
    ranking = RankedCountry(many=True, help_text="Cheapest first")
    unranked = serializers.ListField(
        child=serializers.CharField(), help_text="Countries with a price, and no rate to compare it by"
    )
    sources = serializers.ListField(child=serializers.CharField())
    freshness = serializers.DictField(child=Freshness(), help_text="Of the rates used, such as JPY/KRW")
    overrides = serializers.DictField(
        child=Overridden(), help_text="Those of them that operators have set by hand"
    )
