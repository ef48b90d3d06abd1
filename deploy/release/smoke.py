"""Is the candidate well? Every endpoint of the contract asked once, over HTTP, and its answers judged.

Nothing is written: a selection made here would count for somebody's country. What a selection goes
through first is asked with one that has to be refused.
"""

import html
import re
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

#: Newest fixing: from Maundy Thursday to Easter Tuesday the ECB publishes nothing for five days.
RATES_AGE = timedelta(days=6)
#: Beat computes rankings every five minutes; an hour is what the alarm RankingAge takes for silence.
RANKING_AGE = timedelta(hours=1)
#: 95 of 100 answers of a warm process are here within this. The first, cold one is not counted.
LATENCY = 1.0
#: How often each is asked for the latency. The second time and later are warm.
ROUNDS = 3

_API = "/api/v1"
_STYLE_SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')


@dataclass(frozen=True)
class Finding:
    """One line of the table. `seconds` is the slowest answer that belongs to it."""

    name: str
    ok: bool
    detail: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Question:
    """A request and what its answer has to be. `wrong` tells what is missing in the answer's data; ""."""

    name: str
    path: str
    status: int = 200
    wrong: Callable[[Any], str] = lambda data: ""
    body: dict[str, Any] | None = None


def _api(name: str, path: str, wrong: Callable[[Any], str], **query: str) -> Question:
    # Encoded as AWS signs it: %2C, not a bare comma.
    asked = f"{_API}{path}" + (f"?{urlencode(query)}" if query else "")
    return Question(name, asked, wrong=wrong)


def _has(*fields: str) -> Callable[[Any], str]:
    def wrong(data: Any) -> str:
        missing = [field for field in fields if not data.get(field)]
        return f"without {', '.join(missing)}" if missing else ""

    return wrong


def questions(*, commit: str, now: datetime) -> list[Question]:
    """The contract's reads, two of its refusals, and the pages' first one."""
    return [
        Question("alive", "/health/live"),
        Question("ready", "/health/ready"),
        Question("health", "/health", wrong=_of_health),
        Question("version", "/version", wrong=lambda data: _of_version(data, commit)),
        _api("latest rates", "/currencies/latest", lambda data: _of_rates(data, now), symbols="USD,JPY,EUR"),
        _api("currencies", "/currencies", _has("currencies")),
        _api("one currency", "/currencies/USD", _has("currency_code", "current_rate", "last_updated")),
        _api(
            "conversion",
            "/currencies/convert",
            _has("result"),
            **{"from": "USD", "to": "JPY", "amount": "100"},
        ),
        _api("price index", "/currencies/price-index", _has("country_code"), country="JP"),
        _api("ranking", "/rankings", lambda data: _of_ranking(data, now), period="daily"),
        _api("ranking of a country", "/rankings/stats/JP", _has("statistics"), period="7d"),
        _api("history", "/history", _has("results", "statistics"), period="1m", target="USD"),
        _api(
            "analysis",
            "/history/stats",
            _has("statistics", "technical_indicators"),
            period="6m",
            target="USD",
        ),
        _api("comparison", "/history/compare", _has("comparison"), targets="USD,JPY,EUR", period="1m"),
        _api("forecast", "/history/forecast/USD", _has("forecast_data"), days="7"),
        Question(
            "unknown currency", f"{_API}/currencies/latest?symbols=QQQ", 400, _code("INVALID_CURRENCY_CODE")
        ),
        Question("unknown address", f"{_API}/nowhere", 404, _code("NOT_FOUND")),
        Question(
            "selection refused", f"{_API}/rankings/selections", 400, _code("MISSING_PARAMETER"), body={}
        ),
        Question("schema", "/api/schema"),
        Question("first page", "/"),
    ]


def _code(expected: str) -> Callable[[Any], str]:
    return lambda error: "" if error.get("code") == expected else f"code {error.get('code')}"


def _of_health(data: Any) -> str:
    # "degraded" is a provider or a queue that is ill for every version alike.
    return "" if data.get("status") in {"healthy", "degraded"} else f"says {data.get('status')}"


def _of_version(data: Any, commit: str) -> str:
    return "" if data.get("commit") == commit else f"answers as {data.get('commit')}, not {commit}"


def _of_rates(data: Any, now: datetime) -> str:
    if set(data.get("rates", ())) != {"USD", "JPY", "EUR"}:
        return f"rates of {', '.join(sorted(data.get('rates', ()))) or 'nothing'}"
    return _too_old(datetime.fromtimestamp(data["timestamp"], UTC), RATES_AGE, now)


def _of_ranking(data: Any, now: datetime) -> str:
    if not data.get("last_updated"):
        return "was never computed: is beat running?"
    return _too_old(datetime.fromisoformat(data["last_updated"]), RANKING_AGE, now)


def _too_old(at: datetime, limit: timedelta, now: datetime) -> str:
    return "" if now - at <= limit else f"is of {at:%Y-%m-%d %H:%M} UTC, older than {limit}"


def examine(client: httpx.Client, *, commit: str, now: datetime) -> Iterator[Finding]:
    """A finding for each question as it is answered, then those about all answers together."""
    first, warm, broken, asked = True, list[float](), 0, questions(commit=commit, now=now)
    for question in asked:
        told, seconds = _ask(client, question)
        broken += told.status_code >= 500 if told is not None else 1
        yield Finding(question.name, *_judged(question, told), seconds)
        if first:
            yield Finding("first answer", True, "cold: not counted", seconds)
        elif told is not None:
            warm.append(seconds)
        first = False
    for _ in range(ROUNDS - 1):
        for question in asked:
            told, seconds = _ask(client, question)
            broken += told.status_code >= 500 if told is not None else 1
            warm.append(seconds)
    yield Finding("errors", broken == 0, f"{broken} of {ROUNDS * len(asked)} answers")
    yield from _not_modified(client)
    yield _style_sheets(client)
    slow = statistics.quantiles(warm, n=20)[-1]
    yield Finding("latency", slow <= LATENCY, f"95 of 100 within {slow:.2f} s, allowed {LATENCY:.2f} s", slow)


def _ask(client: httpx.Client, question: Question) -> tuple[httpx.Response | None, float]:
    """What came back, None for nothing; and how long it took."""
    started = time.perf_counter()
    try:
        if question.body is None:
            told = client.get(question.path)
        else:
            told = client.post(question.path, json=question.body)
    except httpx.TransportError:
        return None, time.perf_counter() - started
    return told, time.perf_counter() - started


def _judged(question: Question, told: httpx.Response | None) -> tuple[bool, str]:
    if told is None:
        return False, "no answer"
    if told.status_code != question.status:
        return False, f"status {told.status_code}, expected {question.status}"
    if not told.headers.get("content-type", "").startswith("application/json"):
        return True, f"{told.status_code}"
    try:
        body = told.json()
        if "success" not in body:  # the schema is no envelope
            return True, f"{told.status_code}"
        part = body.get("data") if body["success"] else body.get("error")
        wrong = question.wrong(part) if isinstance(part, dict) else "no envelope"
    except (KeyError, TypeError, ValueError) as exc:
        wrong = f"not to be understood: {type(exc).__name__}: {exc}"
    return not wrong, wrong or f"{told.status_code}"


def _not_modified(client: httpx.Client) -> Iterator[Finding]:
    path = f"{_API}/currencies"
    try:
        tag = client.get(path).headers.get("etag", "")
        status = client.get(path, headers={"If-None-Match": tag}).status_code
    except httpx.TransportError:
        yield Finding("not modified", False, "no answer")
    else:
        yield Finding("not modified", status == 304, f"{status} to its own ETag")


def _style_sheets(client: httpx.Client) -> Finding:
    """Those of the first page, from wherever it says: `collectstatic` is a step that can be forgotten."""
    try:
        found = _STYLE_SHEET.findall(client.get("/").text)
        # Elsewhere they are everybody's, and no place for our signature.
        told = [
            (httpx if "://" in where else client).get(html.unescape(where)).status_code for where in found
        ]
    except httpx.TransportError:
        return Finding("style sheets", False, "no answer")
    return Finding("style sheets", bool(told) and set(told) == {200}, f"{told or 'none named'}")
