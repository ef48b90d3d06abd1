"""What watches over the service, and what it would be restored from: asked of AWS itself.

Names are Terraform's (deploy/terraform); an account holds one environment, so they carry none.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from config.preflight.finding import Finding, failed, ok, watch

CLUSTER = "currency-service"
DASHBOARD = "CurrencyService-Overview"
#: Terraform's (modules/observability/alarms.tf). HealthCheck is not among them: it is in Virginia, as all
#: figures of Route 53 are.
ALARMS = frozenset(
    f"CurrencyService-{name}"
    for name in (
        *("HighErrorRate", "ApiLatency", "LambdaThrottles", "ProviderStale", "DeadLetters"),
        *(
            "QueueAge-ranking",
            "QueueAge-data",
            "RankingAge",
            "AuroraCpu",
            "AuroraCapacity",
            "AuroraConnections",
        ),
        *("RedisMemory", "DynamoDbThrottles", "BeatSilent", "OutboxAge"),
    )
)
NAMESPACE = "CurrencyService"
WORKER_LOGS = "/aws/containerinsights/currency-service/application"
PARAMETERS = "/currency-service"
SELECTIONS = "travel_destination_selections"
#: What has to arrive all the time: from beat, from workers and from the web tier.
ARRIVING = ("BeatHeartbeat", "RankingAge", "Requests")
#: Minutes without one of them after which something is silent.
_SILENT = timedelta(minutes=15)
#: Aurora's newest restorable time is five minutes old as a rule.
_BEHIND = timedelta(minutes=20)
_SECRETS_AGE = timedelta(days=365)
_SOON = timedelta(days=30)


def _client(service: str) -> Any:
    from config.aws import client  # boto3 is not everywhere

    return client(service)


def _pages(service: str, operation: str, key: str, **asked: Any) -> Iterator[Any]:
    for page in _client(service).get_paginator(operation).paginate(**asked):
        yield from page[key]


def database_backup(now: datetime) -> Finding:
    (cluster,) = _client("rds").describe_db_clusters(DBClusterIdentifier=CLUSTER)["DBClusters"]
    newest, days = cluster.get("LatestRestorableTime"), cluster["BackupRetentionPeriod"]
    if days < 7:
        return failed(f"backups are kept for {days} days", "Terraform says 7: apply it")
    if newest is None or now - newest > _BEHIND:
        return failed(f"restorable up to {newest}", "docs/operations.md, Restoring")
    return ok(f"restorable up to {newest:%Y-%m-%d %H:%M} UTC, kept for {days} days")


def selections_backup() -> Finding:
    told = _client("dynamodb").describe_continuous_backups(TableName=SELECTIONS)[
        "ContinuousBackupsDescription"
    ]
    recovery = told.get("PointInTimeRecoveryDescription", {})
    if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
        return failed(f"{SELECTIONS} has no point-in-time recovery", "Terraform turns it on: apply it")
    return ok(f"{SELECTIONS} can be restored to any second")


def dashboard() -> Finding:
    found = _client("cloudwatch").list_dashboards(DashboardNamePrefix=DASHBOARD)["DashboardEntries"]
    if DASHBOARD not in {one["DashboardName"] for one in found}:
        return failed(f"{DASHBOARD} is not there", "terraform apply")
    return ok(f"{DASHBOARD} is there")


def alarms() -> Finding:
    """That they are there, have somebody to tell, and that none is raised."""
    found = list(_pages("cloudwatch", "describe_alarms", "MetricAlarms", AlarmNamePrefix=f"{NAMESPACE}-"))
    if missing := ALARMS - {one["AlarmName"] for one in found}:
        return failed(f"not there: {', '.join(sorted(missing))}", "terraform apply")
    mute = [one["AlarmName"] for one in found if not one["AlarmActions"] or not one["ActionsEnabled"]]
    raised = [one["AlarmName"] for one in found if one["StateValue"] == "ALARM"]
    if mute:
        return failed(f"tell nobody: {', '.join(mute)}", "terraform apply; confirm the topic's subscription")
    if raised:
        return failed(f"raised: {', '.join(raised)}", "docs/operations.md has a chapter for each")
    return ok(f"{len(found)} alarms, none raised")


def metrics(now: datetime) -> Finding:
    silent = [name for name in ARRIVING if not _arrived(name, now)]
    if silent:
        return failed(
            f"nothing for {_SILENT.seconds // 60} minutes of {', '.join(silent)}", "docs/operations.md"
        )
    return ok(f"{', '.join(ARRIVING)} arrive")


def _arrived(name: str, now: datetime) -> bool:
    # RankingAge is told for each period, the others for the environment alone.
    metrics = _pages("cloudwatch", "list_metrics", "Metrics", Namespace=NAMESPACE, MetricName=name)
    for metric in metrics:
        points = _client("cloudwatch").get_metric_statistics(
            Namespace=NAMESPACE,
            MetricName=name,
            Dimensions=metric["Dimensions"],
            StartTime=now - _SILENT,
            EndTime=now,
            Period=60,
            Statistics=["SampleCount"],
        )["Datapoints"]
        if points:
            return True
    return False


def web_log_group() -> str:
    """Of the function that Zappa makes: it has the stage in its name."""
    return f"/aws/lambda/currency-service-{'staging' if settings.ENVIRONMENT == 'staging' else 'prod'}"


def logs(now: datetime, group: str) -> Finding:
    streams = _client("logs").describe_log_streams(
        logGroupName=group, orderBy="LastEventTime", descending=True, limit=1
    )["logStreams"]
    newest = max(
        (one.get("lastIngestionTime", one.get("lastEventTimestamp", 0)) for one in streams), default=0
    )
    at = datetime.fromtimestamp(newest / 1000, UTC)
    if now - at > _SILENT:
        return failed(f"{group} is silent since {at:%Y-%m-%d %H:%M} UTC", "docs/operations.md")
    return ok(f"{group} heard {at:%Y-%m-%d %H:%M} UTC")


def dead_letters() -> Finding:
    url = settings.SQS_QUEUE_URLS[settings.DEAD_LETTER_QUEUE]
    told = _client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    waiting = int(told["Attributes"]["ApproximateNumberOfMessages"])
    if waiting:
        return failed(f"{waiting} messages", "manage.py dlq, or Dead letters in the admin")
    return ok("none")


def certificates(now: datetime) -> Finding:
    found = [
        _client("acm").describe_certificate(CertificateArn=one["CertificateArn"])["Certificate"]
        for one in _pages("acm", "list_certificates", "CertificateSummaryList")
    ]
    ending = [one["DomainName"] for one in found if one.get("NotAfter") and one["NotAfter"] - now < _SOON]
    if ending:
        return failed(
            f"{', '.join(ending)} end within {_SOON.days} days", "see why AWS did not renew: DNS validation"
        )
    return ok(f"{len(found)} certificates, none ends within {_SOON.days} days")


def secrets(now: datetime) -> Finding:
    """How long ago each was set; values are not read."""
    found = list(
        _pages(
            "ssm",
            "describe_parameters",
            "Parameters",
            ParameterFilters=[{"Key": "Path", "Values": [PARAMETERS]}],
        )
    )
    old = sorted(
        one["Name"].rpartition("/")[2] for one in found if now - one["LastModifiedDate"] > _SECRETS_AGE
    )
    if old:
        return watch(f"older than a year: {', '.join(old)}", "python -m deploy.set_parameter NAME --generate")
    return ok(f"{len(found)} parameters, none older than a year")
