"""Secrets from the Parameter Store, put into the environment before any setting is read from it.

One signed request instead of a client of boto3's: that costs a cold start 0.03 s instead of 0.1 s,
which go into reading the descriptions of services. docs/decisions/0021.
"""

import json
import os
from collections.abc import Iterator
from typing import Any, NoReturn

from config.environment import refuse

#: Everything that is secret, and nothing else: `<path><name>` for each, all SecureStrings.
NAMES = (
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "DATABASE_URL",
    "DATABASE_REPLICA_URL",
    "CACHE_URL",
    "ENCRYPTION_KEYS",
    "VISITOR_KEY",
    "PROVIDER_ECOS_API_KEY",
    "PROVIDER_EXIMBANK_API_KEY",
    "PROVIDER_FRED_API_KEY",
)
#: What the Parameter Store holds instead of nothing, which it cannot hold.
UNSET = "unset"

#: Seconds to connect in and to be answered in. With three attempts well below the 10 s that Lambda
#: gives to a start.
_CONNECT, _READ, _ATTEMPTS = 1, 1.5, 3
#: Answers that another attempt can change; AWS gives "slow down" as a 400.
_PASSING = frozenset({"ThrottlingException", "RequestLimitExceeded", "TooManyUpdates"})


class _Passing(Exception):
    """No answer, or one that may be another the next time."""


def take() -> None:
    """Put what is stored under PARAMETER_PATH into the environment; variables already set win.

    Without PARAMETER_PATH, or where nothing is missing, nobody is asked.
    Raises: SystemExit, with one line, where the store refuses, does not answer, or has no such
        parameter. It never tells a value.
    """
    path = os.environ.get("PARAMETER_PATH", "")
    if not path:
        return
    if not (path.startswith("/") and path.endswith("/")):
        refuse("PARAMETER_PATH", "expected a path such as /currency-service/")
    wanted = [name for name in NAMES if name not in os.environ]
    if not wanted:
        return
    stored = dict(_stored(path))
    if absent := [name for name in wanted if name not in stored]:
        refuse(", ".join(absent), f"is missing under {path} in the Parameter Store")
    os.environ.update({name: stored[name] for name in wanted if stored[name] != UNSET})


def _stored(path: str) -> Iterator[tuple[str, str]]:
    """(name, value) of everything directly under `path`."""
    import botocore.session

    region = os.environ.get("AWS_REGION") or "ap-northeast-2"
    credentials = botocore.session.get_session().get_credentials()
    if credentials is None:
        refuse("PARAMETER_PATH", "there are no AWS credentials to read the Parameter Store with")
    # Ten at most for a page, and so many are our own.
    question: dict[str, Any] = {"Path": path, "WithDecryption": True, "MaxResults": 10}
    while True:
        page = _answer(question, credentials, region)
        for parameter in page["Parameters"]:
            yield parameter["Name"].removeprefix(path), parameter["Value"]
        if not page.get("NextToken"):
            return
        question["NextToken"] = page["NextToken"]


def _answer(question: dict[str, Any], credentials: Any, region: str) -> dict[str, Any]:
    import stamina

    try:
        for attempt in stamina.retry_context(
            on=_Passing, attempts=_ATTEMPTS, wait_initial=0.1, wait_max=0.5, wait_jitter=0.3
        ):
            with attempt:
                return _ask(question, credentials, region)
    except _Passing as exc:
        refuse("PARAMETER_PATH", f"the Parameter Store does not answer: {exc}")
    raise AssertionError("the last attempt returns or raises")


def _ask(question: dict[str, Any], credentials: Any, region: str) -> dict[str, Any]:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.httpsession import URLLib3Session

    place = os.environ.get("AWS_ENDPOINT_URL") or f"https://ssm.{region}.amazonaws.com"
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AmazonSSM.GetParametersByPath",
    }
    request = AWSRequest("POST", f"{place}/", headers=headers, data=json.dumps(question).encode())
    try:
        # A pod has to fetch its credentials first.
        SigV4Auth(credentials, "ssm", region).add_auth(request)
        answer = URLLib3Session(timeout=(_CONNECT, _READ)).send(request.prepare())
    except BotoCoreError as exc:
        raise _Passing(type(exc).__name__) from exc
    except ClientError as exc:
        refuse("PARAMETER_PATH", f"no credentials were given: {exc.response['Error']['Code']}")
    if answer.status_code != 200:
        _refused(answer.status_code, answer.content, path=question["Path"])
    page: dict[str, Any] = json.loads(answer.content)
    return page


def _refused(status: int, body: bytes, *, path: str) -> NoReturn:
    code, message = _told(body)
    if status >= 500 or code in _PASSING:
        raise _Passing(f"{status} {code}".strip())
    # What else AWS says of a refusal may repeat the request, and with it the session's token.
    reason = f"{code}: {message}" if code == "AccessDeniedException" else f"{status} {code}".strip()
    refuse("PARAMETER_PATH", f"the Parameter Store refuses {path}: {reason}")


def _told(body: bytes) -> tuple[str, str]:
    """(code, message) of a refusal; empty where it says nothing that can be read."""
    try:
        told = json.loads(body)
        code, message = str(told.get("__type", "")), str(told.get("message") or told.get("Message") or "")
    except (ValueError, AttributeError):
        return "", ""
    return code.rpartition("#")[2], " ".join(message.split())[:300]
