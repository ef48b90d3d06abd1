"""The control room, and what operators do from it."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.urls import reverse

from config.operators.control_room import Panel, Told
from currency.models import Provider
from currency.rate_override import RateOverride
from history.models import DailyRate
from ingestor import registry
from ingestor.circuit_state import ProviderCircuit
from ingestor.models import CollectionLog, QuarantinedRate
from ingestor.outcome_strip import bars, drawn
from ingestor.provider_states import standing
from tests.factories import make_bar, make_latest, make_observation
from tests.ingestor.observations import observation
from tests.ingestor.playing import on_an_ordinary_day, points_at, weeks_since_then
from tests.ingestor.provider_server import Answer

pytestmark = pytest.mark.django_db

#: Monday noon in Frankfurt: Friday's rates are the newest there can be.
NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
FRIDAY = date(2026, 10, 30)


def login(client, name, role):
    user = User.objects.create_user(name, password="x", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client


@pytest.fixture
def operator(client):
    return login(client, "kim", "operator")


def logged(key="ecb", outcome="data", *, at=NOW, **more):
    ended = {} if outcome == "running" else {"ended_at": at, "duration_ms": 900}
    error = {"error": "ProviderUnavailable: 503"} if outcome == "failure" else {}
    return CollectionLog.objects.create(
        provider=key,
        correlation_id=f"{key}{CollectionLog.objects.count()}",
        trigger="schedule",
        outcome=outcome,
        started_at=at,
        **ended,
        **error,
        **more,
    )


def state_of(key="ecb", now=NOW):
    states, _ = standing(now)
    return next(one for one in states if one.key == key)


# --- how a provider stands -----------------------------------------------------------------------


def test_a_provider_with_its_newest_rates_is_well():
    make_latest(rate_date=FRIDAY)
    run = logged(at=NOW - timedelta(minutes=30))

    one = state_of()

    assert (one.word, one.newest, one.expected, one.missed) == ("well", FRIDAY, FRIDAY, 0)
    assert one.last is not None
    assert one.success is not None
    assert (one.last.pk, one.success.pk) == (run.pk, run.pk)


def test_publications_are_missed_by_the_calendar():
    # Thursday's are the newest on the Tuesday after: Friday, Monday and Tuesday are missed, no week-end.
    make_latest(rate_date=date(2026, 10, 29))
    logged(at=NOW)

    one = state_of(now=datetime(2026, 11, 3, 20, 0, tzinfo=UTC))

    assert (one.word, one.missed, one.expected) == ("late", 3, date(2026, 11, 3))


def test_a_failure_after_a_success_is_told_with_both():
    make_latest(rate_date=FRIDAY)
    good = logged(at=NOW - timedelta(days=3))
    bad = logged(outcome="failure", at=NOW - timedelta(minutes=5))

    one = state_of()

    assert one.word == "failing"
    assert one.last is not None
    assert one.success is not None
    assert (one.last.pk, one.last.error, one.success.pk) == (bad.pk, "ProviderUnavailable: 503", good.pk)
    assert [run.pk for run in one.runs] == [bad.pk]


def test_an_open_circuit_is_told_with_its_end():
    ProviderCircuit.objects.create(key="ecb", state="open", failure_count=5, opened_at=NOW)

    one = state_of()

    assert (one.word, one.rests_until) == ("resting", NOW + timedelta(minutes=10))


def test_who_has_no_key_or_is_switched_off_is_no_alarm(settings):
    Provider.objects.filter(key="ecb").update(is_enabled=False)

    assert state_of().word == "off"
    assert state_of("fred").word == "unconfigured"
    settings.PROVIDERS = {"fred": {"api_key": "k"}}
    assert state_of("fred").word == "empty"


def test_the_next_question_is_at_the_publication_or_an_hour_after_the_last_answer():
    make_latest(rate_date=FRIDAY)
    logged(at=NOW - timedelta(minutes=30))

    # Monday's are published at 16:00 in Frankfurt, 15:00 UTC; corrections are asked for every hour.
    assert state_of().next_ask_at == NOW + timedelta(minutes=30)
    assert state_of(now=NOW + timedelta(hours=4)).next_ask_at == NOW + timedelta(hours=4)


def test_all_providers_are_read_with_two_queries(django_assert_num_queries):
    for key in registry.sources():
        logged(key)

    with django_assert_num_queries(2):
        states, prices = standing(NOW)

    assert [one.key for one in states] == list(registry.profiles())
    assert [one.last is not None for one in prices] == [True, True]


def test_a_backfill_shows_where_it_is_also_when_it_has_stopped():
    from ingestor import backfill
    from ingestor.models import Backfill

    assert state_of().backfill is None
    row = backfill.begin("ecb", date(2026, 10, 1), date(2026, 10, 10), by="kim", why="a gap", now=NOW)
    Backfill.objects.update(next_date=date(2026, 10, 6), state="stopped", running_for=None)

    shown = state_of().backfill

    assert shown is not None
    assert (shown.pk, shown.percent, shown.is_running) == (row.pk, 50, False)


# --- the strip -----------------------------------------------------------------------------------


def test_the_strip_tells_the_worst_of_every_half_hour():
    runs = [
        (NOW - timedelta(hours=24), "data"),
        (NOW - timedelta(minutes=50), "data"),
        (NOW - timedelta(minutes=45), "failure"),
        (NOW - timedelta(minutes=40), "no_data"),
        (NOW, "no_data"),
        (NOW - timedelta(hours=25), "failure"),
    ]

    told = bars(runs, now=NOW)

    assert (len(told), told[0], told[46], told[47]) == (48, "data", "failure", "no_data")
    assert set(told[1:46]) == {""}


def test_the_strip_is_read_aloud():
    picture = drawn([(NOW, "failure")], now=NOW, label="1 run, <1> failed")

    assert 'role="img" aria-label="1 run, &lt;1&gt; failed"' in picture
    assert picture.count("<rect") == 48
    assert picture.count("strip-failure") == 1


# --- the page ------------------------------------------------------------------------------------


def test_the_control_room_shows_every_panel(operator):
    make_latest()
    logged(at=datetime.now(UTC))

    page = operator.get(reverse("admin:index")).content.decode()

    shown = set(re.findall(r'id="panel-(\w+)"', page))
    assert {
        "collection",
        "quarantine",
        "currencies",
        "overrides",
        "queues",
        "keys",
        "rankings",
        "forecasts",
        "activity",
    } <= shown
    assert "cr-failure" not in page


def test_the_control_room_costs_at_most_15_queries(operator, django_assert_max_num_queries):
    make_latest()
    for key in registry.sources():
        logged(key, at=datetime.now(UTC))

    with django_assert_max_num_queries(15):
        operator.get(reverse("control-room"))


def broken(now: datetime) -> Told:
    raise ConnectionError("the queue is out")


a_broken_panel = Panel(title="Broken", template="", tell=broken, permission="ingestor.view_lease")


def test_a_panel_that_fails_says_so_and_the_others_stand(operator, settings):
    settings.CONTROL_ROOM_PANELS = (
        f"{__name__}.a_broken_panel",
        "no.such.panel",
        "ingestor.control_panel.quarantine",
    )

    page = operator.get(reverse("control-room"))

    told = page.content.decode()
    assert page.status_code == 200
    assert "ConnectionError" in told
    assert "the queue is out" not in told
    assert told.count("cr-failure") == 2
    assert 'id="panel-quarantine"' in told


def test_who_is_no_operator_is_sent_to_the_door(client, db):
    answer = client.get(reverse("control-room"))

    assert answer.status_code == 302
    assert "/login/" in answer.headers["Location"]


def test_a_panel_is_shown_to_those_who_may_see_its_table(client):
    client.force_login(User.objects.create_user("lee", password="x", is_staff=True))

    page = client.get(reverse("control-room"))

    assert "cr-panel " not in page.content.decode()


def test_a_viewer_sees_all_and_is_offered_nothing(client):
    viewer = login(client, "lee", "viewer")
    make_latest()

    page = viewer.get(reverse("admin:index")).content.decode()

    assert 'id="panel-collection"' in page
    assert reverse("admin:ingestor_collect", args=["ecb"]) not in page
    assert reverse("admin:ingestor_backfill_add") not in page


def test_waiting_rates_are_counted_with_the_oldest(operator):
    one = observation("1500")
    for rate, hours in (("1500", 14), ("1600", 2)):
        QuarantinedRate.objects.create(
            source="ecb",
            currency_code="USD",
            recorded_at=one.recorded_at,
            rate_date=one.rate_date,
            deal_base_rate=Decimal(rate),
            published_base="EUR",
            published_quote="USD",
            published_rate="1",
            fetched_at=NOW,
            reason="moved",
            held_at=datetime.now(UTC) - timedelta(hours=hours),
        )

    page = operator.get(reverse("control-room")).content.decode()

    panel = page.split('id="panel-quarantine"')[1].split("</section>")[0]
    assert "<strong>2</strong>" in panel
    assert "14시간 전" in panel
    assert '<section class="cr-panel cr-ill" id="panel-quarantine"' in page


def test_a_rate_set_by_an_operator_is_shown_with_its_end(operator):
    now = datetime.now(UTC)
    RateOverride.objects.create(
        currency_code="USD",
        place="USD",
        rate=Decimal(1400),
        reason="the feed is wrong",
        set_at=now,
        set_by="lee",
        expires_at=now + timedelta(hours=3),
    )

    page = operator.get(reverse("control-room")).content.decode()

    panel = page.split('id="panel-overrides"')[1].split("</section>")[0]
    assert "USD 1,400.00" in panel
    assert "the feed is wrong" in panel


def test_without_a_broker_there_is_no_queue_and_that_is_well(operator):
    page = operator.get(reverse("control-room")).content.decode()

    assert '<section class="cr-panel cr-well" id="panel-queues"' in page


# --- collecting now ------------------------------------------------------------------------------


def ask_for(client, key="ecb", why="it is late"):
    return client.post(reverse("admin:ingestor_collect", args=[key]), {"why": why}, follow=True)


def test_collecting_now_is_a_run_with_its_result_told_and_noted(operator, provider_server, settings):
    points_at(provider_server, settings, "ecb")
    on_an_ordinary_day(provider_server, "ecb", weeks_later=weeks_since_then())

    answer = ask_for(operator)

    run = CollectionLog.objects.get()
    assert (run.trigger, run.outcome) == ("operator", "data")
    assert f"ecb: 신규 {run.new_count}건" in answer.content.decode()
    [entry] = LogEntry.objects.all()
    assert (entry.user.username, entry.object_repr) == ("kim", "ecb")
    assert entry.change_message == "collect now: ecb — it is late"


def test_a_failure_is_told_in_words(operator, provider_server, settings):
    points_at(provider_server, settings, "ecb")
    provider_server.answer("/*", Answer(body=b"<html>maintenance</html>"))

    answer = ask_for(operator)

    assert "수집에 실패했습니다. ProviderFormatError" in answer.content.decode()


def test_an_open_circuit_holds_for_operators_too(operator, provider_server, settings):
    points_at(provider_server, settings, "ecb")
    ProviderCircuit.objects.create(key="ecb", state="open", failure_count=5, opened_at=datetime.now(UTC))

    answer = ask_for(operator)

    assert "CircuitOpen" in answer.content.decode()
    assert provider_server.requests == []


def test_while_another_run_is_under_way_nothing_is_asked(operator, provider_server, settings):
    from ingestor import lease

    points_at(provider_server, settings, "ecb")
    held = lease.take("ecb", datetime.now(UTC))
    assert held is not None

    answer = ask_for(operator)
    held.give_back()

    assert "다른 수집이 진행 중이어서 요청하지 않았습니다" in answer.content.decode()
    assert provider_server.requests == []


def test_without_a_reason_nothing_is_asked(operator, provider_server, settings):
    points_at(provider_server, settings, "ecb")

    answer = ask_for(operator, why="")

    assert answer.status_code == 200
    assert (provider_server.requests, LogEntry.objects.count()) == ([], 0)


def test_who_may_only_look_collects_nothing(client, provider_server, settings):
    points_at(provider_server, settings, "ecb")

    assert ask_for(login(client, "lee", "viewer")).status_code == 403
    assert provider_server.requests == []


def test_nobody_collects_from_a_source_that_is_none(operator):
    assert ask_for(operator, key="nobody").status_code == 404


# --- rebuilding bars -----------------------------------------------------------------------------


def test_bars_are_rebuilt_a_year_at_a_time_and_it_is_noted(operator):
    make_latest(first_date=date(2025, 12, 31), rate_date=FRIDAY)
    make_observation(rate_date=date(2025, 12, 31), deal_base_rate="1400")
    make_observation(rate_date=FRIDAY, deal_base_rate="1335.27")
    make_bar(FRIDAY, "1")
    told = {"source": "ecb", "first": "", "last": "", "why": "one bar is wrong"}

    begun = operator.post(reverse("admin:ingestor_rebuild_bars"), told)
    address = begun.headers["Location"]
    query = dict(part.split("=") for part in address.split("?")[1].split("&"))
    first = operator.post(reverse("admin:ingestor_rebuild_progress"), query)
    second = dict(part.split("=") for part in first.headers["Location"].split("?")[1].split("&"))
    done = operator.post(reverse("admin:ingestor_rebuild_progress"), second, follow=True)

    assert (second["next"], second["changed"]) == ("2026-01-01", "1")
    assert "100%" in done.content.decode()
    closes = DailyRate.objects.order_by("rate_date").values_list("rate_date", "close")
    assert list(closes) == [(date(2025, 12, 31), Decimal(1400)), (FRIDAY, Decimal("1335.27"))]
    [entry] = LogEntry.objects.all()
    assert entry.change_message == "rebuild bars — one bar is wrong"


def test_rebuilding_is_for_those_who_may(client):
    viewer = login(client, "lee", "viewer")

    assert viewer.get(reverse("admin:ingestor_rebuild_bars")).status_code == 403
    assert viewer.post(reverse("admin:ingestor_rebuild_progress"), {}).status_code == 403
