"""Is everybody well while traffic moves? The live address asked again and again, and CloudWatch's figures."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

#: Asked at every turn: a page, an answer out of the cache, one out of the selections' store, and who answers.
PATHS = ("/version", "/api/v1/currencies/latest?symbols=USD", "/api/v1/rankings?period=daily&limit=10", "/")

#: Of our own requests: one may fail on its way, and three in a hundred do not by chance.
FAILED_AT_LEAST, FAILED_SHARE = 3, 0.01
#: Of the function's own invocations, by version.
ERRORS_AT_LEAST, ERRORS_SHARE = 5, 0.01
#: As in the alarm HighErrorRate.
SERVER_ERRORS = 10
#: However short the watch: a tenth of fewer requests may be none.
LOOKS_AT_LEAST = 3


@dataclass(frozen=True)
class Invocations:
    count: int = 0
    errors: int = 0

    @property
    def share(self) -> float:
        return self.errors / self.count if self.count else 0.0


@dataclass
class Seen:
    """What was seen since traffic was moved to where it is."""

    asked: int = 0
    failed: int = 0
    last_failure: str = ""
    answered_by: dict[str, int] = field(default_factory=dict)
    candidate: Invocations = Invocations()
    previous: Invocations = Invocations()
    server_errors: int = 0


def verdict(seen: Seen) -> str:
    """Why the candidate has to go; "" while nothing speaks against it.

    The candidate's errors are compared with those of the version beside it: what makes both fail is
    not the release's fault, and going back would not end it.
    """
    if seen.failed >= FAILED_AT_LEAST and seen.failed / seen.asked > FAILED_SHARE:
        return f"{seen.failed} of {seen.asked} requests failed, at last {seen.last_failure}"
    allowed = max(ERRORS_SHARE, 2 * seen.previous.share)
    if seen.candidate.errors >= ERRORS_AT_LEAST and seen.candidate.share > allowed:
        return (
            f"{seen.candidate.errors} of its {seen.candidate.count} invocations ended in an error, "
            f"and {seen.previous.errors} of {seen.previous.count} of the version before it"
        )
    if seen.server_errors > SERVER_ERRORS:
        return f"{seen.server_errors} answers with a 5xx status"
    return ""


@dataclass(frozen=True)
class Figures:
    """Where CloudWatch has what happened to the function, by version, and to the service."""

    cloudwatch: Any
    function: str
    environment: str
    candidate: str
    previous: str

    def since(self, start: datetime) -> tuple[Invocations, Invocations, int]:
        """Of the candidate, of the previous version, and the service's 5xx answers. Minutes late."""
        wanted = {
            f"{of}_{metric.lower()}": self._of_version(metric, version)
            for of, version in (("candidate", self.candidate), ("previous", self.previous))
            for metric in ("Invocations", "Errors")
            if version
        }
        wanted["server_errors"] = {
            "Namespace": "CurrencyService",
            "MetricName": "ServerErrors",
            "Dimensions": [{"Name": "Environment", "Value": self.environment}],
        }
        told = self.cloudwatch.get_metric_data(
            MetricDataQueries=[
                {"Id": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
                for name, metric in wanted.items()
            ],
            # Whole minutes, the first of which begins with the shift or after it.
            StartTime=(start + timedelta(seconds=59)).replace(second=0, microsecond=0),
            EndTime=datetime.now(UTC) + timedelta(minutes=1),
        )
        sums = {result["Id"]: int(sum(result["Values"])) for result in told["MetricDataResults"]}
        return (
            Invocations(sums.get("candidate_invocations", 0), sums.get("candidate_errors", 0)),
            Invocations(sums.get("previous_invocations", 0), sums.get("previous_errors", 0)),
            sums.get("server_errors", 0),
        )

    def _of_version(self, metric: str, version: str) -> dict[str, Any]:
        named = {
            "FunctionName": self.function,
            "Resource": f"{self.function}:live",
            "ExecutedVersion": version,
        }
        dimensions = [{"Name": name, "Value": value} for name, value in named.items()]
        return {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": dimensions}


def watch(
    client: httpx.Client, figures: Figures, *, seconds: float, every: float, turn: Callable[[Seen], None]
) -> tuple[str, Seen]:
    """Look on for so many seconds, or until something speaks against the candidate: that, and what was seen.

    `turn` is called after each look: to show it, and to say that we are still here.
    """
    seen, began = Seen(), datetime.now(UTC)
    end = time.monotonic() + seconds
    for look in itertools.count(1):
        for path in PATHS:
            _note(seen, *_ask(client, path))
        try:
            seen.candidate, seen.previous, seen.server_errors = figures.since(began)
        except (BotoCoreError, ClientError) as exc:
            # Asked several times already. Nobody is left with a version that cannot be watched.
            return f"CloudWatch does not tell how it does: {exc}", seen
        turn(seen)
        if (reason := verdict(seen)) or (look >= LOOKS_AT_LEAST and time.monotonic() >= end):
            break
        time.sleep(every)
    return reason, seen


def _ask(client: httpx.Client, path: str) -> tuple[str, str]:
    """What was wrong with the answer, "" for nothing; and the commit that answered, where it says so."""
    try:
        told = client.get(path)
    except httpx.TransportError as exc:
        return f"{path}: {type(exc).__name__}", ""
    if told.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return "", ""  # of us, from one address
    if told.status_code != httpx.codes.OK:
        return f"{path}: {told.status_code}", ""
    if path != "/version":
        return "", ""
    try:
        return "", str(told.json()["data"]["commit"])
    except (KeyError, TypeError, ValueError):
        return f"{path}: does not say who answers", ""


def _note(seen: Seen, wrong: str, commit: str) -> None:
    seen.asked += 1
    if wrong:
        seen.failed, seen.last_failure = seen.failed + 1, wrong
    if commit:
        seen.answered_by[commit] = seen.answered_by.get(commit, 0) + 1


def by_commit(seen: Seen) -> Iterator[str]:
    """Who answered, most often first: "679e334 ×12"."""
    for commit, count in sorted(seen.answered_by.items(), key=lambda item: -item[1]):
        yield f"{commit[:7]} ×{count}"
