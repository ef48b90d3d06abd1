"""Stands where API Gateway and the function URL would: divides requests as moto's aliases say at that moment.

moto keeps versions, aliases and weights, but runs no code. Here `/live/…` and `/green/…` are answered as
the version would that the alias gives the request to; which of them is ill, and when, a test says.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from tests.aws_server import CREDENTIALS

#: What a commit answers to a path while it has so many percent; None: what a healthy one answers.
Ill = Callable[[str, int], "int | None"]

_DATA: dict[str, dict[str, Any]] = {
    "/health/live": {"status": "healthy"},
    "/health/ready": {"status": "healthy"},
    "/health": {"status": "degraded"},
    "/api/v1/currencies": {"currencies": [{"currency_code": "USD"}]},
    "/api/v1/currencies/USD": {"currency_code": "USD", "current_rate": 1392.4, "last_updated": "2026-11-01"},
    "/api/v1/currencies/convert": {"result": 14719.0},
    "/api/v1/currencies/price-index": {"country_code": "JP"},
    "/api/v1/rankings/stats/JP": {"statistics": {"total_selections": 3}},
    "/api/v1/history": {"results": [1], "statistics": {"average": 1390.0}},
    "/api/v1/history/stats": {"statistics": {"current_rate": 1.0}, "technical_indicators": {"rsi": 50.0}},
    "/api/v1/history/compare": {"comparison": [1]},
    "/api/v1/history/forecast/USD": {"forecast_data": [1]},
    "/api/schema": {},
    "/site.css": {},
    "/": {},  # a page
}
_PAGE = b'<!doctype html><link rel="stylesheet" href="/site.css">'
_REFUSED = {
    "/api/v1/nowhere": (404, "NOT_FOUND"),
    "/api/v1/rankings/selections": (400, "MISSING_PARAMETER"),
}


class StandIn:
    def __init__(self, aws: str, function: str) -> None:
        self.ill: dict[str, Ill] = {}
        #: When the rates and the ranking were made; moving it back makes them old.
        self.fresh_at = datetime.now(UTC)
        #: Of the requests to the live address, in order: the weight then in force, in percent, and who got it.
        self.received: list[tuple[int, str]] = []
        # Asked for each request: plain HTTP, because boto3 would take most of the time there is.
        scope = f"{CREDENTIALS['AWS_ACCESS_KEY_ID']}/20261101/{CREDENTIALS['AWS_REGION']}/lambda/aws4_request"
        self._lambda = httpx.Client(
            base_url=f"{aws}/2015-03-31/functions/{function}",
            headers={
                "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
            },
        )
        self._lock = threading.Lock()
        self._commits: dict[str, str] = {}
        self._owed = 90  # of a hundred requests at 10 %, the first, the eleventh …
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    @contextmanager
    def serving(self) -> Iterator[str]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{self._server.server_port}"
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()
            self._lambda.close()

    def answer(self, alias: str, path: str, query: str) -> tuple[int, dict[str, Any]]:
        with self._lock:
            version, share = self._receiver(alias)
        commit = self._commit(version)
        if (status := self.ill.get(commit, lambda *_: None)(path, share)) is not None:
            return status, _failure("INTERNAL_SERVER_ERROR")
        if path in _REFUSED:
            status, code = _REFUSED[path]
            return status, _failure(code)
        if path == "/version":
            return 200, _success({"commit": commit})
        if path == "/api/v1/rankings":
            return 200, _success({"last_updated": f"{self.fresh_at:%Y-%m-%dT%H:%M:%SZ}"})
        if path == "/api/v1/currencies/latest":
            if "QQQ" in query:
                return 400, _failure("INVALID_CURRENCY_CODE")
            rates = dict.fromkeys(unquote(query).partition("=")[2].split(","), 1.0)
            return 200, _success({"rates": rates, "timestamp": int(self.fresh_at.timestamp())})
        return (
            (200, _success(_DATA.get(path, {})))
            if path in _DATA or path == "/"
            else (404, _failure("NOT_FOUND"))
        )

    def _receiver(self, alias: str) -> tuple[str, int]:
        """The version whose turn it is, and its share."""
        told = self._lambda.get(f"/aliases/{alias}").raise_for_status().json()
        version, share, weight = told["FunctionVersion"], 100, 0
        for other, part in ((told.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}).items():
            weight = round(part * 100)
            self._owed += weight
            share = 100 - weight
            if self._owed >= 100:
                self._owed -= 100
                version, share = other, weight
        if alias == "live":
            self.received.append((weight, version))
        return version, share

    def _commit(self, version: str) -> str:
        if version not in self._commits:
            told = self._lambda.get("/configuration", params={"Qualifier": version}).raise_for_status().json()
            self._commits[version] = told["Description"]
        return self._commits[version]


def _success(data: dict[str, Any]) -> dict[str, Any]:
    return {"success": True, "data": data}


def _failure(code: str) -> dict[str, Any]:
    return {"success": False, "error": {"code": code}}


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer is one packet; the second would wait for the first to be acknowledged

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = urlsplit(self.path)
            _, alias, rest = parts.path.split("/", 2)
            status, body = stand_in.answer(alias, f"/{rest}", parts.query)
            if status == 200 and self.headers.get("If-None-Match") == '"kept"':
                status = 304
            page = status == 200 and rest == ""
            kind, content = ("text/html", _PAGE) if page else ("application/json", json.dumps(body).encode())
            if status == 304:
                content = b""
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("ETag", '"kept"')
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
