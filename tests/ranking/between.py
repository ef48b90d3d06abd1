"""Somebody between us and DynamoDB: passes requests on, and treats some otherwise.

What moto never does (throttling, unprocessed keys, an answer that is lost on its way) is played here,
over HTTP, so that everything of ours and of botocore takes part.
"""

import http.client
import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Body = dict[str, Any]
Answer = tuple[int, Body]
#: Given the request and how to pass one on, what to answer; None cuts the connection instead.
Treatment = Callable[[Body, Callable[[Body], Answer]], Answer | None]


def passed_on(request: Body, pass_on: Callable[[Body], Answer]) -> Answer:
    return pass_on(request)


def cut_after(request: Body, pass_on: Callable[[Body], Answer]) -> None:
    """It is done, but nobody hears of it."""
    pass_on(request)


def refused(code: str, **more: Any) -> Treatment:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code, **more}
    return lambda request, pass_on: (400, body)


class Between:
    """`seen` are the requests by operation; `treatments` what awaits the next ones of an operation."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target).netloc
        self.seen: dict[str, list[Body]] = defaultdict(list)
        self.treatments: dict[str, deque[Treatment]] = defaultdict(deque)
        self.always: dict[str, Treatment] = {}
        self._lock = threading.Lock()

    def treat(self, operation: str, request: Body) -> Treatment:
        with self._lock:
            self.seen[operation].append(request)
            if self.treatments[operation]:
                return self.treatments[operation].popleft()
            return self.always.get(operation, passed_on)

    def passer(self, headers: dict[str, str]) -> Callable[[Body], Answer]:
        def pass_on(request: Body) -> Answer:
            connection = http.client.HTTPConnection(self._target, timeout=20)
            try:
                connection.request("POST", "/", json.dumps(request), headers)
                answer = connection.getresponse()
                return answer.status, json.loads(answer.read())
            finally:
                connection.close()

        return pass_on


@contextmanager
def standing_between(target: str) -> Iterator[tuple[str, Between]]:
    """The address to ask instead of `target`, and who listens there."""
    between = Between(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            kept = ("x-amz-target", "content-type", "authorization", "x-amz-date")
            headers = {name: value for name, value in self.headers.items() if name.lower() in kept}
            operation = self.headers["X-Amz-Target"].partition(".")[2]
            answer = between.treat(operation, request)(request, between.passer(headers))
            if answer is None:
                self.close_connection = True
                return
            status, body = answer
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            """Not to the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", between
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
