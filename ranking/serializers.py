"""What the ranking endpoints take and give: the same declarations parse, and describe."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from config.api.body import Body, Text
from config.api.query import Choice, Query, WholeNumber
from currency.parameters import CountryCodeField
from ranking.recording import MAX_COUNTRIES, MAX_REFERRER, MAX_SESSION_ID, MAX_USER_ID
from ranking.scoring import Change
from ranking.window import PERIODS

#: Days of `period` in a country's statistics.
SPANS = {"7d": 7, "30d": 30, "90d": 90}
MOST_PLACES = 50
#: There are fewer countries than that.
MOST_OFFSET = 1000


class CountryCodesField(serializers.ListField):
    """A JSON list of country codes, upper-case out."""

    expected = _("a list of 1 to 20 country codes, such as [“JP”, “US”]")

    def __init__(self, **options: Any) -> None:
        super().__init__(child=CountryCodeField(), min_length=1, max_length=MAX_COUNTRIES, **options)

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list) or not 1 <= len(data) <= MAX_COUNTRIES:
            raise serializers.ValidationError("not a list of that many")
        self.child.field_name = self.field_name
        return [self.child.to_internal_value(code) for code in data]


class Ignored(serializers.Field):  # type: ignore[type-arg]  # DRF's Field cannot be subscripted
    """Anything at all, looked into by nobody."""

    openapi = {"description": "Accepted and ignored"}

    def to_internal_value(self, data: Any) -> Any:
        return data


class SelectionBody(Body):
    """Who chose which country; who it was is kept encrypted, and for a while."""

    user_id = Text(min_length=1, max_length=MAX_USER_ID, personal=True)
    country_code = CountryCodeField()
    session_id = Text(
        required=False, allow_null=True, allow_blank=True, max_length=MAX_SESSION_ID, personal=True
    )
    referrer = Text(required=False, allow_null=True, allow_blank=True, max_length=MAX_REFERRER)


class UpdateBody(Body):
    """Countries chosen at once; without a user the visitor is the address and the browser."""

    countries = CountryCodesField()
    user_id = Text(required=False, allow_null=True, min_length=1, max_length=MAX_USER_ID, personal=True)
    #: Older clients send it; a selection counts for every period.
    period = Ignored(required=False, allow_null=True)


class Recorded(serializers.Serializer[Any]):
    selection_id = serializers.CharField()
    message = serializers.CharField()


class Updated(serializers.Serializer[Any]):
    updated_countries = serializers.ListField(child=serializers.CharField())
    count = serializers.IntegerField()
    period = serializers.CharField()
    # DRF's own attribute of this name is for fields; here it is what the contract says.
    source = serializers.ChoiceField(["database", "dynamodb"])  # type: ignore[assignment]


class RankingQuery(Query):
    period = Choice(PERIODS, error_code="INVALID_PERIOD")
    limit = WholeNumber(default=10, min_value=1, max_value=MOST_PLACES)
    offset = WholeNumber(default=0, min_value=0, max_value=MOST_OFFSET)


class PeriodQuery(Query):
    period = Choice(PERIODS, error_code="INVALID_PERIOD")


class StatisticsQuery(Query):
    country = CountryCodeField()
    period = Choice(tuple(SPANS), error_code="INVALID_PERIOD", default="30d")


class Place(serializers.Serializer[Any]):
    rank = serializers.IntegerField()
    country_code = serializers.CharField()
    country_name = serializers.CharField()
    score = serializers.IntegerField()
    selection_count = serializers.IntegerField(help_text="The same as score")
    percentage = serializers.FloatField(help_text="Of total_selections")
    change = serializers.ChoiceField(Change.__args__)  # type: ignore[attr-defined]
    change_value = serializers.IntegerField(allow_null=True, help_text="Previous rank - rank")
    previous_rank = serializers.IntegerField(allow_null=True)


class Pagination(serializers.Serializer[Any]):
    current_page = serializers.IntegerField()
    total_pages = serializers.IntegerField()
    total_items = serializers.IntegerField()
    items_per_page = serializers.IntegerField()
    has_next = serializers.BooleanField()
    has_previous = serializers.BooleanField()


class Days(serializers.Serializer[Any]):
    """Seoul days, both included."""

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(), "to": serializers.DateField()}


class Totals(serializers.Serializer[Any]):
    selections = serializers.IntegerField(help_text="Every selection that was received")
    visitors = serializers.IntegerField(help_text="A visitor counts once for a country and day")
    score = serializers.IntegerField()
    countries = serializers.IntegerField()


class Ranking(serializers.Serializer[Any]):
    period = serializers.ChoiceField(PERIODS)
    total_selections = serializers.IntegerField(help_text="Of what percentages are: the sum of the scores")
    last_updated = serializers.DateTimeField()
    window = Days()
    method = serializers.CharField(help_text="What ranks, and the version of the method")
    totals = Totals()
    ranking = Place(many=True)
    pagination = Pagination()


class Statistics(serializers.Serializer[Any]):
    total_selections = serializers.IntegerField()
    daily_average = serializers.FloatField()
    peak_day = serializers.DateField(allow_null=True)
    peak_selections = serializers.IntegerField()
    growth_rate = serializers.FloatField(allow_null=True, help_text="Percent against as many days before")


class DayLine(serializers.Serializer[Any]):
    date = serializers.DateField()
    count = serializers.IntegerField()
    rank = serializers.IntegerField(allow_null=True)


class CountryStatistics(serializers.Serializer[Any]):
    country_code = serializers.CharField()
    country_name = serializers.CharField()
    period = serializers.ChoiceField(tuple(SPANS))
    statistics = Statistics()
    daily_breakdown = DayLine(many=True)


class Calculation(serializers.Serializer[Any]):
    calculation_id = serializers.CharField()
    period = serializers.ChoiceField(PERIODS)
    message = serializers.CharField()
