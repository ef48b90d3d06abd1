"""ingestor.notices: the public record, written by the transactions that make it true."""

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connections, transaction
from django.utils import translation

from config.cache import generation
from config.commit import committed
from currency import overrides
from currency.models import Provider
from ingestor import health, notices, quarantine
from ingestor.models import Kind, Notice, QuarantinedRate, Trigger
from ingestor.notice_words import told
from ingestor.price_recording import PriceCorrection
from ingestor.rate_publishing import RatePublication
from ingestor.registry import profiles
from ingestor.result import Counts
from ingestor.run import collect
from tests.ingestor.observations import FRIDAY, MONDAY, NOW, ORIGIN, days_before, observation, sourced
from tests.ingestor.playing import on_an_ordinary_day, points_at
from tests.ingestor.provider_server import Answer, payload_bytes
from tests.ingestor.samples import zipped

pytestmark = pytest.mark.django_db

THURSDAY = FRIDAY - timedelta(days=1)
LATER = NOW + timedelta(hours=1)
#: Friday, 23:00 in Seoul: ECOS's day was due at 17:30.
FRIDAY_NIGHT = datetime(2026, 10, 30, 14, tzinfo=UTC)
BESIDE: dict[str, Any] = {"recent": [], "others": {}}


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def publication(good=(), held=(), source="ecos", is_snapshot=False):
    return RatePublication(
        source=source,
        is_snapshot=is_snapshot,
        good=list(good),
        held=[(one, ORIGIN, "looks 100 times too large beside the previous value", BESIDE) for one in held],
        settled=Counts(),
    )


def publish(*observations, held=(), source="ecos", now=NOW):
    """What a run does with the figures of an answer, in its transaction."""
    return committed(lambda: publication(sourced(*observations), held, source).write(now))


def the_notice(now=NOW):
    [notice] = Notice.objects.all()
    return notice, told(notice, now=now)


# --- corrections ----------------------------------------------------------------------------------


def test_one_corrected_rate_names_currency_day_and_both_figures():
    publish(observation("1336.1"))
    publish(observation("1336.7"), now=LATER)

    notice, words = the_notice()
    assert (notice.kind, notice.source, notice.started_at, notice.ended_at) == (
        "correction",
        "ecos",
        LATER,
        None,
    )
    assert words.title == "Bank of Korea ECOS corrected US Dollar (USD) of October 30, 2026"
    assert words.text == "USD: 1,336.10 → 1,336.70 won"
    assert words.state == "corrected"


def test_the_same_is_told_in_korean():
    publish(observation("8.8357", code="JPY"))
    publish(observation("8.8413", code="JPY"))

    with translation.override("ko"):
        _, words = the_notice()

    assert words.title == "한국은행 경제통계시스템: 2026년 10월 30일 일본 엔화 (JPY) 환율 정정"
    # Per 100, as boards in Korea have it.
    assert words.text == "100 JPY: 883.57원 → 884.13원"


def test_what_is_new_or_the_same_is_no_correction():
    publish(observation("1336.1"))
    publish(observation("1336.10"), observation("1340", day=MONDAY))

    assert Notice.objects.count() == 0


def test_wire_rates_that_come_later_are_no_correction_but_other_ones_are():
    publish(observation("1336.1"))
    publish(observation("1336.1", tts="1349.4", ttb="1322.8"))
    assert Notice.objects.count() == 0

    publish(observation("1336.1", tts="1350.4", ttb="1322.8"))

    assert the_notice()[1].text == "USD, telegraphic selling rate: 1,349.40 → 1,350.40 won"


def test_figures_that_differ_in_a_later_digit_are_told_so_that_one_sees_it():
    publish(observation("1335.2667382743"))
    publish(observation("1335.2667991"))

    assert the_notice()[1].text == "USD: 1,335.2667 → 1,335.2668 won"


def test_two_hundred_corrections_of_a_run_are_one_notice_with_the_newest_told_one_by_one():
    days = days_before(MONDAY, 200)
    publish(*(observation("1300", day=day) for day in days))
    publish(*(observation("1301", day=day) for day in days))

    notice, words = the_notice()
    assert (notice.facts["count"], len(notice.facts["values"])) == (200, 20)
    assert words.title == "Bank of Korea ECOS corrected 200 rates"
    # 200 days before Monday, 2 November 2026.
    assert words.sentence == "Figures from April 16, 2026 to November 1, 2026. Earlier figures stay readable."
    assert words.details[0] == "November 1, 2026 · USD: 1,300.00 → 1,301.00 won"
    assert words.details[19] == "October 13, 2026 · USD: 1,300.00 → 1,301.00 won"
    assert words.details[20:] == ("… and 180 more",)


def test_corrections_of_one_seoul_day_are_one_notice_and_those_of_the_next_another():
    publish(observation("1336.1"), observation("8.8", code="JPY"))
    publish(observation("1336.7"), now=NOW)
    publish(observation("8.9", code="JPY"), now=datetime(2026, 10, 30, 14, 59, tzinfo=UTC))
    publish(observation("9.0", code="JPY"), now=datetime(2026, 10, 30, 15, 0, tzinfo=UTC))

    first, second = Notice.objects.order_by("started_at")
    assert (first.subject, first.facts["count"]) == ("correction:ecos:2026-10-30", 2)
    assert (first.started_at, first.updated_at) == (NOW, datetime(2026, 10, 30, 14, 59, tzinfo=UTC))
    assert (second.subject, second.facts["count"]) == ("correction:ecos:2026-10-31", 1)


def test_each_provider_has_a_notice_of_its_own():
    for source in ("ecos", "ecb"):
        publish(observation("1336.1"), source=source)
        publish(observation("1336.7"), source=source)

    assert sorted(Notice.objects.values_list("source", flat=True)) == ["ecb", "ecos"]


def test_the_same_run_twice_gives_one_notice():
    publish(observation("1336.1"))
    publish(observation("1336.7"))
    before = Notice.objects.get()
    publish(observation("1336.7"), now=LATER)

    after = Notice.objects.get()
    assert (after.facts, after.updated_at) == (before.facts, before.updated_at)


def test_a_transaction_that_fails_tells_nothing():
    publish(observation("1336.1"))

    def broken():
        publication(sourced(observation("1336.7"))).write(NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        committed(broken)

    assert Notice.objects.count() == 0


def test_files_that_ship_with_a_package_tell_nothing():
    def ship(rate, package):
        one = observation(rate)
        origin = type(ORIGIN)(f"raw/ecos/bundled/{package}.zip.gz", NOW)
        return publication([(one, origin)], is_snapshot=True).write(NOW)

    ship("1336.1", "9f86d081884c7d659a2feaa0")

    assert ship("1336.9", "60303ae22b998861bce3b28f").revised == 1
    assert Notice.objects.count() == 0


def test_a_correction_found_by_a_run_is_on_the_record(provider_server, settings):
    points_at(provider_server, settings, "ecb")
    on_an_ordinary_day(provider_server, "ecb")
    now = datetime(2026, 10, 30, 15, 30, tzinfo=UTC)
    collect("ecb", trigger=Trigger.COMMAND, now=now)
    history = payload_bytes("ecb/history.csv")
    provider_server.answer("/stats/eurofxref/eurofxref-hist.zip", history_with_another_dollar(history))

    result = collect("ecb", trigger=Trigger.BACKFILL, now=now, first=FRIDAY, last=FRIDAY)

    assert result.counts.revised == 1
    [notice] = Notice.objects.all()
    assert (notice.facts["count"], notice.facts["values"][0]["currency"]) == (1, "USD")


def history_with_another_dollar(history):
    header, friday, *rest = history.splitlines(keepends=True)
    cells = friday.split(b",")
    assert cells[0] == b"2026-10-30"
    at = header.split(b",").index(b"USD")
    cells[at] = str(Decimal(cells[at].decode()) + Decimal("0.0001")).encode()
    return Answer(body=zipped(b"".join([header, b",".join(cells), *rest])))


def test_corrected_prices_are_told_with_their_country_and_money():
    one = PriceCorrection(
        "JP", "bigmac", date(2026, 1, 1), "JPY", Decimal("480.000000"), Decimal("490.000000")
    )

    for _ in range(2):  # the second run finds nothing to correct
        notices.prices_recorded("bigmac", [one] if not Notice.objects.exists() else [], now=NOW)

    _, words = the_notice()
    assert words.title == "The Economist Big Mac index: 1 price corrected"
    assert words.details == ("January 1, 2026 · Japan: 480.00 → 490.00 JPY",)


# --- values held back -----------------------------------------------------------------------------


def held_values(now=NOW):
    notice, words = the_notice(now)
    return notice.facts["values"], words.state, [words.sentence, *words.details]


def test_a_value_held_back_leaves_its_day_empty_and_says_so():
    publish(observation("8.8", code="JPY"), held=[observation("133610")])

    notice, words = the_notice()
    assert (notice.subject, notice.facts) == (
        "held:ecos:2026-10-30",
        {"day": "2026-10-30", "values": {"USD": "waiting"}},
    )
    assert words.title == "Bank of Korea ECOS, October 30, 2026: 1 value held back"
    assert held_values()[1:] == (
        "open",
        [
            "Out of line with the figures around, so not shown until somebody has checked: US Dollar (USD).",
        ],
    )


def test_a_value_held_beside_a_figure_that_is_there_leaves_nothing_empty():
    publish(observation("1336.1"))
    publish(held=[observation("133610")])

    assert QuarantinedRate.objects.count() == 1
    assert Notice.objects.count() == 0


def test_a_value_held_every_five_minutes_is_one_notice():
    publish(held=[observation("133610")])
    publish(held=[observation("133610")], now=LATER)

    assert the_notice()[0].updated_at == NOW


def test_a_released_value_is_published_late_and_the_notice_over():
    publish(held=[observation("133610")])
    quarantine.release(QuarantinedRate.objects.get().pk, by="kim", note="", now=LATER)

    notice, _ = the_notice()
    assert notice.ended_at == LATER
    assert held_values(LATER) == (
        {"USD": "released"},
        "over",
        ["Checked and published late: US Dollar (USD)."],
    )


def test_a_dropped_value_stays_missing_and_is_told_to_be():
    publish(held=[observation("133610")])
    quarantine.drop(QuarantinedRate.objects.get().pk, by="kim", note="typing error", now=LATER)

    assert held_values(LATER) == (
        {"USD": "dropped"},
        "over",
        ["Wrong, so there is no figure of that day: US Dollar (USD)."],
    )


def test_a_provider_that_tells_another_figure_ends_the_wait_by_itself():
    publish(held=[observation("133610"), observation("88357", code="JPY")])
    publish(observation("1336.1"), now=LATER)
    assert held_values(LATER)[0] == {"JPY": "waiting", "USD": "arrived"}
    assert the_notice()[0].ended_at is None

    publish(observation("8.8357", code="JPY"), now=LATER)

    assert the_notice()[0].ended_at == LATER
    # The operator drops what nobody needs any more: that changes nothing for readers.
    for row in QuarantinedRate.objects.all():
        quarantine.drop(row.pk, by="kim", note="", now=LATER + timedelta(hours=1))
    assert held_values(LATER)[0] == {"JPY": "arrived", "USD": "arrived"}
    assert the_notice()[0].ended_at == LATER


def test_a_released_value_that_replaces_a_figure_is_a_correction():
    publish(observation("1336.1"), now=NOW - timedelta(minutes=5))
    publish(held=[observation("1500")])

    quarantine.release(QuarantinedRate.objects.get().pk, by="kim", note="", now=LATER)

    notice, words = the_notice()
    assert (notice.kind, words.text) == ("correction", "USD: 1,336.10 → 1,500.00 won")


def test_many_currencies_of_a_day_are_one_notice_that_names_some():
    codes = ["USD", "JPY", "EUR", "CNY", "THB", "GBP", "HKD", "SGD", "AUD", "CAD"]
    publish(held=[observation("133610", code=code) for code in codes])

    _, words = the_notice()
    assert words.title.endswith("10 values held back")
    assert words.sentence.endswith("Japanese Yen (JPY), Singapore Dollar (SGD) and 2 more.")


# --- outages --------------------------------------------------------------------------------------


@pytest.fixture
def _asked(settings):
    """Of the providers only ECOS is followed."""
    settings.PROVIDERS = {"ecos": {"api_key": "x"}}
    Provider.objects.exclude(key="ecos").update(is_enabled=False)


@pytest.mark.usefixtures("_asked")
def test_a_publication_that_did_not_arrive_is_one_incident_however_often_one_looks():
    publish(observation("1336.1", day=THURSDAY))
    assert health.tell_overdue(datetime(2026, 10, 30, 8, 29, tzinfo=UTC)) == 0  # due at 17:30 in Seoul
    assert Notice.objects.count() == 0

    for minutes in (0, 5, 10):
        assert health.tell_overdue(FRIDAY_NIGHT + timedelta(minutes=minutes)) == 1

    notice, words = the_notice()
    assert (notice.subject, notice.open_outage_of) == ("outage:ecos:2026-10-30", "ecos")
    assert (notice.started_at, notice.updated_at, notice.ended_at) == (FRIDAY_NIGHT, FRIDAY_NIGHT, None)
    assert notice.facts == {
        "newest": "2026-10-29",
        "missed": "2026-10-30",
        "due_at": "2026-10-30T08:30:00+00:00",
    }
    assert words.title == "Bank of Korea ECOS: the rates of October 30, 2026 did not arrive"
    assert words.text == (
        "They were due by Oct 30, 2026 17:30 (Seoul). The newest we had were those of October 29, 2026."
    )
    assert words.state == "open"


@pytest.mark.usefixtures("_asked")
def test_it_stays_the_same_incident_when_the_next_day_is_missing_as_well():
    publish(observation("1336.1", day=THURSDAY))
    health.tell_overdue(FRIDAY_NIGHT)
    health.tell_overdue(FRIDAY_NIGHT + timedelta(days=3))

    assert the_notice()[0].facts["missed"] == "2026-10-30"


@pytest.mark.usefixtures("_asked")
def test_it_is_over_in_the_transaction_that_brings_the_data_back():
    publish(observation("1336.1", day=THURSDAY))
    health.tell_overdue(FRIDAY_NIGHT)
    back = FRIDAY_NIGHT + timedelta(hours=2)
    publish(observation("1340", day=date(2026, 10, 28)), now=back)  # an older day mends nothing
    assert the_notice()[0].ended_at is None

    publish(observation("1336.7"), now=back)

    notice, words = the_notice(back)
    assert (notice.ended_at, notice.open_outage_of, notice.facts["end"]) == (back, None, "data")
    assert words.details == ("Its rates have been coming again since Oct 31, 2026 01:00 (Seoul).",)
    assert words.state == "over"


@pytest.mark.usefixtures("_asked")
def test_one_day_of_two_that_are_missing_is_not_the_end():
    publish(observation("1336.1", day=THURSDAY))
    monday_night = FRIDAY_NIGHT + timedelta(days=3)
    health.tell_overdue(monday_night)

    publish(observation("1336.7"), now=monday_night)
    assert the_notice()[0].ended_at is None
    publish(observation("1337.7", day=MONDAY), now=monday_night)

    assert the_notice()[0].ended_at == monday_night


@pytest.mark.usefixtures("_asked")
def test_a_released_value_can_be_what_was_missing():
    publish(observation("1336.1", day=THURSDAY))
    publish(held=[observation("133670")])
    health.tell_overdue(FRIDAY_NIGHT)

    quarantine.release(
        QuarantinedRate.objects.get().pk, by="kim", note="", now=FRIDAY_NIGHT + timedelta(hours=1)
    )

    assert Notice.objects.filter(ended_at=None).count() == 0
    assert sorted(Notice.objects.values_list("kind", flat=True)) == ["held", "outage"]


@pytest.mark.usefixtures("_asked")
def test_nobody_waits_for_a_provider_that_is_switched_off():
    publish(observation("1336.1", day=THURSDAY))
    health.tell_overdue(FRIDAY_NIGHT)
    Provider.objects.filter(key="ecos").update(is_enabled=False)

    health.tell_overdue(FRIDAY_NIGHT + timedelta(minutes=5))

    notice, words = the_notice()
    assert (notice.facts["end"], notice.open_outage_of) == ("unasked", None)
    assert words.details == ("This source has not been asked since Oct 30, 2026 23:05 (Seoul).",)


@pytest.mark.usefixtures("_asked")
def test_a_provider_switched_on_again_is_the_same_incident_again():
    publish(observation("1336.1", day=THURSDAY))
    health.tell_overdue(FRIDAY_NIGHT)
    Provider.objects.filter(key="ecos").update(is_enabled=False)
    health.tell_overdue(FRIDAY_NIGHT + timedelta(minutes=5))
    Provider.objects.filter(key="ecos").update(is_enabled=True)

    health.tell_overdue(FRIDAY_NIGHT + timedelta(minutes=10))

    notice, _ = the_notice()
    assert (notice.started_at, notice.ended_at, notice.open_outage_of) == (FRIDAY_NIGHT, None, "ecos")
    assert "end" not in notice.facts


@pytest.mark.usefixtures("_asked")
def test_a_provider_that_never_told_anything_is_missed_by_nobody():
    assert health.tell_overdue(FRIDAY_NIGHT) == 1

    assert Notice.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_that_look_at_once_open_one_incident():
    provider = Provider.objects.get_or_create(
        key="ecos",
        defaults={
            name: getattr(profiles()["ecos"], name)
            for name in (
                "name_ko",
                "name_en",
                "priority",
                "kind",
                "time_zone",
                "fixing_time",
                "publication_time",
                "grace_minutes",
                "calendar",
            )
        },
    )[0]
    together = threading.Barrier(4)
    failures = []

    def look(minutes):
        try:
            together.wait(10)
            now = FRIDAY_NIGHT + timedelta(minutes=minutes)
            committed(lambda: notices.outage(provider, have=THURSDAY, now=now))
        except Exception as exc:  # noqa: BLE001 - shown below
            failures.append(exc)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=look, args=(minutes,)) for minutes in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    assert the_notice()[0].open_outage_of == "ecos"


# --- rates set by hand ----------------------------------------------------------------------------


def test_a_rate_set_by_hand_is_told_until_it_is_withdrawn_and_why_is_the_operators_affair():
    publish(observation("8.8357", code="JPY"))
    kim = User.objects.create(username="kim")
    until = NOW + timedelta(days=1)

    row = overrides.put(
        code="JPY", rate=Decimal("8.9"), why="the bank is wrong", expires_at=until, by=kim, now=NOW
    )

    notice, words = the_notice()
    assert (notice.kind, notice.subject, notice.source) == ("override", f"override:{row.pk}", "")
    assert words.title == "Japanese Yen (JPY): set by hand"
    assert words.text == "100 JPY = 890.00 won, until Oct 31, 2026 14:00 (Seoul) at the latest."
    assert words.state == "open"
    assert told(notice, now=until).state == "over"  # by itself

    overrides.end(row.pk, why="mended", by=kim, now=LATER)

    notice, words = the_notice(LATER)
    assert (notice.started_at, notice.ended_at) == (NOW, LATER)
    assert words.details == ("Withdrawn on Oct 30, 2026 15:00 (Seoul).",)
    assert words.state == "over"


# --- any notice -----------------------------------------------------------------------------------


def test_a_notice_told_again_is_not_touched_unless_it_says_something_new():
    def tell(rate, now):
        return notices.publish(
            kind=Kind.OVERRIDE, subject="override:17", facts={"rate": rate}, now=now, ended_at=None
        )

    first = tell("1", NOW)
    assert tell("1", LATER).updated_at == NOW
    second = tell("2", LATER)

    assert (second.pk, second.public_id, second.started_at) == (first.pk, first.public_id, NOW)
    assert Notice.objects.get().updated_at == LATER


def test_a_clock_that_is_behind_cannot_stop_the_data():
    publish(observation("1336.1", day=THURSDAY))
    notices.outage(Provider.objects.get(key="ecos"), have=THURSDAY, now=LATER)

    publish(observation("1336.7"), now=NOW)

    assert the_notice()[0].ended_at == LATER


def test_readers_see_it_as_soon_as_it_is_committed(django_capture_on_commit_callbacks):
    def tell():
        notices.publish(kind=Kind.OVERRIDE, subject="override:17", facts={}, now=NOW)

    before = generation.current()
    with django_capture_on_commit_callbacks(execute=True) as first:
        tell()
    with django_capture_on_commit_callbacks(execute=True) as second:
        tell()

    assert (len(first), len(second)) == (1, 0)
    assert generation.current() > before


def test_a_source_that_is_gone_keeps_its_key_for_a_name():
    notice = Notice(
        kind="outage",
        source="gone",
        subject="outage:gone",
        facts={"newest": "2026-10-29", "missed": "2026-10-30", "due_at": "2026-10-30T08:30:00+00:00"},
        started_at=NOW,
        updated_at=NOW,
    )

    assert told(notice, now=NOW).title.startswith("gone: the rates of")


@pytest.mark.parametrize(
    ("broken", "constraint"),
    [
        ({"kind": "rumour"}, "notice_kind_is_known"),
        ({"subject": ""}, "notice_has_a_subject"),
        ({"ended_at": NOW - timedelta(seconds=1)}, "notice_ends_after_start"),
        ({"kind": "outage", "source": "ecos"}, "notice_outage_is_open_or_ended"),
        (
            {"kind": "outage", "source": "ecos", "open_outage_of": "ecos", "ended_at": NOW},
            "notice_outage_is_open_or_ended",
        ),
        ({"kind": "outage", "source": "ecos", "open_outage_of": "ecb"}, "notice_outage_is_open_or_ended"),
        ({"open_outage_of": "ecos", "source": "ecos"}, "notice_outage_is_open_or_ended"),
    ],
)
def test_the_table_refuses_what_cannot_be(broken, constraint):
    row = {"kind": "held", "source": "ecos", "subject": "x", "started_at": NOW, "updated_at": NOW}

    with pytest.raises(IntegrityError, match=constraint):
        Notice.objects.create(**{**row, **broken})


def test_a_subject_and_an_open_outage_of_a_source_are_there_once():
    row = {
        "kind": "outage",
        "source": "ecos",
        "open_outage_of": "ecos",
        "started_at": NOW,
        "updated_at": NOW,
    }
    Notice.objects.create(subject="one", **row)

    for subject, changed in [("two", {}), ("one", {"open_outage_of": None, "ended_at": NOW})]:
        with pytest.raises(IntegrityError), transaction.atomic():
            Notice.objects.create(subject=subject, **{**row, **changed})
