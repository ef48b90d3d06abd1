"""One boto3 session and one client of each service for the process; imported where AWS is used."""

from functools import cache, lru_cache
from threading import Lock
from typing import Any

from boto3.session import Session
from botocore.config import Config
from django.conf import settings

# boto3's own time-outs are a minute, and its retries have changed with its releases.
_PATIENCE = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "adaptive", "total_max_attempts": 5},
    max_pool_connections=32,
)
#: A client may be used by many threads, but a session makes one client at a time.
_making = Lock()


@lru_cache(maxsize=1)
def _session() -> Session:
    return Session(region_name=settings.AWS_REGION)


@cache
def client(service: str, *, attempts: int = 5) -> Any:
    """A client, safe for threads. Every call takes 3 s for each of at most five attempts."""
    patience = _PATIENCE.merge(Config(retries={"mode": "adaptive", "total_max_attempts": attempts}))
    with _making:
        return _session().client(service, endpoint_url=settings.AWS_ENDPOINT_URL, config=patience)
