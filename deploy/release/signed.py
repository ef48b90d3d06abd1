"""Requests with the caller's AWS identity on them, which is what the candidate's address asks for."""

from collections.abc import Generator
from typing import Any

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest


class Signed(httpx.Auth):
    """AWS signature version 4 for a function URL."""

    requires_request_body = True

    def __init__(self, session: Any) -> None:
        """`session` is a boto3 session; credentials are asked for each time, because roles' are renewed."""
        self._session = session

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        credentials = self._session.get_credentials().get_frozen_credentials()
        unsigned = AWSRequest(request.method, str(request.url), data=request.content)
        SigV4Auth(credentials, "lambda", self._session.region_name).add_auth(unsigned)
        request.headers.update(dict(unsigned.headers))
        yield request
