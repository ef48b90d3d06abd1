"""One boto3 session and one client of each service for the process; imported where AWS is used."""

from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from django.conf import settings

# boto3's own time-outs are a minute, and its retries have changed with its releases.
_PATIENCE = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "adaptive", "total_max_attempts": 5},
    max_pool_connections=32,
)


@lru_cache(maxsize=1)
def _session() -> boto3.Session:
    return boto3.Session(region_name=settings.AWS_REGION)


@lru_cache(maxsize=None)
def client(service: str) -> Any:
    """A client, safe for threads. Every call takes 3 s for each of at most five attempts."""
    return _session().client(service, endpoint_url=settings.AWS_ENDPOINT_URL, config=_PATIENCE)
