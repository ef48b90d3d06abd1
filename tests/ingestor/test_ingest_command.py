"""`manage.py ingest`: what a person at a shell, `make run` and a CronJob see of it."""

import csv
import io
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from datetime import date
from importlib import resources

import pytest
from django.core.management import CommandError, call_command

from currency.models import ExchangeRate, Provider
from ingestor.models import CollectionLog
from tests.aws_server import ROOT
from tests.ingestor.playing import (
    CLOSED,
    KEY,
    PROVIDERS,
    on_an_ordinary_day,
    on_closed_days,
    points_at,
    under_maintenance,
    weeks_since_then,
)
from tests.ingestor.provider_server import Answer
from tests.ingestor.samples import sample
from tests.ingestor.scratch import rows_of


def ingest(*arguments: str) -> str:
    """What the command prints. Raises: CommandError, which a shell sees as exit code 1."""
    printed = io.StringIO()
    call_command("ingest", *arguments, stdout=printed)
    return printed.getvalue()


def summary_of(printed: str) -> dict[str, list[str]]:
    """{provider: the cells of its line}."""
    lines = iter(printed.splitlines())
    assert any(line.startswith("provider ") for line in lines), printed
    table = [line.split() for line in lines if ": " not in line]
    return {cells[0]: cells[1:] for cells in table}


# --- what it refuses -----------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["boe"],
            "boe: no provider known; accepted: "
            + "ecos, eximbank, ecb, exchangerate_api, fred, bigmac, worldbank.",
        ),
        (["--bundled", "fred"], "fred: no provider with a shipped history; accepted: ecb, bigmac."),
        (["--from", "2026-10-30"], "--from and --to belong together: give both, as YYYY-MM-DD."),
        (["--to", "2026-10-30"], "--from and --to belong together: give both, as YYYY-MM-DD."),
        (
            ["--from", "30.10.2026", "--to", "2026-10-30"],
            "--from: '30.10.2026' is no date; expected YYYY-MM-DD, such as 2026-10-30.",
        ),
        (
            ["--from", "2026-10-30", "--to", "2026-02-30"],
            "--to: '2026-02-30' is no date; expected YYYY-MM-DD, such as 2026-10-30.",
        ),
        (["--from", "2026-10-30", "--to", "2026-10-29"], "--from 2026-10-30 is after --to 2026-10-29."),
        (
            ["--bundled", "--from", "2026-10-29", "--to", "2026-10-30"],
            "--bundled loads all of the shipped history: give it without --from and --to.",
        ),
    ],
)
def test_a_wrong_argument_is_told_in_one_line_with_what_is_accepted(arguments, line):
    with pytest.raises(CommandError) as refused:
        ingest(*arguments)

    assert str(refused.value) == line
    assert CollectionLog.objects.count() == 0


# --- what it does, in this process ---------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_without_a_name_every_enabled_and_configured_provider_is_asked(provider_server, settings):
    provider_server.plays(settings, "ecb", "exchangerate_api", "ecos")  # ecos needs a key, and has none
    on_an_ordinary_day(provider_server, "ecb", weeks_later=weeks_since_then())
    Provider.objects.filter(key="exchangerate_api").update(is_enabled=False)

    printed = ingest()

    assert list(summary_of(printed)) == ["ecb"]
    assert ExchangeRate.objects.values("source").distinct().count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_provider_named_without_its_key_is_told_and_is_no_failure(provider_server, settings):
    provider_server.plays(settings, "ecos")

    printed = ingest("ecos")

    assert summary_of(printed)["ecos"][0] == "not_configured"
    assert "PROVIDER_ECOS_API_KEY is not set" in printed


@pytest.mark.django_db(transaction=True)
def test_a_dry_run_counts_what_would_be_written(provider_server, settings):
    points_at(provider_server, settings, "ecb")
    on_an_ordinary_day(provider_server, "ecb", weeks_later=weeks_since_then())

    assert summary_of(ingest("ecb", "--dry-run"))["ecb"][:2] == ["data", "29"]
    assert (ExchangeRate.objects.count(), CollectionLog.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_range_is_a_backfill(provider_server, settings):
    points_at(provider_server, settings, "ecb")
    on_an_ordinary_day(provider_server, "ecb", weeks_later=weeks_since_then())

    ingest("ecb", "--from", "2026-10-29", "--to", "2026-10-30")

    assert {row.rate_date for row in ExchangeRate.objects.all()} == {date(2026, 10, 29), date(2026, 10, 30)}
    assert CollectionLog.objects.get().trigger == "backfill"


@pytest.mark.django_db(transaction=True)
def test_a_range_without_a_name_leaves_out_who_has_no_past(provider_server, settings):
    points_at(provider_server, settings, "ecb", "exchangerate_api")
    on_an_ordinary_day(provider_server, "ecb", weeks_later=weeks_since_then())

    ingest("--from", "2026-10-29", "--to", "2026-10-30")

    assert set(CollectionLog.objects.values_list("provider", flat=True)) == {"ecb"}


@pytest.mark.django_db(transaction=True)
def test_the_reasons_for_rejected_figures_are_told(provider_server, settings):
    points_at(provider_server, settings, "exchangerate_api")
    on_an_ordinary_day(provider_server, "exchangerate_api", weeks_later=weeks_since_then())

    printed = ingest("exchangerate_api")

    entry = CollectionLog.objects.get()
    assert entry.rejected_count > 0
    assert re.search(r"[A-Z]{3}: unknown currency code \(1\)", printed)


# --- in a process of its own ---------------------------------------------------------------------


def command(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", "ingest", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


# The commands of a shell; the runs inside of them are those of test_run.py, on either stack.
@pytest.mark.once
def test_the_exit_code_and_the_log_table_tell_every_providers_outcome(scratch, provider_server):
    """Data, then no data, then failure, of all five, in one environment with all keys."""
    for key in PROVIDERS:
        scratch[f"PROVIDER_{key.upper()}_URL"] = f"{provider_server.url}/{key}"
        scratch[f"PROVIDER_{key.upper()}_API_KEY"] = KEY
    told = provider_server.answer

    def under(key):
        """Rules for one provider only: its address ends in its key."""
        provider_server.answer = lambda pattern, *answers, **more: told(f"/{key}{pattern}", *answers, **more)

    for key in PROVIDERS:
        under(key)
        on_an_ordinary_day(provider_server, key, weeks_later=weeks_since_then())
    data = command(scratch)

    none = []
    for key in CLOSED:
        under(key)
        first, last = on_closed_days(provider_server, key)
        none.append(command(scratch, key, "--from", first.isoformat(), "--to", last.isoformat()))

    under("eximbank")
    under_maintenance(provider_server)
    one_failure = command(scratch, "ecb", "eximbank")
    for key in PROVIDERS:
        under(key)
        under_maintenance(provider_server)
    failures = command(scratch)

    assert data.returncode == 0
    assert {key: cells[0] for key, cells in summary_of(data.stdout).items()} == dict.fromkeys(
        PROVIDERS, "data"
    )
    assert [done.returncode for done in none] == [0] * 4
    assert (one_failure.returncode, one_failure.stderr.strip().splitlines()[-1]) == (
        1,
        "CommandError: Failed: eximbank.",
    )
    assert (failures.returncode, failures.stderr.strip().splitlines()[-1]) == (
        1,
        "CommandError: Failed: ecos, eximbank, ecb, exchangerate_api, fred.",
    )
    logged = rows_of(
        scratch, "SELECT provider, outcome, COUNT(*) FROM collection_logs GROUP BY provider, outcome"
    )
    assert sorted(logged) == [
        ("ecb", "data", 2),
        ("ecb", "failure", 1),
        ("ecb", "no_data", 1),
        ("ecos", "data", 1),
        ("ecos", "failure", 1),
        ("ecos", "no_data", 1),
        ("exchangerate_api", "data", 1),
        ("exchangerate_api", "failure", 1),
        ("eximbank", "data", 1),
        ("eximbank", "failure", 2),
        ("eximbank", "no_data", 1),
        ("fred", "data", 1),
        ("fred", "failure", 1),
        ("fred", "no_data", 1),
    ]
    for done in (data, *none, one_failure, failures):
        assert KEY not in done.stdout + done.stderr
    assert KEY not in str(rows_of(scratch, "SELECT * FROM collection_logs"))


def test_ctrl_c_stops_every_run_with_its_row_closed_and_no_traceback(scratch, provider_server):
    for key in ("ecb", "eximbank"):
        scratch[f"PROVIDER_{key.upper()}_URL"] = provider_server.url
        scratch[f"PROVIDER_{key.upper()}_API_KEY"] = KEY
    on_an_ordinary_day(provider_server, "ecb", weeks_later=weeks_since_then())
    provider_server.answer("/stats/*", Answer(body=sample("ecb")[0][1], delay=3.0))
    # A day without rates, slowly: without a stop it would ask for ten days more.
    provider_server.answer("/site/*", Answer(body=b"[]", delay=3.0))
    # A shell that runs this in the background has SIGINT ignored; a person's shell has not.
    as_a_person = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from django.core.management import execute_from_command_line as run; run(sys.argv)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", as_a_person, "ingest", "ecb", "eximbank"],
        cwd=ROOT,
        env=scratch,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        for _ in range(1200):
            if running.poll() is not None or len(provider_server.requests) == 2:
                break
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        printed, errors = running.communicate(timeout=60)

    assert running.returncode == 130, errors
    assert errors.strip().splitlines()[-1] == "Interrupted."
    assert "Traceback" not in printed + errors
    assert len(provider_server.requests) == 2
    assert sorted(rows_of(scratch, "SELECT provider, outcome, error FROM collection_logs")) == [
        ("ecb", "failure", "interrupted"),
        ("eximbank", "failure", "interrupted"),
    ]
    assert rows_of(scratch, "SELECT COUNT(*) FROM exchange_rate_history") == [(0,)]
    assert rows_of(scratch, "SELECT COUNT(*) FROM provider_leases WHERE holder <> ''") == [(0,)]


def shipped_figures() -> Counter[str]:
    """{currency: days} of the shipped file, counted with the csv module: each is one price in won."""
    payload = resources.files("currency_converter").joinpath("eurofxref-hist.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        document = archive.read("eurofxref-hist.csv").decode()
    figures: Counter[str] = Counter()
    for row in csv.DictReader(io.StringIO(document)):
        assert row["KRW"] not in {"N/A", ""}
        figures.update(
            "EUR" if code == "KRW" else code
            for code, cell in row.items()
            if code not in {"Date", ""} and cell not in {"N/A", "", None}
        )
    return figures


def test_a_load_killed_half_way_and_started_again_loses_and_doubles_nothing(scratch):
    expected = shipped_figures()
    with subprocess.Popen(
        [sys.executable, "manage.py", "ingest", "--bundled"], cwd=ROOT, env=scratch
    ) as first:
        for _ in range(1200):
            if first.poll() is not None or rows_of(scratch, "SELECT 1 FROM exchange_rate_history LIMIT 1"):
                break
            time.sleep(0.05)
        first.kill()
    time.sleep(0.5)  # what the server has received of it is done, or taken back, by then
    [(left,)] = rows_of(scratch, "SELECT COUNT(*) FROM exchange_rate_history")
    [(bars,)] = rows_of(scratch, "SELECT COUNT(*) FROM daily_exchange_rates")

    again = command(scratch, "--bundled")
    third = command(scratch, "--bundled")

    assert 0 < left < expected.total()
    assert bars == left
    by_currency = "SELECT currency_code, COUNT(*) FROM {} WHERE source = 'ecb' GROUP BY currency_code"
    assert dict(rows_of(scratch, by_currency.format("exchange_rate_history"))) == expected
    assert dict(rows_of(scratch, by_currency.format("daily_exchange_rates"))) == expected
    # A fixing with two rows would have a second revision.
    assert rows_of(scratch, "SELECT MAX(revision) FROM exchange_rate_history") == [(0,)]
    assert rows_of(scratch, "SELECT COUNT(*) FROM latest_exchange_rates") == [(len(expected),)]
    total, done = f"{expected.total():,}", f"{left:,}"
    assert summary_of(again.stdout)["ecb"][:4] == ["data", f"{expected.total() - left:,}", done, "0"]
    assert summary_of(third.stdout)["ecb"][:4] == ["data", "0", total, "0"]
    assert (again.returncode, third.returncode) == (0, 0)
    logged = rows_of(
        scratch,
        "SELECT outcome, error, new_count, same_count FROM collection_logs WHERE provider = 'ecb' ORDER BY id",
    )
    assert logged == [
        ("failure", "interrupted", left, 0),
        ("data", "", expected.total() - left, left),
        ("data", "", 0, expected.total()),
    ]
    assert rows_of(scratch, "SELECT COUNT(*) FROM provider_leases WHERE holder <> ''") == [(0,)]
