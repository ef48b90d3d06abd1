"""ingestor.run: one run of a provider, against a real HTTP server, from the lease to the log."""

import json
import threading
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, connections, transaction

from config.cache import generation
from currency.models import ExchangeRate, LatestRate
from history.models import DailyRate
from ingestor import archive, lease, quarantine
from ingestor.models import CollectionLog, Lease, ProviderCircuit, QuarantinedRate, Trigger
from ingestor.parallel import collect_all
from ingestor.recording import write
from ingestor.run import _whole_days, collect
from tests.ingestor.observations import FRIDAY, ORIGIN, known, observation, sourced, stored
from tests.ingestor.playing import (
    KEY,
    PROVIDERS,
    nothing_at_all,
    on_an_ordinary_day,
    on_closed_days,
    points_at,
    under_maintenance,
)
from tests.ingestor.provider_server import Answer, payload_bytes
from tests.ingestor.samples import published, sample, zipped

pytestmark = pytest.mark.django_db

#: Late on Friday in Seoul: Frankfurt has fixed its rates, too.
NOW = datetime(2026, 10, 30, 14, 30, tzinfo=UTC)

THIRTEEN = ("USD", "JPY", "CZK", "DKK", "GBP", "HUF", "PLN", "RON", "SEK", "CHF", "ISK", "NOK", "TRY")


@pytest.fixture
def played(provider_server, settings):
    """The server, with every provider's address and a key for each."""
    points_at(provider_server, settings, *PROVIDERS)
    return provider_server


def run(key, *, now=NOW, trigger=Trigger.COMMAND, **options):
    return collect(key, trigger=trigger, now=now, **options)


def the_log():
    [entry] = CollectionLog.objects.all()
    return entry


@pytest.mark.parametrize("key", PROVIDERS)
def test_a_run_with_data_is_recorded_logged_and_archived(played, key):
    on_an_ordinary_day(played, key)

    result = run(key)

    entry = the_log()
    rows = ExchangeRate.objects.filter(source=key)
    assert (result.outcome, result.reason) == ("data", "")
    assert result.counts.new == rows.count() == entry.new_count > 20
    assert (
        DailyRate.objects.filter(source=key).count()
        == rows.values("currency_code", "rate_date").distinct().count()
    )
    assert LatestRate.objects.count() == rows.values("currency_code").distinct().count()
    assert (entry.provider, entry.trigger, entry.outcome, entry.error) == (key, "command", "data", "")
    assert entry.correlation_id == result.correlation_id
    assert entry.rejected_count == sum(entry.rejected_reasons.values()) == result.counts.rejected
    bodies = Counter(body for _, body in sample(key))
    assert Counter(archive.read(told["archive_key"]) for told in entry.payloads) == bodies
    assert set(rows.values_list("archive_key", flat=True)) <= {told["archive_key"] for told in entry.payloads}
    assert Lease.objects.get(provider=key).holder == ""


@pytest.mark.parametrize("key", PROVIDERS)
def test_a_second_run_writes_no_rate_twice(played, key):
    on_an_ordinary_day(played, key)
    first = run(key)
    rates = stored(ExchangeRate, "pk", "deal_base_rate")

    second = run(key)

    assert (second.outcome, second.counts.new, second.counts.revised) == ("data", 0, 0)
    assert second.counts.same == first.counts.new
    assert stored(ExchangeRate, "pk", "deal_base_rate") == rates


@pytest.mark.parametrize(("key", "requests"), [("ecb", 1), ("ecos", 1), ("eximbank", 2), ("fred", 22)])
def test_days_without_rates_are_an_answer(played, key, requests):
    first, last = on_closed_days(played, key)

    result = run(key, first=first, last=last, trigger=Trigger.BACKFILL)

    assert len(played.requests) == requests
    entry = the_log()
    assert (result.outcome, entry.outcome, entry.error) == ("no_data", "no_data", "")
    assert (entry.new_count, entry.same_count, entry.rejected_count, ExchangeRate.objects.count()) == (
        0,
        0,
        0,
        0,
    )


@pytest.mark.parametrize(("key", "requests"), [("ecos", 1), ("eximbank", 11), ("fred", 22)])
def test_no_rates_at_all_for_a_fortnight_is_a_failure(played, key, requests):
    nothing_at_all(played, key)

    result = run(key)

    assert len(played.requests) == requests
    assert (result.outcome, result.reason) == ("failure", "ProviderFormatError: no rates in 14 days")
    assert the_log().error == result.reason
    assert ProviderCircuit.objects.get(key=key).failure_count == 1


def test_a_provider_without_history_says_so_when_a_range_is_asked_of_it(played):
    result = run("exchangerate_api", first=date(2026, 9, 1), last=date(2026, 9, 30), trigger=Trigger.BACKFILL)

    assert (result.outcome, result.reason) == ("failure", "NoHistory: open access has no history")
    assert (the_log().outcome, played.requests) == ("failure", [])
    # Nobody was asked, so nobody failed.
    assert ProviderCircuit.objects.get(key="exchangerate_api").failure_count == 0


@pytest.mark.parametrize("key", PROVIDERS)
def test_a_failure_has_its_reason_and_its_payload_is_kept(played, key):
    under_maintenance(played)

    result = run(key)

    entry = the_log()
    assert (result.outcome, entry.outcome) == ("failure", "failure")
    assert result.reason == entry.error
    assert entry.error.startswith("ProviderFormatError: ")
    [told] = entry.payloads
    assert archive.read(told["archive_key"]) == payload_bytes("maintenance.html")
    assert ExchangeRate.objects.count() == 0


@pytest.mark.parametrize("key", ["ecos", "eximbank", "fred"])
def test_keys_are_in_no_row_no_log_line_and_no_result(played, key, caplog, capsys):
    told = []
    on_an_ordinary_day(played, key)
    told.append(run(key))
    under_maintenance(played)
    told.append(run(key))
    # The provider repeats the request in its own error.
    played.answer("/*", Answer(body=f"no such key: {KEY}".encode(), status=401))
    told.append(run(key))
    played.answer("/*", Answer(body=b'{"RESULT":{"CODE":"INFO-100","MESSAGE":"' + KEY.encode() + b'"}}'))
    told.append(run(key))

    assert [result.outcome for result in told] == ["data", "failure", "failure", "failure"]
    rows = [list(model.objects.values()) for model in (CollectionLog, ExchangeRate, Lease, ProviderCircuit)]
    output = capsys.readouterr()
    assert any(KEY in request.path or KEY in str(request.query) for request in played.requests)
    for text in (str(rows), str(told), caplog.text, output.out, output.err):
        assert KEY not in text


def test_half_the_usual_currencies_is_a_failure_and_publishes_nothing(played):
    # With the won, the price of the euro, 14 of the usual 29; one more would do.
    rates = "".join(f'<Cube currency="{code}" rate="1.5"/>' for code in THIRTEEN)
    document = (
        '<E xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube><Cube time="2026-10-30">{}'
        '<Cube currency="KRW" rate="1491.76"/></Cube></Cube></E>'
    )
    played.answer("/stats/*", Answer(body=document.format(rates).encode()))
    failed = run("ecb")
    played.answer(
        "/stats/*", Answer(body=document.format(rates + '<Cube currency="AUD" rate="1.59"/>').encode())
    )
    enough = run("ecb")

    assert (failed.outcome, failed.reason) == (
        "failure",
        "ProviderFormatError: 14 usable currencies on 2026-10-30, usually 29",
    )
    assert (enough.outcome, enough.counts.new, ExchangeRate.objects.count()) == ("data", 15, 15)


def ecos_kept(*, newest, days=("20261027", "20261028", "20261029")):
    """ECOS' answer of whole days, and as the newest day so many of its rows."""
    whole = json.loads(sample("ecos")[0][1])["StatisticSearch"]["row"]
    last = [row for row in whole if row["TIME"] == "20261030"]
    rows = [row | {"TIME": day} for day in days for row in last] + last[:newest]
    return json.dumps({"StatisticSearch": {"list_total_count": len(rows), "row": rows}}).encode()


def test_whole_days_before_it_do_not_hide_a_broken_newest_day_at_ecos(played):
    # Usually 43: 21 is less than half, 22 is not.
    played.answer("/api/*", Answer(body=ecos_kept(newest=21)))
    broken = run("ecos")
    left = ExchangeRate.objects.count()
    played.answer("/api/*", Answer(body=ecos_kept(newest=22)))
    enough = run("ecos")

    assert broken.reason == "ProviderFormatError: 21 usable currencies on 2026-10-30, usually 43"
    assert (broken.outcome, left) == ("failure", 0)
    assert (enough.outcome, enough.counts.new) == ("data", 3 * 43 + 22)


def test_a_newest_day_without_one_good_figure_is_broken_too(played):
    document = json.loads(ecos_kept(newest=43))
    for row in document["StatisticSearch"]["row"]:
        if row["TIME"] == "20261030":
            row["DATA_VALUE"] = "0"
    played.answer("/api/*", Answer(body=json.dumps(document).encode()))

    assert run("ecos").reason == "ProviderFormatError: 0 usable currencies on 2026-10-30, usually 43"


def test_a_misprinted_day_in_the_future_costs_its_own_figure_only(played):
    document = json.loads(ecos_kept(newest=43))
    document["StatisticSearch"]["row"][-1]["TIME"] = "20271030"
    played.answer("/api/*", Answer(body=json.dumps(document).encode()))

    result = run("ecos")

    assert (result.outcome, result.counts.new) == ("data", 3 * 43 + 42)
    assert [reason.partition(": ")[2] for reason in result.counts.reasons] == ["fixing in the future"]


def test_half_a_sheet_is_broken_at_eximbank_although_the_day_before_is_whole(played):
    rows = [row for row in json.loads(sample("eximbank")[0][1]) if row["cur_unit"] != "KRW"]
    on_an_ordinary_day(played, "eximbank")
    played.answer("/site/*", Answer(body=json.dumps(rows[:10]).encode()), query={"searchdate": "20261030"})

    result = run("eximbank")

    assert result.reason == "ProviderFormatError: 10 usable currencies on 2026-10-30, usually 22"
    assert (len(played.requests), ExchangeRate.objects.count()) == (1, 0)


def test_a_whole_day_in_a_sheet_of_two_does_not_hide_a_broken_newest_day_at_the_ecb(played):
    sheet = payload_bytes("ecb/2026-10-30.xml").replace(b"2026-10-30", b"2026-10-29")
    newer = b"<Cube time='2026-10-30'><Cube currency='KRW' rate='1491.76'/></Cube>"
    played.answer(
        "/stats/*", Answer(body=sheet.replace(b"</Cube>\n\t</Cube>", b"</Cube>" + newer + b"\n\t</Cube>"))
    )

    result = run("ecb")

    assert result.reason == "ProviderFormatError: 1 usable currencies on 2026-10-30, usually 29"
    assert ExchangeRate.objects.count() == 0


def test_half_the_usual_currencies_is_a_failure_at_exchangerate_api_too(played):
    document = json.loads(sample("exchangerate_api")[0][1])
    document["rates"] = {code: document["rates"][code] for code in ("USD", "KRW", "JPY", "EUR")}
    played.answer("/v6/*", Answer(body=json.dumps(document).encode()))

    result = run("exchangerate_api")

    assert result.reason == "ProviderFormatError: 3 usable currencies on 2026-10-30, usually 165"


def fred_plays(played, ended):
    """Every series tells Thursday; those for which `ended(series)` is not true tell Friday, too."""
    for ask, body in sample("fred"):
        value = json.loads(body)["observations"][-1]["value"]
        days = ["2026-10-22"] if ended(ask.item) else ["2026-10-22", "2026-10-23"]
        told = {
            "units": "lin",
            "count": len(days),
            "observations": [{"date": day, "value": value} for day in days],
        }
        played.answer("/fred/*", Answer(body=json.dumps(told).encode()), query={"series_id": ask.item})


def test_a_newest_day_that_few_of_freds_series_have_is_broken(played):
    kept = {"DEXKOUS", "DEXJPUS", "DEXUSEU"}
    fred_plays(played, lambda series: series not in kept)

    result = run("fred")

    assert result.reason == "ProviderFormatError: 3 usable currencies on 2026-10-23, usually 22"
    assert ExchangeRate.objects.count() == 0


def test_freds_series_may_end_a_day_apart(played):
    fred_plays(played, {"DEXBZUS", "DEXINUS"}.__contains__)

    assert (run("fred").outcome, ExchangeRate.objects.count()) == ("data", 22 + 20)


def test_a_day_for_which_freds_won_is_not_there_yet_waits_for_it(played):
    fred_plays(played, {"DEXKOUS"}.__contains__)

    result = run("fred")

    assert (result.outcome, result.counts.new, result.counts.rejected) == ("data", 22, 21)
    assert {row.rate_date for row in ExchangeRate.objects.all()} == {date(2026, 10, 22)}


def test_trouble_told_inside_a_200_is_asked_about_once_more(played):
    passing = Answer(body=payload_bytes("ecos/too_many_calls.json"))
    played.answer("/api/*", passing, Answer(body=sample("ecos")[0][1]))

    result = run("ecos")

    assert (result.outcome, len(played.requests)) == ("data", 2)
    kept = [archive.read(told["archive_key"]) for told in the_log().payloads]
    assert kept == [passing.body, sample("ecos")[0][1]]
    assert set(ExchangeRate.objects.values_list("archive_key", flat=True)) == {
        the_log().payloads[1]["archive_key"]
    }


def test_trouble_told_twice_inside_a_200_is_a_failure(played):
    played.answer("/api/*", Answer(body=payload_bytes("ecos/too_many_calls.json")))

    result = run("ecos")

    assert (result.reason, len(played.requests)) == ("ProviderUnavailable: ERROR-602: too many calls", 2)


def test_a_key_is_in_no_reason_whatever_broke(played, settings, caplog, capsys):
    on_an_ordinary_day(played, "ecos")
    settings.STORAGES = settings.STORAGES | {
        "archive": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": f"/dev/null/{KEY}"},
        }
    }

    result = run("ecos")

    output = capsys.readouterr()
    assert "NotADirectoryError" in result.reason
    assert "/dev/null/***" in result.reason
    for text in (result.reason, the_log().error, caplog.text, output.out, output.err):
        assert KEY not in text


def test_a_provider_without_its_key_is_not_configured_not_failing(settings, provider_server):
    provider_server.plays(settings, "ecos")

    result = run("ecos")

    assert (result.outcome, result.reason) == ("not_configured", "PROVIDER_ECOS_API_KEY is not set")
    assert provider_server.requests == []
    assert CollectionLog.objects.count() == 0


def test_a_second_run_of_one_provider_leaves_politely(played):
    on_an_ordinary_day(played, "ecb")
    held = lease.take("ecb", NOW)
    assert held is not None

    busy = run("ecb")
    held.give_back()

    assert (busy.outcome, CollectionLog.objects.count(), played.requests) == ("busy", 0, [])
    assert run("ecb").outcome == "data"


def test_the_trace_of_a_killed_run_is_closed_by_the_next(played):
    on_an_ordinary_day(played, "ecb")
    CollectionLog.objects.create(
        provider="ecb", correlation_id="killed", trigger="command", started_at=NOW - timedelta(seconds=90)
    )
    CollectionLog.objects.create(provider="fred", correlation_id="other", trigger="command", started_at=NOW)

    run("ecb")

    killed = CollectionLog.objects.get(correlation_id="killed")
    assert (killed.outcome, killed.error) == ("failure", "interrupted")
    assert 90_000 <= (killed.duration_ms or 0) < 150_000
    assert CollectionLog.objects.get(correlation_id="other").outcome == "running"


@pytest.mark.django_db(transaction=True)
def test_a_lease_lost_on_the_way_stops_the_run_before_it_publishes(played):
    on_an_ordinary_day(played, "fred")
    [(_, won), *_] = sample("fred")
    played.answer("/fred/*", Answer(body=won, delay=1.0), query={"series_id": "DEXKOUS"})
    results = []
    running = in_a_thread(lambda: results.append(run("fred")))

    wait_until(lambda: played.requests)
    Lease.objects.update(holder="another-host:1:abc")
    running.join(60)

    assert [(one.outcome, one.reason) for one in results] == [("failure", "another run of fred took over")]
    assert (the_log().outcome, ExchangeRate.objects.count(), len(played.requests)) == ("failure", 0, 1)
    assert Lease.objects.get().holder == "another-host:1:abc"


@pytest.mark.django_db(transaction=True)
def test_a_lease_lost_after_the_last_answer_stops_the_run_before_it_publishes(played):
    played.answer("/stats/*", Answer(body=sample("ecb")[0][1], delay=1.0))
    results = []
    running = in_a_thread(lambda: results.append(run("ecb")))

    wait_until(lambda: played.requests)
    Lease.objects.update(holder="another-host:1:abc")
    running.join(60)

    assert [(one.outcome, one.reason) for one in results] == [("failure", "another run of ecb took over")]
    assert (len(played.requests), len(the_log().payloads)) == (1, 1)
    assert (ExchangeRate.objects.count(), LatestRate.objects.count(), DailyRate.objects.count()) == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time")
def test_a_run_that_meets_another_writer_of_its_fixing_does_its_transaction_again(played):
    on_an_ordinary_day(played, "ecb")
    dollar = observation("1300", at=datetime(2026, 10, 30, 13, 15, tzinfo=UTC))  # 14:15 in Frankfurt
    results = []
    with transaction.atomic():
        write("ecb", sourced(dollar))
        running = in_a_thread(lambda: results.append(run("ecb")))
        wait_until(lambda: is_somebody_waiting_for_a_row())
    running.join(60)

    assert [(one.outcome, one.counts.new, one.counts.revised) for one in results] == [("data", 28, 1)]
    dollars = ExchangeRate.objects.filter(currency_code="USD").order_by("revision")
    assert [row.deal_base_rate for row in dollars] == [Decimal(1300), Decimal("1335.2667382743")]
    assert LatestRate.objects.get(currency_code="USD").deal_base_rate == Decimal("1335.2667382743")


def is_somebody_waiting_for_a_row():
    time.sleep(0.2)  # asked more often than every 0.1 s, the server repeats its first answer
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'")
        return cursor.fetchone() is not None


@pytest.mark.django_db(transaction=True)
def test_two_runs_of_one_provider_at_once_publish_once(played):
    on_an_ordinary_day(played, "ecos")
    for ask, body in sample("ecos"):
        played.answer("/api/*", Answer(body=body, delay=0.5))
        assert ask.media == "json"
    results = []
    threads = [in_a_thread(lambda: results.append(run("ecos"))) for _ in range(2)]
    for thread in threads:
        thread.join(60)

    assert sorted(one.outcome for one in results) == ["busy", "data"]
    assert len(played.requests) == 1
    assert the_log().outcome == "data"


@pytest.mark.django_db(transaction=True)
def test_a_slow_provider_does_not_delay_the_rest(played):
    on_an_ordinary_day(played, "ecb")
    on_an_ordinary_day(played, "exchangerate_api")
    played.answer("/api/*", Answer(body=sample("ecos")[0][1], delay=3.0))
    seen = []

    def ended(result):
        seen.append((result.provider, sorted(LatestRate.objects.values_list("source", flat=True).distinct())))

    results = collect_all(
        ["ecos", "ecb", "exchangerate_api"], trigger=Trigger.SCHEDULE, now=NOW, on_result=ended
    )

    assert [(one.provider, one.outcome) for one in results] == [
        ("ecos", "data"),
        ("ecb", "data"),
        ("exchangerate_api", "data"),
    ]
    # Both were readable while the slow one was still waiting for its answer.
    assert seen[-1] == ("ecos", ["ecb", "ecos", "exchangerate_api"])
    assert seen[1][1] == ["ecb", "exchangerate_api"]


@pytest.mark.django_db(transaction=True)
def test_one_that_fails_does_not_touch_the_others(played):
    on_an_ordinary_day(played, "ecb")
    played.answer("/api/*", Answer(body=b"{"))

    results = collect_all(["ecos", "ecb"], trigger=Trigger.SCHEDULE, now=NOW)

    assert [one.outcome for one in results] == ["failure", "data"]
    assert LatestRate.objects.filter(source="ecb").count() == 29


def test_a_bug_of_ours_ends_as_a_failure_with_its_traceback(played, settings, caplog):
    on_an_ordinary_day(played, "ecb")
    # A storage that is none: not a provider's error, and not caught as one.
    settings.STORAGES = settings.STORAGES | {
        "archive": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": "/dev/null/archive"},
        }
    }

    result = run("ecb")

    assert result.outcome == "failure"
    assert "NotADirectoryError" in result.reason
    assert the_log().error == result.reason
    assert "Traceback" in caplog.text
    # Nothing is published that is not archived, and the provider is not to blame.
    assert ExchangeRate.objects.count() == 0
    assert ProviderCircuit.objects.get(key="ecb").failure_count == 0


def test_after_five_failures_the_provider_is_left_alone(played):
    under_maintenance(played)

    results = [run("ecb") for _ in range(6)]

    assert len(played.requests) == 5
    assert results[5].reason.startswith("CircuitOpen: ")
    assert CollectionLog.objects.filter(outcome="failure").count() == 6


def test_an_answer_without_one_usable_figure_is_a_failure(played):
    played.answer("/stats/*", Answer(body=history_of(["1960-01-04", "1960-01-05"], krw="N/A")))

    result = run("ecb", first=date(1960, 1, 1), last=date(1960, 1, 31), trigger=Trigger.BACKFILL)

    assert result.outcome == "failure"
    assert result.reason.startswith(
        "NothingUsable: all 2 figures were rejected: EUR/USD: no KRW rate that day"
    )
    assert the_log().rejected_reasons == {"EUR/USD: no KRW rate that day": 2}


def test_a_backfill_keeps_the_days_asked_for_and_is_not_screened_for_jumps(played):
    days = ["1997-12-22", "1997-12-23", "1997-12-24", "1997-12-26"]
    played.answer("/stats/*", Answer(body=history_of(days, krw=["1500", "1800", "2300", "1200"])))

    result = run("ecb", first=date(1997, 12, 23), last=date(1997, 12, 24), trigger=Trigger.BACKFILL)

    assert (result.outcome, result.counts.new, result.counts.quarantined) == ("data", 4, 0)
    assert stored(ExchangeRate, "rate_date", "currency_code", "deal_base_rate") == [
        (date(1997, 12, 23), "EUR", Decimal(1800)),
        (date(1997, 12, 23), "USD", Decimal(1440)),
        (date(1997, 12, 24), "EUR", Decimal(2300)),
        (date(1997, 12, 24), "USD", Decimal(1840)),
    ]


def test_a_jump_is_held_with_its_neighbours_and_payload_and_released_like_any_other_rate(
    played, django_capture_on_commit_callbacks
):
    on_an_ordinary_day(played, "ecb")
    run("ecb")
    usual = LatestRate.objects.get(source="ecb", currency_code="USD").deal_base_rate
    assert usual == Decimal("1335.2667382743")  # 1491.76 / 1.1172
    # Fred told the dollar the week before, at half of what follows.
    write("fred", sourced(observation("1336", day=date(2026, 10, 23))))
    doubled = (
        payload_bytes("ecb/2026-10-30.xml")
        .replace(b"2026-10-30", b"2026-11-02")
        .replace(b"1.1172", b"0.5586")
    )
    played.answer("/stats/*", Answer(body=doubled))
    monday = datetime(2026, 11, 2, 16, tzinfo=UTC)

    first, again = run("ecb", now=monday), run("ecb", now=monday + timedelta(minutes=5))

    assert (first.outcome, first.counts.new, first.counts.quarantined) == ("data", 28, 1)
    assert (again.outcome, again.counts.same, again.counts.quarantined) == ("data", 28, 1)
    [held] = QuarantinedRate.objects.all()
    assert (held.currency_code, held.deal_base_rate, held.state) == (
        "USD",
        Decimal("2670.5334765485"),
        "waiting",
    )
    assert held.reason.startswith("moved 100.0% from the previous value, more than 10.0%")
    assert held.neighbours == {
        "recent": [["2026-10-30", "1335.2667382743"]],
        "others": {"fred": ["2026-10-23", "1336.0000000000"]},
    }
    assert archive.read(held.archive_key) == doubled
    assert LatestRate.objects.get(source="ecb", currency_code="USD").deal_base_rate == usual

    with django_capture_on_commit_callbacks(execute=True):
        quarantine.release(held.pk, by="kim", note="devalued", now=monday)

    assert LatestRate.objects.get(source="ecb", currency_code="USD").deal_base_rate == held.deal_base_rate
    assert (
        DailyRate.objects.get(source="ecb", currency_code="USD", rate_date="2026-11-02").close
        == held.deal_base_rate
    )
    assert generation.current() > 0
    assert run("ecb", now=monday).counts.same == 29


def test_a_dry_run_reads_and_screens_and_leaves_nothing(played):
    on_an_ordinary_day(played, "exchangerate_api")

    result = run("exchangerate_api", dry_run=True)

    assert (result.outcome, result.counts.same) == ("data", 0)
    assert result.counts.new > 100
    assert len(played.requests) == 1
    for model in (
        CollectionLog,
        ExchangeRate,
        LatestRate,
        DailyRate,
        Lease,
        ProviderCircuit,
        QuarantinedRate,
    ):
        assert model.objects.count() == 0


def test_progress_is_told_in_figures(played):
    on_an_ordinary_day(played, "ecb")
    told = []

    run("ecb", on_progress=lambda done, total: told.append((done, total)))

    assert told == [(29, 29)]


def test_chunks_never_part_a_day():
    days = [FRIDAY + timedelta(days=number // 3) for number in range(12)]
    items = [(published("EUR", "KRW", "1491", day=day), ORIGIN) for day in days]

    assert list(_whole_days(items, 4)) == [(0, 6), (6, 12)]
    assert list(_whole_days(items, 3)) == [(0, 3), (3, 6), (6, 9), (9, 12)]
    assert list(_whole_days(items, 100)) == [(0, 12)]
    assert list(_whole_days([], 4)) == []


def test_neighbours_of_a_calm_value_are_read_in_one_query_and_of_a_moved_one_in_three(
    django_assert_num_queries,
):
    from ingestor.neighbours import around

    days = [FRIDAY - timedelta(days=back) for back in (3, 2, 1)]
    write("ecos", sourced(*(observation("1336", day=day) for day in days)))
    write("ecos", sourced(observation("1337", day=days[2])))

    with django_assert_num_queries(1):
        calm = around("ecos", [observation("1400")])
    with django_assert_num_queries(3):
        moved = around("ecos", [observation("1600")])

    assert calm["USD"].recent == [known("1337.0000000000", day=days[2])]
    assert moved["USD"].recent == [
        known(rate, day=day) for rate, day in zip([1336, 1336, 1337], days, strict=True)
    ]


def history_of(days, *, krw):
    """A history file with USD at 1.25 for a euro, and the won as told."""
    won = [krw] * len(days) if isinstance(krw, str) else krw
    lines = [f"{day},1.25,{rate}," for day, rate in zip(days, won, strict=True)]
    return zipped("\n".join(["Date,USD,KRW,", *reversed(lines), ""]).encode())


def in_a_thread(work):
    def closing():
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=closing)
    thread.start()
    return thread


def wait_until(condition):
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("waited for ten seconds")
