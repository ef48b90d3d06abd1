"""Passwords for RDS, made here by signing: no secret to store, none to rotate.

A token is good for the making of a connection within 15 minutes; the connection may live on. RDS
slows down who comes with many different tokens, so one is used again for `_LIFE` seconds.
Source: Amazon RDS user guide, "IAM database authentication".
"""

import threading
import time
from functools import lru_cache
from typing import Any

from django.conf import settings

_VALID = 900
_LIFE = 600.0

_lock = threading.Lock()
_made: dict[tuple[str, int, str], tuple[float, str]] = {}


def current(*, host: str, port: int, user: str) -> str:
    """A token with which `user` may log in at `host`. Asks nobody, unless a pod's credentials have run out.

    Raises: RuntimeError without AWS credentials; what botocore raises where they cannot be renewed.
    """
    key = (host, port, user)
    # Not the monotonic clock: a frozen Lambda's may stand still while the token grows old.
    now = time.time()
    with _lock:
        born, token = _made.get(key, (float("-inf"), ""))
        if not 0 <= now - born < _LIFE:
            token = _signed(host, port, user)
            _made[key] = now, token
    return token


@lru_cache(maxsize=1)
def _credentials() -> Any:
    import botocore.session

    found = botocore.session.get_session().get_credentials()
    if found is None:
        raise RuntimeError("DATABASE_IAM_AUTH: there are no AWS credentials to make a password with")
    return found


def _signed(host: str, port: int, user: str) -> str:
    """The signed address of a request that is never sent, without its scheme."""
    from botocore.auth import SigV4QueryAuth
    from botocore.awsrequest import AWSRequest

    request = AWSRequest("GET", f"https://{host}:{port}/", params={"Action": "connect", "DBUser": user})
    SigV4QueryAuth(_credentials(), "rds-db", settings.AWS_REGION, expires=_VALID).add_auth(request)
    return str(request.url).removeprefix("https://")
