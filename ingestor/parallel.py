"""Several providers at once: one slow or broken provider delays and fails nobody else."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import date, datetime

import structlog
from django.db import connections

from config.observability.logs import scrub
from ingestor.models import Outcome, Trigger
from ingestor.result import RunResult
from ingestor.run import collect

log = structlog.get_logger(__name__)


def collect_all(
    keys: Sequence[str],
    *,
    trigger: Trigger,
    now: datetime,
    first: date | None = None,
    last: date | None = None,
    dry_run: bool = False,
    on_progress: Callable[[str, int, int], None] | None = None,
    on_result: Callable[[RunResult], None] | None = None,
) -> list[RunResult]:
    """Collect from all of them at once, a thread each; results in the order of `keys`.

    Each provider's figures are published, and `on_result` called (in this thread), as soon as its
    own run ends.
    Raises: KeyboardInterrupt, after every run has been told to stop and has closed its row.
    """
    stop = threading.Event()
    results: dict[str, RunResult] = {}

    def one(key: str) -> RunResult:
        def progress(done: int, total: int) -> None:
            if on_progress is not None:
                on_progress(key, done, total)

        try:
            return collect(
                key,
                trigger=trigger,
                now=now,
                first=first,
                last=last,
                dry_run=dry_run,
                on_progress=progress,
                stop=stop,
            )
        except Exception as exc:  # a run that could not be noted down; the others go on
            log.exception("run_not_started", provider=key)
            return RunResult(key, Outcome.FAILURE.value, reason=scrub(f"{type(exc).__name__}: {exc}"))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=max(1, len(keys)), thread_name_prefix="collect") as pool:
        try:
            for ended in as_completed([pool.submit(one, key) for key in keys]):
                result = ended.result()
                results[result.provider] = result
                if on_result is not None:
                    on_result(result)
        except BaseException:
            # Ctrl-C arrives in this thread alone; the pool waits for the others on its way out.
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [results[key] for key in keys]
