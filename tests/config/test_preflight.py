"""`manage.py preflight`: what each look finds on the real thing, and how the list ends."""

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import boto3
import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.contrib.auth.models import User
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config import aws
from config.preflight import checklist, cloud, code, keeping, service
from config.preflight.finding import Check, Verdict, found_by, ok
from tests.aws_server import CREDENTIALS, ROOT, running
from tests.factories import FRIDAY, cover, make_price

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def account():
    with running() as address:
        yield address


@pytest.fixture
def ask(account, settings, monkeypatch):
    """Makes clients of an account that has nothing yet; the service's own clients go there too."""
    import urllib.request

    urllib.request.urlopen(f"{account}/moto-api/reset", data=b"").close()  # noqa: S310 - our own server
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    settings.AWS_ENDPOINT_URL = account
    aws.client.cache_clear()
    yield lambda name: boto3.client(name, endpoint_url=account, region_name=CREDENTIALS["AWS_REGION"])
    aws.client.cache_clear()


# --- the list ----------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", checklist.STAGES)
def test_every_stage_has_looks_and_something_for_a_person(stage):
    listed = checklist.checklist(stage, now=NOW)

    assert len({check.name for check in listed.checks}) == len(listed.checks) >= 5
    assert listed.by_hand


def test_a_look_that_breaks_is_a_finding_and_the_next_one_is_taken():
    def broken() -> Any:
        raise ConnectionError("no route to host")

    findings = [found_by(Check("first", broken)), found_by(Check("second", lambda: ok("fine")))]

    assert [finding.verdict for finding in findings] == [Verdict.FAILED, Verdict.OK]
    assert "no route to host" in findings[0].said


@pytest.mark.django_db
def test_the_command_ends_with_an_error_that_names_what_failed(capsys):
    with pytest.raises(CommandError, match="restore drill"):
        call_command("preflight", stage="quarterly", json=True)

    told = json.loads(capsys.readouterr().out)
    verdicts = {one["check"]: one["verdict"] for one in told["checks"]}
    assert verdicts["restore drill"] == "failed"
    assert verdicts["alarms"] == "skipped"  # this is no installation on AWS
    assert len(told["by_hand"]) == 3


# --- the code ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_nothing_is_pending_on_a_database_that_is_migrated():
    assert code.pending_migrations().verdict is Verdict.OK


@pytest.mark.django_db
def test_a_migration_that_was_not_applied_is_named():
    # Recorded as not applied: the plan is made from the real graph and this record.
    executor = MigrationExecutor(connection)
    leaf = next(node for node in executor.loader.graph.leaf_nodes() if node[0] == "ranking")
    executor.recorder.record_unapplied(*leaf)

    finding = code.pending_migrations()

    assert finding.verdict is Verdict.WATCH
    assert f"ranking.{leaf[1]}" in finding.said


def test_unsafe_settings_are_named_by_their_ids(settings):
    settings.SECURE_HSTS_SECONDS, settings.DEBUG = 0, True

    finding = code.deployment_settings()

    assert finding.verdict is Verdict.FAILED
    assert {"security.W004", "security.W018"} <= set(finding.said.replace(",", "").split())


def test_a_checkout_that_differs_from_its_commit_is_not_what_ci_saw(tmp_path, settings):
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    (tmp_path / "a").write_text("1")
    for words in (["init", "-q"], ["add", "a"], ["commit", "-qm", "a"]):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    settings.BASE_DIR = tmp_path

    assert code.tests().verdict is Verdict.SKIPPED  # follows no branch that CI knows of
    (tmp_path / "a").write_text("2")
    assert code.tests().verdict is Verdict.FAILED


def test_without_its_scanners_a_machine_has_not_looked(tmp_path, settings):
    settings.BASE_DIR = tmp_path

    assert {code.dependencies().verdict, code.secrets().verdict, code.tests().verdict} == {Verdict.SKIPPED}


@pytest.mark.skipif(not (ROOT / ".venv-policy").exists(), reason="make infra-check installs the scanner")
def test_a_key_in_a_tracked_file_is_found_where_it_stands(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    (tmp_path / ".venv-policy").symlink_to(ROOT / ".venv-policy")
    shutil.copy(ROOT / ".secrets.baseline", tmp_path)
    (tmp_path / "fine.py").write_text("NAME = 'aws_access_key_id'\n")
    for words in (["init", "-q"], ["add", "fine.py"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    assert code.secrets() == ok("1 tracked files, nothing new that looks like one")

    # Amazon's form of a key's name, of no account.
    (tmp_path / "leak.py").write_text("# ours\nkey = 'AKIA" + "Q3EGRJ6ABCDEFGHI'\n")
    subprocess.run(["git", "add", "leak.py"], cwd=tmp_path, check=True)
    assert (code.secrets().verdict, code.secrets().said) == (Verdict.FAILED, "leak.py:2")


# --- the service -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_installation_without_figures_is_not_called_well():
    finding = service.well("")

    assert finding.verdict is Verdict.WATCH
    assert "data_ingestor" in finding.said


@pytest.mark.django_db(transaction=True)
def test_a_service_that_has_figures_is_asked_for_a_part_of_each(live_server):
    assert "history" in service.answers(live_server.url).said  # it has none yet
    for currency in ("USD", "JPY", "EUR"):
        cover(FRIDAY - timedelta(days=60), FRIDAY, code=currency)
    make_price()
    make_price("JP", "480", "JPY")

    with time_machine.travel(datetime(2026, 11, 1, 3, tzinfo=UTC), tick=True):
        assert service.answers(live_server.url) == ok("6 addresses answer 200")
        assert service.release(live_server.url).verdict is Verdict.OK
        assert service.well(live_server.url).verdict is Verdict.WATCH


def test_an_address_where_nobody_answers_is_a_finding():
    assert found_by(Check("answers", lambda: service.answers("http://127.0.0.1:9"))).verdict is Verdict.FAILED


# --- the account -------------------------------------------------------------------------------


def test_an_alarm_that_is_missing_raised_or_tells_nobody_fails(ask):

    def put(name: str, actions: list[str]) -> None:
        ask("cloudwatch").put_metric_alarm(
            AlarmName=name,
            Namespace="CurrencyService",
            MetricName="ServerErrors",
            Statistic="Sum",
            Period=300,
            EvaluationPeriods=2,
            Threshold=10,
            ComparisonOperator="GreaterThanThreshold",
            AlarmActions=actions,
        )

    topic = "arn:aws:sns:ap-northeast-2:123456789012:alerts"
    for name in cloud.ALARMS - {"CurrencyService-DeadLetters"}:
        put(name, [topic])
    put("SomebodyElses", [])
    assert cloud.alarms().said == "not there: CurrencyService-DeadLetters"
    assert cloud.alarms().verdict is Verdict.FAILED

    put("CurrencyService-DeadLetters", [topic])
    assert cloud.alarms() == ok("15 alarms, none raised")

    ask("cloudwatch").set_alarm_state(
        AlarmName="CurrencyService-HighErrorRate", StateValue="ALARM", StateReason="errors"
    )
    assert "HighErrorRate" in cloud.alarms().said
    assert cloud.alarms().verdict is Verdict.FAILED

    put("CurrencyService-DeadLetters", [])
    assert cloud.alarms().said == "tell nobody: CurrencyService-DeadLetters"


def test_metrics_that_stopped_arriving_are_named(ask):
    def put(name: str, at: datetime) -> None:
        ask("cloudwatch").put_metric_data(
            Namespace="CurrencyService",
            MetricData=[
                {
                    "MetricName": name,
                    "Value": 1,
                    "Timestamp": at,
                    "Dimensions": [{"Name": "Environment", "Value": "production"}],
                }
            ],
        )

    now = datetime.now(UTC)
    put("BeatHeartbeat", now - timedelta(minutes=1))
    put("Requests", now - timedelta(minutes=2))
    put("RankingAge", now - timedelta(minutes=40))

    assert cloud.metrics(now).said == "nothing for 15 minutes of RankingAge"
    put("RankingAge", now - timedelta(minutes=3))
    assert cloud.metrics(now).verdict is Verdict.OK


def test_logs_that_are_silent_are_told(ask):
    logs, group, now = ask("logs"), "/aws/lambda/currency-service-prod", datetime.now(UTC)
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="one")
    assert cloud.logs(now, group).verdict is Verdict.FAILED

    logs.put_log_events(
        logGroupName=group,
        logStreamName="one",
        logEvents=[{"timestamp": int(now.timestamp() * 1000), "message": "{}"}],
    )
    assert cloud.logs(now, group).verdict is Verdict.OK
    assert cloud.logs(now + timedelta(hours=1), group).verdict is Verdict.FAILED


def test_backups_that_are_off_are_told(ask):
    dynamodb = ask("dynamodb")
    dynamodb.create_table(
        TableName="travel_destination_selections",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "selection_date", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "selection_date", "KeyType": "HASH"}],
    )
    assert cloud.selections_backup().verdict is Verdict.FAILED

    dynamodb.update_continuous_backups(
        TableName="travel_destination_selections",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    assert cloud.selections_backup().verdict is Verdict.OK


def test_a_database_whose_backups_are_kept_too_shortly_is_told(ask):
    ask("rds").create_db_cluster(
        DBClusterIdentifier="currency-service",
        Engine="aurora-mysql",
        MasterUsername="admin",
        MasterUserPassword="not-a-secret",
        BackupRetentionPeriod=1,
    )

    assert cloud.database_backup(datetime.now(UTC)).said == "backups are kept for 1 days"


def test_a_dashboard_is_there_or_not(ask):
    assert cloud.dashboard().verdict is Verdict.FAILED

    ask("cloudwatch").put_dashboard(DashboardName="CurrencyService-Overview", DashboardBody='{"widgets": []}')

    assert cloud.dashboard().verdict is Verdict.OK


def test_dead_letters_are_counted(ask, settings):
    url = ask("sqs").create_queue(QueueName="data-processing-dlq")["QueueUrl"]
    settings.SQS_QUEUE_URLS = {"data-processing-dlq": url}
    assert cloud.dead_letters() == ok("none")

    ask("sqs").send_message(QueueUrl=url, MessageBody="{}")
    assert (cloud.dead_letters().verdict, cloud.dead_letters().said) == (Verdict.FAILED, "1 messages")


def test_a_certificate_about_to_end_is_named(ask):
    now = datetime.now(UTC)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "travel.example.com")])
    made = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=now - timedelta(days=1),
        not_valid_after=now + timedelta(days=60),
    ).sign(key, hashes.SHA256())
    ask("acm").import_certificate(
        Certificate=made.public_bytes(Encoding.PEM),
        PrivateKey=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )

    assert cloud.certificates(now).verdict is Verdict.OK
    assert cloud.certificates(now + timedelta(days=40)).said == "travel.example.com end within 30 days"


def test_secrets_that_nobody_changed_for_a_year_are_named(ask):
    for name in ("SECRET_KEY", "VISITOR_KEY"):
        ask("ssm").put_parameter(Name=f"/currency-service/{name}", Value="x", Type="SecureString")

    assert cloud.secrets(datetime.now(UTC)).said == "2 parameters, none older than a year"
    assert "SECRET_KEY, VISITOR_KEY" in cloud.secrets(datetime.now(UTC) + timedelta(days=366)).said


# --- what time spoils ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_operator_nobody_has_seen_for_three_months_is_named():
    User.objects.create_user("kim", is_staff=True, last_login=NOW - timedelta(days=3))
    assert "second factor" in keeping.operators(NOW).said

    User.objects.create_user("lee", is_staff=True, last_login=NOW - timedelta(days=91))
    assert keeping.operators(NOW).said == "not seen for 90 days: lee"


@pytest.mark.parametrize(
    ("days", "passed", "verdict"), [(10, True, "ok"), (101, True, "failed"), (10, False, "failed")]
)
def test_a_drill_counts_when_it_passed_and_is_no_older_than_a_quarter(days, passed, verdict):
    archive = storages["archive"]
    name = f"restore-drills/{days}-{passed}.json"
    report = {"at": (NOW - timedelta(days=days)).isoformat(), "passed": passed, "seconds": 41}
    archive.save(name, BytesIO(json.dumps(report).encode()))
    try:
        assert keeping.restore_drill(NOW, within=timedelta(days=100)).verdict == verdict
    finally:
        archive.delete(name)
