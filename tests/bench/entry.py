"""WSGI applications to compare under one server: bare bytes, ours, and ours without its own memory."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def _bare() -> Application:
    """What a server costs by itself: the same bytes, no work."""
    body = Path(os.environ["BENCH_BODY"]).read_bytes()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", headers)
        return [body]

    return application


def _shared_cache_only() -> Application:
    """Our service as a process sees it that has not told this answer yet: the shared cache has it."""
    from config.api.answers import AnswerStore
    from config.api.gate import Gate
    from config.wsgi import _django

    class WithoutMemory(AnswerStore):
        def _remember(self, key: str, answer: Any) -> None:
            """Nothing is remembered, so every request goes to the shared cache."""

    gate = Gate(_django)
    gate._answers = WithoutMemory()
    return gate


def __getattr__(name: str) -> Application:
    if name == "bare":
        return _bare()
    if name == "shared":
        return _shared_cache_only()
    if name == "service":
        from config.wsgi import application

        return application
    raise AttributeError(name)
