"""Rates held back, as operators see them and decide about them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db import OperationalError
from django.db.models.signals import pre_save
from django.urls import reverse

from currency.models import ExchangeRate
from ingestor import archive
from ingestor.held_rate import beside, drawn
from ingestor.models import CollectionLog, QuarantinedRate
from ingestor.quarantine import hold
from ingestor.recording import write
from tests.ingestor.observations import NOW, ORIGIN, observation

pytestmark = pytest.mark.django_db

#: 1,336.1 yesterday after 1,320: the held 1,500 is 12.27 % above it, and 7.14 % above the ECB's 1,400.
BESIDE = {
    "recent": [["2026-10-28", "1320"], ["2026-10-29", "1336.1"]],
    "others": {"ecb": ["2026-10-30", "1400"]},
}
LIST = "admin:ingestor_quarantinedrate_changelist"


def one_held(rate="1500", **told):
    hold("eximbank", [(observation(rate, **told), ORIGIN, "moved too far", BESIDE)], now=NOW)
    return QuarantinedRate.objects.latest("pk")


def login(client, name, role):
    user = User.objects.create_user(name, password="x", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client


@pytest.fixture
def operator(client):
    return login(client, "kim", "operator")


def decision(row, act):
    return reverse(f"admin:ingestor_quarantinedrate_{act}", args=[row.pk])


def test_a_held_value_stands_beside_what_it_is_judged_by():
    found = beside(one_held())

    assert [(one.who, one.rate, round(one.apart, 2)) for one in found.recent] == [
        ("eximbank", Decimal(1320), Decimal("13.64")),
        ("eximbank", Decimal("1336.1"), Decimal("12.27")),
    ]
    assert [None if one.moved is None else round(one.moved, 2) for one in found.recent] == [
        None,
        Decimal("1.22"),
    ]
    assert [(one.who, round(one.apart, 2)) for one in found.others] == [("ecb", Decimal("7.14"))]


def test_a_value_without_neighbours_stands_alone():
    hold("eximbank", [(observation("1500"), ORIGIN, "new", {"recent": [], "others": {}})], now=NOW)

    found = beside(QuarantinedRate.objects.get())

    assert (found.recent, found.others) == ([], [])
    assert "<svg" in drawn(Decimal(1500), [], [], label="alone")


def test_the_highest_value_is_drawn_on_top_and_the_lowest_at_the_bottom():
    picture = drawn(Decimal(200), [Decimal(100), Decimal(150)], [], label="a held rate")

    assert 'points="14.0,136.0 280.0,75.0"' in picture
    assert 'cx="546.0" cy="14.0"' in picture


def test_the_list_tells_how_far_a_value_is_from_the_others(operator):
    one_held()

    page = operator.get(reverse(LIST)).content.decode()

    assert "+12.3%" in page
    assert "ecb +7.1%" in page
    assert "moved too far" in page


def test_the_page_of_one_shows_a_table_and_a_picture_and_no_json(operator):
    row = one_held()

    page = operator.get(reverse("admin:ingestor_quarantinedrate_change", args=[row.pk])).content.decode()

    assert 'class="held"' in page
    assert "1,336.10" in page
    assert "1,400.00" in page
    assert "recent" not in page.replace("Recent", "")


@pytest.mark.parametrize(("act", "state", "rates"), [("release", "released", 1), ("drop", "dropped", 0)])
def test_one_is_decided_on_its_own_page_with_a_reason_that_is_kept(operator, act, state, rates):
    row = one_held()

    asked = operator.get(decision(row, act))
    unreasoned = operator.post(decision(row, act), {"why": ""})
    row.refresh_from_db()
    assert (asked.status_code, unreasoned.status_code, row.state) == (200, 200, "waiting")
    operator.post(decision(row, act), {"why": "checked with the bank"})

    row.refresh_from_db()
    assert (row.state, row.decided_by, row.note) == (state, "kim", "checked with the bank")
    assert ExchangeRate.objects.count() == rates
    [entry] = LogEntry.objects.all()
    assert (entry.user.username, entry.object_id) == ("kim", str(row.pk))
    assert entry.change_message == f"{act} held rate — checked with the bank"


@pytest.mark.parametrize("act", ["release", "drop"])
def test_what_cannot_be_noted_is_not_decided(operator, act):
    row = one_held()

    def full(**_):
        raise OperationalError("the log's table is full")

    operator.raise_request_exception = False
    pre_save.connect(full, sender=LogEntry)
    try:
        answer = operator.post(decision(row, act), {"why": "checked with the bank"})
    finally:
        pre_save.disconnect(full, sender=LogEntry)

    row.refresh_from_db()
    assert answer.status_code >= 500
    assert (row.state, ExchangeRate.objects.count()) == ("waiting", 0)


def test_a_decision_is_made_once(operator):
    row = one_held()
    operator.post(decision(row, "drop"), {"why": "a misprint"})

    again = operator.post(decision(row, "release"), {"why": "no, it was right"}, follow=True)

    row.refresh_from_db()
    assert (row.state, row.note, ExchangeRate.objects.count()) == ("dropped", "a misprint", 0)
    assert "decided upon already" in again.content.decode()
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize(("act", "state", "rates"), [("release", "released", 2), ("drop", "dropped", 0)])
def test_many_are_decided_at_once_with_one_reason(operator, act, state, rates):
    chosen = [one_held().pk, one_held("15", code="JPY").pk]
    told = {"action": act, "_selected_action": chosen}

    asked = operator.post(reverse(LIST), told)
    assert asked.status_code == 200
    assert "USD" in asked.content.decode()
    assert set(QuarantinedRate.objects.values_list("state", flat=True)) == {"waiting"}
    operator.post(reverse(LIST), {**told, "decided": "1", "why": "an outage of the bank"})

    rows = QuarantinedRate.objects.values_list("state", "decided_by", "note")
    assert list(rows) == [(state, "kim", "an outage of the bank")] * 2
    assert ExchangeRate.objects.count() == rates
    assert LogEntry.objects.count() == 2


def test_many_without_a_reason_are_left_as_they_are(operator):
    row = one_held()

    operator.post(reverse(LIST), {"action": "drop", "_selected_action": [row.pk], "decided": "1", "why": " "})

    row.refresh_from_db()
    assert row.state == "waiting"


def test_an_operator_is_told_why_a_value_cannot_be_released(operator):
    row = one_held()
    later = replace(ORIGIN, fetched_at=NOW + timedelta(minutes=5))
    write("eximbank", [(observation("1336.1"), later)])

    answer = operator.post(decision(row, "release"), {"why": "it was right"}, follow=True)

    row.refresh_from_db()
    assert (answer.status_code, row.state) == (200, "waiting")
    assert "a newer figure of this fixing is recorded: 1336.1000000000" in answer.content.decode()
    assert LogEntry.objects.count() == 0


def test_who_may_only_look_is_offered_no_decision(client):
    viewer = login(client, "lee", "viewer")
    row = one_held()

    page = viewer.get(reverse("admin:ingestor_quarantinedrate_change", args=[row.pk]))
    viewer.post(
        reverse(LIST), {"action": "release", "_selected_action": [row.pk], "decided": "1", "why": "x"}
    )
    direct = viewer.post(decision(row, "release"), {"why": "because"})

    row.refresh_from_db()
    assert (page.status_code, direct.status_code, row.state) == (200, 403, "waiting")
    assert decision(row, "release") not in page.content.decode()


@pytest.mark.parametrize(
    "model", ["backfill", "collectionlog", "quarantinedrate", "lease", "providercircuit"]
)
def test_the_pipeline_can_be_looked_at_and_not_edited(operator, model):
    CollectionLog.objects.create(provider="ecb", correlation_id="a", trigger="command", started_at=NOW)
    one_held()

    assert operator.get(reverse(f"admin:ingestor_{model}_changelist")).status_code == 200
    if model != "backfill":  # which is begun there, by its own form
        assert operator.get(reverse(f"admin:ingestor_{model}_add")).status_code == 403


def test_a_run_tells_its_rejections_and_its_payloads_in_words(operator):
    log = CollectionLog.objects.create(
        provider="ecb",
        correlation_id="a",
        trigger="command",
        started_at=NOW,
        rejected_reasons={"XXX: unknown currency code": 2},
        payloads=[{"url": "https://bank.example/rates", "archive_key": "raw/ecb/2026/10/30/a.xml.gz"}],
    )

    page = operator.get(reverse("admin:ingestor_collectionlog_change", args=[log.pk])).content.decode()

    assert "XXX: unknown currency code: 2" in page
    assert "raw/ecb/2026/10/30/a.xml.gz" in page


def test_what_a_run_has_fetched_is_given_out_as_it_came_and_never_shown(operator, settings, tmp_path):
    storage = settings.STORAGES["archive"] | {"OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"archive": storage}
    key = archive.save(b"<html>5 < 6</html>", provider="ecb", media="xml", fetched_at=NOW)
    log = CollectionLog.objects.create(
        provider="ecb",
        correlation_id="a",
        trigger="command",
        started_at=NOW,
        payloads=[
            {"url": "https://bank.example/rates", "archive_key": key},
            {"url": "", "archive_key": "gone"},
        ],
    )

    def answer(number):
        return operator.get(reverse("admin:ingestor_payload", args=[log.pk, number]))

    given = answer(0)
    assert given.content == b"<html>5 < 6</html>"
    assert given.headers["Content-Type"] == "application/octet-stream"
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert [answer(number).status_code for number in (1, 2)] == [404, 404]
