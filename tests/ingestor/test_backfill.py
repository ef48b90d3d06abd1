"""ingestor.backfill: past days in parts, watched, stopped and taken up again."""

import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db import IntegrityError
from django.urls import reverse

from currency.models import ExchangeRate
from history.models import DailyRate
from ingestor import backfill, registry
from ingestor.models import Backfill, BackfillState, CollectionLog
from ingestor.tasks import backfill as task
from tests.aws_server import ROOT
from tests.factories import make_bar, make_latest
from tests.ingestor.playing import on_an_ordinary_day, points_at
from tests.ingestor.provider_server import Answer, payload_bytes
from tests.ingestor.samples import zipped
from tests.ingestor.scratch import rows_of

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
#: What tests/payloads/ecb/history.csv holds: see its first and last lines.
JANUARY = date(2026, 1, 1)
OCTOBER = date(2026, 10, 31)


@pytest.fixture
def ecb(provider_server, settings):
    points_at(provider_server, settings, "ecb")
    on_an_ordinary_day(provider_server, "ecb")
    return provider_server


def begun(key="ecb", first=JANUARY, last=OCTOBER):
    return backfill.begin(key, first, last, by="kim", why="a gap", now=NOW)


# --- cutting -------------------------------------------------------------------------------------


def test_who_answers_everything_at_once_is_asked_for_five_years_a_part():
    assert list(backfill.parts("ecb", date(2018, 3, 5), date(2026, 10, 30))) == [
        (date(2018, 3, 5), date(2023, 2, 28)),
        (date(2023, 3, 1), date(2026, 10, 30)),
    ]


def test_who_answers_a_day_at_a_time_is_asked_for_a_month_a_part(settings):
    settings.PROVIDERS = {"eximbank": {"api_key": "k"}}

    assert list(backfill.parts("eximbank", date(2026, 1, 15), date(2026, 4, 3))) == [
        (date(2026, 1, 15), date(2026, 1, 31)),
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2026, 3, 1), date(2026, 4, 3)),
    ]


def test_who_answers_three_months_at_once_gets_no_more_than_25_requests_a_part(settings):
    settings.PROVIDERS = {"ecos": {"api_key": "k"}}
    adapter, endpoint = registry.adapter("ecos"), registry.endpoint("ecos")

    cut = list(backfill.parts("ecos", date(2010, 1, 1), date(2026, 10, 30)))

    assert [last.year for _, last in cut] == [2014, 2019, 2024, 2026]
    assert all(len(list(adapter.between(*part, endpoint))) <= 25 for part in cut)


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("ecb", date(2026, 10, 2), date(2026, 10, 1)),
        ("ecb", date(2026, 10, 1), date(2026, 11, 3)),
        ("ecb", date(1998, 12, 31), date(1999, 2, 1)),
        ("exchangerate_api", date(2026, 10, 1), date(2026, 10, 2)),
        ("ecos", date(2026, 10, 1), date(2026, 10, 2)),
        ("bigmac", date(2026, 1, 1), date(2026, 10, 2)),
    ],
    ids=["backwards", "future", "before coverage", "no history", "no key", "prices"],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_written(key, first, last):
    with pytest.raises(backfill.NotPossible):
        begun(key, first, last)

    assert Backfill.objects.count() == 0


# --- looking ahead -------------------------------------------------------------------------------


def test_a_preview_of_one_part_counts_what_the_provider_says_and_keeps_nothing(ecb):
    told = backfill.preview("ecb", date(2026, 10, 26), date(2026, 10, 30), now=NOW)

    assert (told.requests, told.parts, told.publication_days, told.days_held) == (1, 1, 5, 0)
    assert told.counts is not None
    assert told.counts.new > 0
    assert (ExchangeRate.objects.count(), CollectionLog.objects.count(), Backfill.objects.count()) == (
        0,
        0,
        0,
    )


def test_a_preview_of_many_parts_asks_nobody_and_counts_the_days_without_a_bar(ecb):
    make_latest()
    make_bar(date(2026, 10, 29))
    make_bar(date(2026, 10, 30))

    told = backfill.preview("ecb", date(2019, 1, 1), date(2026, 10, 30), now=NOW)

    assert ecb.requests == []
    assert told.counts is None
    assert (told.parts, told.days_held) == (2, 2)
    assert told.days_missing == told.publication_days - 2


def test_a_preview_tells_why_the_provider_did_not_answer(ecb):
    ecb.answer("/*", Answer(status=503))

    told = backfill.preview("ecb", date(2026, 10, 26), date(2026, 10, 30), now=NOW)

    assert told.counts is None
    assert told.failure.startswith("ProviderUnavailable")


# --- going on ------------------------------------------------------------------------------------


class TestParts:
    def test_a_part_is_stored_and_noted(self, ecb):
        row = backfill.advance(begun().pk, now=NOW)

        assert (row.state, row.next_date, row.percent) == ("done", date(2026, 11, 1), 100)
        assert row.new_count == ExchangeRate.objects.count() > 0
        assert row.ended_at is not None
        assert row.running_for is None
        assert [log.trigger for log in CollectionLog.objects.all()] == ["backfill"]

    def test_after_a_done_one_nothing_is_asked_any_more(self, ecb):
        row = backfill.advance(begun().pk, now=NOW)
        asked = len(ecb.requests)

        again = backfill.advance(row.pk, now=NOW)

        assert (again.new_count, again.state) == (row.new_count, "done")
        assert len(ecb.requests) == asked

    def test_a_range_that_is_there_already_is_known_and_not_new(self, ecb):
        first = backfill.advance(begun().pk, now=NOW)

        second = backfill.advance(begun().pk, now=NOW)

        assert (second.new_count, second.same_count) == (0, first.new_count)

    def test_two_parts_are_two_runs(self, ecb):
        row = begun(first=date(2021, 6, 1))

        once = backfill.advance(row.pk, now=NOW)
        twice = backfill.advance(row.pk, now=NOW)

        assert (once.state, once.next_date) == ("running", date(2026, 6, 1))
        assert (twice.state, twice.next_date) == ("done", date(2026, 11, 1))
        assert CollectionLog.objects.count() == 2

    def test_while_another_run_has_the_lease_nothing_moves(self, ecb):
        from ingestor import lease

        row = begun()
        held = lease.take("ecb", NOW)
        assert held is not None

        waiting = backfill.advance(row.pk, now=NOW)

        assert (waiting.next_date, waiting.failures, waiting.state) == (JANUARY, 0, "running")
        held.give_back()
        assert backfill.advance(row.pk, now=NOW).state == "done"

    def test_an_outage_is_waited_for_and_the_third_stops_it(self, ecb):
        ecb.answer("/*", Answer(status=503))
        row = begun()

        once = backfill.advance(row.pk, now=NOW)
        asked = len(ecb.requests)
        too_early = backfill.advance(row.pk, now=NOW + timedelta(minutes=1))

        assert (once.state, once.failures) == ("running", 1)
        assert once.again_at is not None
        assert once.error.startswith("ProviderUnavailable")
        assert (too_early.failures, len(ecb.requests)) == (1, asked)
        backfill.advance(row.pk, now=NOW + timedelta(minutes=10))
        third = backfill.advance(row.pk, now=NOW + timedelta(minutes=20))
        assert (third.state, third.failures, third.running_for) == ("stopped", 3, None)

    def test_what_waiting_does_not_heal_stops_it_at_once(self, ecb):
        ecb.answer("/*", Answer(body=b"<html>maintenance</html>"))

        row = backfill.advance(begun().pk, now=NOW)

        assert (row.state, row.failures) == ("stopped", 1)
        assert row.error.startswith("ProviderFormatError")

    def test_a_stopped_one_is_resumed_where_it_was(self, ecb):
        row = begun(first=date(2021, 6, 1))
        backfill.advance(row.pk, now=NOW)
        ecb.answer("/*", Answer(body=b"<html>maintenance</html>"))
        assert backfill.advance(row.pk, now=NOW).state == "stopped"
        on_an_ordinary_day(ecb, "ecb")

        backfill.resume(row.pk, now=NOW)
        done = backfill.advance(row.pk, now=NOW)

        assert (done.state, done.next_date, done.error) == ("done", date(2026, 11, 1), "")

    def test_a_cancelled_one_asks_nothing_more_and_keeps_what_it_has(self, ecb):
        row = begun(first=date(2021, 6, 1))
        backfill.advance(row.pk, now=NOW)
        stored = ExchangeRate.objects.count()
        asked = len(ecb.requests)

        backfill.cancel(row.pk, now=NOW)
        after = backfill.advance(row.pk, now=NOW)

        assert (after.state, after.next_date) == ("cancelled", date(2026, 6, 1))
        assert (ExchangeRate.objects.count(), len(ecb.requests)) == (stored, asked)
        with pytest.raises(backfill.NotOpen):
            backfill.resume(row.pk, now=NOW)
        with pytest.raises(backfill.NotOpen):
            backfill.cancel(row.pk, now=NOW)

    def test_the_task_twice_stores_once(self, ecb):
        row = begun()

        task(backfill=str(row.pk), at="2026-01-01")
        stored = ExchangeRate.objects.count()
        task(backfill=str(row.pk), at="2026-01-01")

        row.refresh_from_db()
        assert (row.state, row.new_count, ExchangeRate.objects.count()) == ("done", stored, stored)
        assert CollectionLog.objects.count() == 1

    def test_a_worker_sends_for_the_next_part_until_there_is_none(self, ecb, settings):
        settings.CELERY_BROKER_URL = "redis://nobody.example"  # tasks run where they are sent, all the same
        row = begun(first=date(2021, 6, 1))

        backfill.send(row)

        row.refresh_from_db()
        assert (row.state, row.next_date) == ("done", date(2026, 11, 1))
        assert CollectionLog.objects.count() == 2

    def test_without_workers_a_task_does_its_part_alone(self, ecb):
        row = begun(first=date(2021, 6, 1))

        backfill.send(row)

        row.refresh_from_db()
        assert (row.state, row.next_date) == ("running", date(2026, 6, 1))

    def test_its_bars_are_there(self, ecb):
        backfill.advance(begun(first=date(2026, 10, 26), last=date(2026, 10, 30)).pk, now=NOW)

        days = DailyRate.objects.filter(source="ecb", currency_code="USD").values_list("rate_date", flat=True)
        assert date(2026, 10, 30) in list(days)


def test_two_of_one_provider_never_run_at_once(ecb):
    begun()

    with pytest.raises(backfill.UnderWay):
        begun(first=date(2025, 1, 1), last=date(2025, 2, 1))

    assert Backfill.objects.count() == 1


def test_a_stopped_one_is_not_resumed_beside_a_running_one(ecb):
    stopped = begun()
    Backfill.objects.filter(pk=stopped.pk).update(state=BackfillState.STOPPED, running_for=None)
    begun()

    with pytest.raises(backfill.UnderWay):
        backfill.resume(stopped.pk, now=NOW)


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "somehow"},
        {"running_for": None},
        {"running_for": "fred"},
        {"ended_at": NOW},
        {"next_date": date(2025, 1, 1)},
        {"last_date": date(2025, 1, 1)},
        {"why": ""},
    ],
)
def test_the_table_refuses_what_cannot_be(broken):
    row = begun()

    with pytest.raises(IntegrityError):
        Backfill.objects.filter(pk=row.pk).update(**broken)


# --- killed --------------------------------------------------------------------------------------

_BEGIN = """
from datetime import UTC, date, datetime
from ingestor import backfill
now = datetime.now(UTC)
row = backfill.begin("ecb", date(2021, 6, 1), date(2026, 10, 30), by="kim", why="a gap", now=now)
backfill.advance(row.pk, now=now)
backfill.advance(row.pk, now=now)
"""
_GO_ON = """
from datetime import UTC, datetime
from ingestor import backfill
from ingestor.models import Backfill
backfill.advance(Backfill.objects.get().pk, now=datetime.now(UTC))
"""


def test_a_backfill_killed_in_its_second_part_goes_on_there_and_doubles_nothing(scratch, provider_server):
    whole = Answer(body=zipped(payload_bytes("ecb/history.csv")))
    silent = Answer(body=whole.body, delay=60)
    provider_server.answer("/stats/eurofxref/eurofxref-hist.zip", whole, silent, whole)
    told = {**scratch, "PROVIDER_ECB_URL": provider_server.url}

    with subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v0", "-c", _BEGIN], cwd=ROOT, env=told
    ) as first:
        for _ in range(600):
            if first.poll() is not None or len(provider_server.requests) == 2:
                break
            time.sleep(0.05)
        first.kill()
    [left] = rows_of(scratch, "SELECT state, next_date, failures FROM backfills")
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", _GO_ON],
        cwd=ROOT,
        env=told,
        check=True,
        timeout=60,
    )

    assert (left[0], str(left[1]), left[2]) == ("running", "2026-06-01", 0)
    [(state, following, new, same)] = rows_of(
        scratch, "SELECT state, next_date, new_count, same_count FROM backfills"
    )
    [(stored,)] = rows_of(
        scratch, "SELECT COUNT(*) FROM exchange_rate_history WHERE rate_date >= '2021-06-01'"
    )
    assert (state, str(following), new, same) == ("done", "2026-10-31", stored, 0)
    assert stored > 0
    outcomes = rows_of(scratch, "SELECT outcome, error FROM collection_logs ORDER BY id")
    assert outcomes[1:] == [("failure", "interrupted"), ("data", "")]


# --- by an operator ------------------------------------------------------------------------------


@pytest.fixture
def operator(client):
    kim = User.objects.create_user("kim", password="x", is_staff=True)
    kim.groups.add(Group.objects.get(name="operator"))
    client.force_login(kim)
    return client


#: Days of which the kept history has rates.
RANGE = {"provider": "ecb", "first": "2026-10-29", "last": "2026-10-30", "why": "two days are missing"}


class TestPages:
    def test_nothing_is_begun_before_its_preview_was_seen(self, ecb, operator):
        page = operator.post(reverse("admin:ingestor_backfill_add"), RANGE)

        assert page.status_code == 200
        assert page.context["preview"].counts.new > 0
        assert Backfill.objects.count() == 0

    def test_a_preview_of_another_range_is_no_preview_of_this_one(self, ecb, operator):
        told = {**RANGE, "previewed": "ecb 2026-10-28 2026-10-30"}

        operator.post(reverse("admin:ingestor_backfill_add"), told)

        assert Backfill.objects.count() == 0

    def test_what_was_previewed_is_begun_watched_and_noted(self, ecb, operator):
        told = {**RANGE, "previewed": "ecb 2026-10-29 2026-10-30"}

        begun = operator.post(reverse("admin:ingestor_backfill_add"), told)
        row = Backfill.objects.get()
        watched = operator.post(
            reverse("admin:ingestor_backfill_progress", args=[row.pk]), headers={"HX-Request": "true"}
        )

        assert begun.headers["Location"] == reverse("admin:ingestor_backfill_change", args=[row.pk])
        row.refresh_from_db()
        assert (row.state, row.asked_by, row.why) == ("done", "kim", "two days are missing")
        assert "100%" in watched.content.decode()
        assert DailyRate.objects.filter(currency_code="USD", rate_date=date(2026, 10, 29)).exists()
        [entry] = LogEntry.objects.all()
        assert (entry.user.username, entry.object_id) == ("kim", str(row.pk))
        assert entry.change_message == "backfill — two days are missing"

    def test_looking_at_the_page_does_no_work(self, ecb, operator):
        row = begun()

        operator.get(reverse("admin:ingestor_backfill_progress", args=[row.pk]))
        page = operator.get(reverse("admin:ingestor_backfill_change", args=[row.pk]))

        assert page.status_code == 200
        assert ecb.requests == []

    def test_a_cancel_and_a_resume_want_a_reason_and_are_noted(self, ecb, operator):
        row = begun()
        Backfill.objects.filter(pk=row.pk).update(state=BackfillState.STOPPED, running_for=None)
        resume = reverse("admin:ingestor_backfill_resume", args=[row.pk])
        cancel = reverse("admin:ingestor_backfill_cancel", args=[row.pk])

        operator.post(resume, {"why": ""})
        row.refresh_from_db()
        assert row.state == "stopped"
        operator.post(resume, {"why": "they are back"})
        row.refresh_from_db()
        assert row.state == "running"
        operator.post(cancel, {"why": "not needed"})
        row.refresh_from_db()
        assert row.state == "cancelled"

        messages = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
        assert list(messages) == ["resume backfill — they are back", "cancel backfill — not needed"]

    def test_a_viewer_watches_and_does_nothing(self, ecb, client):
        lee = User.objects.create_user("lee", password="x", is_staff=True)
        lee.groups.add(Group.objects.get(name="viewer"))
        client.force_login(lee)
        row = begun()
        at = {
            name: reverse(f"admin:ingestor_backfill_{name}", args=[row.pk])
            for name in ("change", "progress", "cancel", "resume")
        }

        assert client.get(at["change"]).status_code == 200
        assert client.get(reverse("admin:ingestor_backfill_add")).status_code == 403
        for name in ("progress", "cancel", "resume"):
            assert client.post(at[name], {"why": "because"}).status_code == 403
        row.refresh_from_db()
        assert (row.state, ecb.requests) == ("running", [])
