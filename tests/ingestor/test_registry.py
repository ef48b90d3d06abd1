from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, time

import pytest
from django.apps import apps
from django.core import checks
from django.core.management import call_command

from currency import schedule
from currency.models import Provider
from ingestor.registry import adapter, endpoint, fill_table, is_configured, profiles

KEYS = ["ecos", "eximbank", "ecb", "exchangerate_api", "fred"]
every_provider = pytest.mark.parametrize("key", KEYS)


def test_providers_are_found_in_the_order_they_are_believed():
    assert [(profile.key, profile.priority) for profile in profiles().values()] == list(
        zip(KEYS, range(1, 6), strict=True)
    )


def test_a_profile_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        profiles()["ecb"].priority = 1  # type: ignore[misc]


@every_provider
def test_every_profile_has_a_calendar_and_a_zone_that_exist(key):
    profile = profiles()[key]

    assert profile.calendar in schedule.CALENDARS
    assert schedule.fixing_instant(profile, date(2026, 10, 30)).tzinfo is UTC
    assert profile.base_url.startswith("https://")
    assert profile.attribution
    assert 0 < profile.budget.calls <= 1000


def test_the_ecbs_figure_stands_for_its_concertation_which_is_the_same_day_in_seoul():
    # 14:15 in Frankfurt is 22:15 in Seoul in winter; 16:00 would be midnight, the next day.
    fixed = schedule.fixing_instant(profiles()["ecb"], date(2026, 1, 15))

    assert fixed == datetime(2026, 1, 15, 13, 15, tzinfo=UTC)
    assert fixed.astimezone(schedule.SEOUL).date() == date(2026, 1, 15)


def test_the_federal_reserves_week_is_expected_on_the_monday_after_it():
    # Friday 23 October is due on Monday the 26th, 16:20 + 3 h grace in New York: 23:20 UTC.
    assert schedule.due_at(profiles()["fred"], date(2026, 10, 23)) == datetime(
        2026, 10, 26, 23, 20, tzinfo=UTC
    )


def test_an_endpoint_is_the_profiles_unless_the_settings_say_otherwise(settings):
    settings.PROVIDERS = {"fred": {"api_key": "k", "timeout": "2.5"}, "ecb": {"url": "http://127.0.0.1:9/"}}

    assert (endpoint("fred").base_url, endpoint("fred").api_key, endpoint("fred").timeout) == (
        "https://api.stlouisfed.org",
        "k",
        2.5,
    )
    assert (endpoint("ecb").base_url, endpoint("ecb").api_key, endpoint("ecb").timeout) == (
        "http://127.0.0.1:9",
        None,
        20.0,
    )
    assert endpoint("ecos").ca_bundle is None


def test_an_endpoint_does_not_show_its_key(settings):
    settings.PROVIDERS = {"fred": {"api_key": "k3y0fth3t3sts"}}

    assert "k3y0fth3t3sts" not in repr(endpoint("fred"))


@pytest.mark.parametrize(
    ("key", "without", "with_key"), [("ecos", False, True), ("ecb", True, True), ("fred", False, True)]
)
def test_a_provider_without_the_key_it_needs_is_not_configured(settings, key, without, with_key):
    settings.PROVIDERS = {}
    assert is_configured(key) is without

    settings.PROVIDERS = {key: {"api_key": "k"}}
    assert is_configured(key) is with_key


def test_an_unknown_provider_is_an_error():
    for ask in (adapter, endpoint, is_configured):
        with pytest.raises(KeyError):
            ask("nobody")


@pytest.mark.django_db
def test_a_migrate_writes_every_provider():
    call_command("migrate", verbosity=0)

    assert list(Provider.objects.values_list("key", "priority")) == list(zip(KEYS, range(1, 6), strict=True))
    fred = Provider.objects.get(key="fred")
    assert (fred.fixing_time, fred.publication_weekday, fred.calendar) == (time(12), 0, "XFED")
    assert Provider.objects.get(key="exchangerate_api").attribution == "Rates By Exchange Rate API"


@pytest.mark.django_db
def test_a_second_fill_keeps_what_belongs_to_the_operators_and_renews_the_rest():
    fill_table()
    Provider.objects.filter(key="ecb").update(priority=9, is_enabled=False, time_zone="UTC", name_en="Old")

    fill_table()

    ecb = Provider.objects.get(key="ecb")
    assert (ecb.priority, ecb.is_enabled, ecb.time_zone, ecb.name_en) == (
        9,
        False,
        "Europe/Berlin",
        "European Central Bank",
    )


@pytest.mark.django_db
def test_a_provider_whose_file_is_gone_is_disabled_and_kept():
    fill_table()
    gone = Provider.objects.get(key="ecb")
    gone.key = "forgotten"
    gone.save(force_insert=True)

    fill_table()

    assert Provider.objects.get(key="forgotten").is_enabled is False
    assert Provider.objects.filter(is_enabled=True).count() == 5


def test_the_circuits_table_belongs_to_the_ingestor():
    assert apps.get_model("ingestor", "ProviderCircuit")._meta.db_table == "provider_circuits"


def test_a_setting_of_a_provider_that_is_not_there_stops_the_start(settings):
    # PROVIDER_EXCHANGERATE_API_KEY: the key of a provider "exchangerate", which is not its name.
    settings.PROVIDERS = {"exchangerate": {"api_key": "k"}, "ecb": {"timeout": "5"}}

    [error] = checks.run_checks()

    assert error.id == "ingestor.E001"
    assert "EXCHANGERATE" in error.msg
    assert "exchangerate_api" in str(error.hint)
