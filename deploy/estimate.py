"""`python -m deploy.estimate`: what the service costs a month, for three sizes, and what each part of it is.

An estimate to choose a size by, in US dollars before tax, without discounts or free tiers. Prices are
list prices of ap-northeast-2, rounded, written down from memory on 2026-11-26 without the price list at hand:
check them against AWS's calculator before a budget hangs on them. What a request takes is from measurements
of this repository (`make bench`; docs/scaling.md says which).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

HOURS = 730
DAYS = 30.4

# --- prices ------------------------------------------------------------------------------------
_HOUR = {
    "cache.t4g.small": 0.047,
    "cache.r6g.large": 0.247,
    "kafka.m7g.large": 0.25,
    "kafka.m5.large": 0.258,
    "t3.large": 0.104,
    "m6i.large": 0.118,
    "eks": 0.10,
    "nat": 0.059,
    "endpoint": 0.013,
    "acu": 0.20,
    "proxy_acu": 0.018,
}
_MILLION = {
    "lambda": 0.20,
    "gateway": 3.50,
    "sqs": 0.40,
    "waf": 0.60,
    "dynamodb_write": 0.68,
    "dynamodb_read": 0.14,
}
_GB = {"logs": 0.76, "out": 0.126, "nat": 0.059, "cdn": 0.12, "aurora": 0.12, "s3": 0.025, "kafka": 0.114}
_LAMBDA_GB_SECOND = 0.0000166667
_METRIC, _ALARM, _DASHBOARD, _ACL, _RULE, _KEY = 0.30, 0.10, 3.0, 5.0, 1.0, 1.0

# --- what a request takes -------------------------------------------------------------------------
#: GB of memory of the function (zappa_settings.toml), and milliseconds billed: nine in ten are stored answers.
_MEMORY_GB, _BILLED_MS = 1.75, 12
#: Bytes: of a compressed answer, and of its line in the log with its measurements.
_ANSWER, _LOG_LINE = 2_500, 900
#: A selection is a transaction of four items (selection, two counters, idempotency), twice the price of plain writes,
#: and one more in an index.
_WRITES = 9
#: SQS requests a day that nobody asked for: two queues, a poll each eleven seconds, for each worker process.
_POLLS = 24 * 3600 / 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """An installation and its day: the tfvars that matter to the bill, and what people do."""

    name: str
    requests: int
    selections: int
    nat_gateways: int
    cache: tuple[str, int]
    kafka: tuple[str, int]
    nodes: tuple[str, int]
    #: Aurora capacity units on average, over all instances; the least is half a unit for each.
    acu: float
    database_gb: int
    worker_processes: int


SIZES = (
    Size(
        name="small: staging.tfvars",
        requests=100_000,
        selections=2_000,
        nat_gateways=1,
        cache=("cache.t4g.small", 2),
        kafka=("kafka.m7g.large", 3),
        nodes=("t3.large", 2),
        acu=1.2,
        database_gb=10,
        worker_processes=4,
    ),
    Size(
        name="middle: prod.tfvars",
        requests=1_000_000,
        selections=20_000,
        nat_gateways=3,
        cache=("cache.r6g.large", 3),
        kafka=("kafka.m5.large", 3),
        nodes=("m6i.large", 3),
        acu=3,
        database_gb=30,
        worker_processes=8,
    ),
    Size(
        name="large: prod.tfvars, ten times the traffic",
        requests=10_000_000,
        selections=200_000,
        nat_gateways=3,
        cache=("cache.r6g.large", 3),
        kafka=("kafka.m5.large", 3),
        nodes=("m6i.large", 5),
        acu=10,
        database_gb=60,
        worker_processes=20,
    ),
)


def parts(size: Size) -> Iterator[tuple[str, float]]:
    """(part, dollars a month)."""
    requests, selections = size.requests * DAYS / 1e6, size.selections * DAYS / 1e6  # millions a month
    served_gb = requests * _ANSWER / 1e3
    cache, cache_nodes = size.cache
    kafka, brokers = size.kafka
    node, nodes = size.nodes
    yield "Lambda", requests * (_MILLION["lambda"] + _BILLED_MS * 1e3 * _MEMORY_GB * _LAMBDA_GB_SECOND)
    yield "API Gateway, WAF", requests * (_MILLION["gateway"] + _MILLION["waf"]) + 2 * _ACL + 8 * _RULE
    yield (
        "Aurora, backups of its own size",
        HOURS * size.acu * _HOUR["acu"] + size.database_gb * _GB["aurora"] * 2,
    )
    yield "RDS Proxy, eight units at least", HOURS * max(8, size.acu) * _HOUR["proxy_acu"]
    yield "Redis", HOURS * cache_nodes * _HOUR[cache]
    yield "MSK", HOURS * brokers * _HOUR[kafka] + brokers * 100 * _GB["kafka"]
    yield "EKS and its nodes", HOURS * (_HOUR["eks"] + nodes * _HOUR[node])
    yield (
        "NAT, endpoints",
        HOURS * (size.nat_gateways * _HOUR["nat"] + 5 * 3 * _HOUR["endpoint"]) + 50 * _GB["nat"],
    )
    yield (
        "DynamoDB",
        selections * _WRITES * _MILLION["dynamodb_write"] + requests * 0.02 * _MILLION["dynamodb_read"] + 5,
    )
    yield "SQS", (size.worker_processes * _POLLS * DAYS / 1e6 + selections * 3) * _MILLION["sqs"]
    yield (
        "CloudWatch",
        requests * _LOG_LINE / 1e3 * _GB["logs"]
        + 120 * _METRIC
        + 16 * _ALARM
        + _DASHBOARD
        + 20 * _GB["logs"],
    )
    yield "Answers to the internet", served_gb * (_GB["out"] + 0.2 * _GB["cdn"])
    yield "S3, KMS, Route 53, ECR", 40 * _GB["s3"] + 4 * _KEY + 5


def main() -> None:
    table = Table(box=None, padding=(0, 2))
    table.add_column("US dollars a month")
    for size in SIZES:
        table.add_column(size.name, justify="right")
    table.add_row("requests a day", *(f"{size.requests:,}" for size in SIZES))
    table.add_row("selections a day", *(f"{size.selections:,}" for size in SIZES), end_section=True)
    columns = [dict(parts(size)) for size in SIZES]
    for part in columns[0]:
        table.add_row(part, *(f"{column[part]:,.0f}" for column in columns))
    table.add_section()
    table.add_row("together", *(f"{sum(column.values()):,.0f}" for column in columns))
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
