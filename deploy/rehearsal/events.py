"""Events as Lambda's callers send them, and answers as they would pass them on.

Source: AWS's own examples of "Lambda proxy integration" (REST API, payload 1.0), "payload format 2.0" (HTTP
API and function URL) and "Lambda functions as targets" (load balancer), cut to the fields that are read.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

Event = dict[str, Any]
Make = Callable[["Request"], Event]

#: Somebody at home, by the documentation's own network (RFC 5737).
CALLER = "203.0.113.7"


@dataclass(frozen=True)
class Request:
    """What a client asks; `query` is as it stands in the address, `claim` an X-Forwarded-For of its own."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] | None = None
    body: bytes = b""
    caller: str = CALLER
    claim: str = ""
    host: str = "travel.example.com"
    stage: str = "prod"

    def sent(self, forwarded: str) -> dict[str, str]:
        told = {"Host": self.host, "X-Forwarded-Proto": "https", "X-Forwarded-Port": "443"}
        told["X-Forwarded-For"] = f"{self.claim}, {forwarded}" if self.claim else forwarded
        return {**told, **(self.headers or {})}


def _body(request: Request) -> dict[str, Any]:
    # With `*/*` among its binary types a REST API encodes every body.
    return {
        "body": base64.b64encode(request.body).decode() if request.body else None,
        "isBase64Encoded": bool(request.body),
    }


def rest(request: Request) -> Event:
    """API Gateway, REST API (payload 1.0): values decoded, the stage taken off the path."""
    pairs = parse_qsl(request.query, keep_blank_values=True)
    several: dict[str, list[str]] = {}
    for name, value in pairs:
        several.setdefault(name, []).append(value)
    headers = request.sent(request.caller)
    return {
        "resource": "/{proxy+}",
        "path": request.path,
        "httpMethod": request.method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": dict(pairs) or None,
        "multiValueQueryStringParameters": several or None,
        "pathParameters": {"proxy": request.path.lstrip("/")},
        "stageVariables": None,
        "requestContext": {
            "stage": request.stage,
            "requestId": "00000000-0000-0000-0000-000000000001",
            "identity": {"sourceIp": request.caller, "userAgent": headers.get("User-Agent")},
            "httpMethod": request.method,
            "path": f"/{request.stage}{request.path}",
            "protocol": "HTTP/1.1",
        },
        **_body(request),
    }


def http(request: Request) -> Event:
    """A function URL, or an HTTP API under a domain of its own (payload 2.0)."""
    headers = {name.lower(): value for name, value in request.sent(request.caller).items()}
    cookies = headers.pop("cookie", "")
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.path,
        "rawQueryString": request.query,
        **({"cookies": cookies.split("; ")} if cookies else {}),
        "headers": headers,
        "requestContext": {
            "stage": "$default",
            "requestId": "00000000-0000-0000-0000-000000000002",
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.caller,
            },
        },
        **_body(request),
    }


def _balancer(request: Request) -> Event:
    return {
        "requestContext": {
            "elb": {
                "targetGroupArn": "arn:aws:elasticloadbalancing:ap-northeast-2:111111111111:targetgroup/web/1"
            }
        },
        "httpMethod": request.method,
        "path": request.path,
        **_body(request),
    }


def _as_sent(query: str) -> list[tuple[str, str]]:
    """A load balancer decodes nothing."""
    return [(name, value) for name, _, value in (part.partition("=") for part in query.split("&") if part)]


def balancer(request: Request) -> Event:
    """A load balancer whose target group has no multi-value headers: of several values the last is left."""
    headers = {name.lower(): value for name, value in request.sent(request.caller).items()}
    return {**_balancer(request), "headers": headers, "queryStringParameters": dict(_as_sent(request.query))}


def balancer_of_many(request: Request) -> Event:
    """A load balancer whose target group has multi-value headers."""
    several: dict[str, list[str]] = {}
    for name, value in _as_sent(request.query):
        several.setdefault(name, []).append(value)
    headers = {name.lower(): [value] for name, value in request.sent(request.caller).items()}
    return {**_balancer(request), "multiValueHeaders": headers, "multiValueQueryStringParameters": several}


GATEWAYS: dict[str, Make] = {
    "REST API": rest,
    "HTTP API": http,
    "load balancer": balancer,
    "load balancer, multi-value": balancer_of_many,
}


@dataclass(frozen=True)
class Answer:
    """What the client gets to see."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for given, value in self.headers if given.lower() == name.lower()), "")

    @property
    def cookies(self) -> dict[str, str]:
        """Cookies set, by name, as a browser would send them back."""
        set_ = [value for name, value in self.headers if name.lower() == "set-cookie"]
        return dict(cookie.split(";")[0].strip().partition("=")[::2] for cookie in set_)


def passed_on(answer: Mapping[str, Any]) -> Answer:
    """What the caller of Lambda makes of the function's answer."""
    several = {name: list(values) for name, values in (answer.get("multiValueHeaders") or {}).items()}
    for name, value in (answer.get("headers") or {}).items():
        if value not in several.setdefault(name, []):
            several[name].append(value)
    headers = [(name, value) for name, values in several.items() for value in values]
    headers += [("set-cookie", cookie) for cookie in answer.get("cookies", [])]
    body = answer.get("body") or ""
    decoded = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    return Answer(answer["statusCode"], headers, decoded)
