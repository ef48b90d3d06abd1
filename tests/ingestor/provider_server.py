"""A real HTTP server that plays the providers: what it answers to which path is told by the test.

    def test_something(provider_server, settings):
        provider_server.plays(settings, "eximbank", api_key="secret", timeout="0.5")
        provider_server.answer("/site/program/financial/exchangeJSON", payload("eximbank/2026-10-30.json"),
                               query={"searchdate": "20261030"})
        provider_server.answer("/stats/*", Answer(status=503), Answer(body=b"<xml/>"))   # first 503, then this

Paths are shell patterns (`/api/StatisticSearch/*`). Answers of one call are given in turn and the
last one stays; among several rules that fit, the newest wins. A path without a rule gets a 404.
`provider_server.requests` lists what was asked, oldest first. Nothing here is patched: the code
under test opens a socket and reads from it.
"""

import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

PAYLOADS = Path(__file__).resolve().parent.parent / "payloads"
_TYPES = {".json": "application/json", ".xml": "text/xml", ".csv": "text/csv", ".zip": "application/zip"}


@dataclass(frozen=True)
class Answer:
    """One HTTP answer. `delay` seconds pass before it; `cut` sends only so many bytes and hangs up."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: int | None = None


@dataclass(frozen=True)
class Request:
    """What was asked of the server; header names in lower case."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


def payload_bytes(name: str) -> bytes:
    """A kept payload, such as `ecos/2026-10-30.json`."""
    return (PAYLOADS / name).read_bytes()


def payload(name: str, **options: Any) -> Answer:
    """An answer of a kept payload, with the content type of its ending."""
    kind = _TYPES.get(Path(name).suffix, "text/html; charset=utf-8")
    return Answer(body=payload_bytes(name), headers={"Content-Type": kind}, **options)


@dataclass
class _Rule:
    pattern: str
    query: dict[str, str]
    answers: list[Answer]

    def fits(self, request: Request) -> bool:
        return fnmatchcase(request.path, self.pattern) and self.query.items() <= request.query.items()


class ProviderServer:
    """The running server; see the module's docstring. With `tls` it speaks https."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        told = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

            def do_GET(self) -> None:
                told._serve(self)

            def log_message(self, format: str, *args: Any) -> None:
                return

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                return  # a client that gave up waiting

        self._server = Server(("127.0.0.1", 0), Handler)
        scheme = "http"
        if tls is not None:
            scheme = "https"
            # The handshake is left to the thread of each connection.
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def answer(self, pattern: str, *answers: Answer, query: dict[str, str] | None = None) -> None:
        """From now on, paths that fit `pattern` (and hold `query`) are answered so."""
        with self._lock:
            self._rules.insert(0, _Rule(pattern, query or {}, list(answers)))

    def plays(self, settings: Any, *keys: str, **options: str) -> None:
        """Point providers at this server through Django's settings; options as in `PROVIDERS`."""
        settings.PROVIDERS = settings.PROVIDERS | {key: {"url": self.url, **options} for key in keys}

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(parts.path, dict(parse_qsl(parts.query)), headers)
        with self._lock:
            self.requests.append(request)
            rule = next((rule for rule in self._rules if rule.fits(request)), None)
            if rule is None:
                answer = Answer(b"no rule for this path", status=404)
            else:
                answer = rule.answers.pop(0) if len(rule.answers) > 1 else rule.answers[0]
        if answer.delay:
            self._closing.wait(answer.delay)
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body)))
        if answer.cut is not None:
            handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(answer.body if answer.cut is None else answer.body[: answer.cut])


@pytest.fixture
def provider_server() -> Iterator[ProviderServer]:
    """A server of this test's own, on a port of its own."""
    server = ProviderServer()
    yield server
    server.close()
