"""What the event of a Lambda invocation says better than the WSGI environment that Zappa makes of it.

Zappa takes the caller's address from X-Forwarded-For, where a regional API leaves the caller's own
claim; cuts the stage off as a bare prefix, so that of stage `prod` and `/products` nothing but `ucts`
would be left; encodes once more what a load balancer has left encoded; and takes `X_Forwarded_For`, which
callers may send, for what the balancer has written. The event tells all four.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


def with_event(application: Application) -> Application:
    """`application`, told what the event says; on any other server, as it is."""

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if (event := environ.get("lambda.event")) is not None:
            _drop_look_alikes(event, environ)
            environ.update(told_by(event, environ))
            if _is_signed_for_aws(event):
                # The signature of whoever calls a function URL, which AWS has checked: no key of ours.
                environ.pop("HTTP_AUTHORIZATION", None)
        return application(environ, start_response)

    return answer


def told_by(event: Mapping[str, Any], environ: Mapping[str, Any]) -> dict[str, str]:
    """REMOTE_ADDR, and where Zappa has them wrong the path and the query string.

    The address is never the caller's claim: it is empty where the event has none. The stage is no part of
    the path, and no prefix of links: the site has a domain of its own, and what guards the admin compares
    whole paths.
    """
    context = event.get("requestContext") or {}
    told = {"SCRIPT_NAME": ""}
    if "elb" in context:
        # The load balancer appends whom it was called by.
        forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
        return {
            **told,
            "REMOTE_ADDR": forwarded.rpartition(",")[2].strip(),
            "QUERY_STRING": _query_as_sent(event),
        }
    if event.get("version") == "2.0":
        return {**told, "REMOTE_ADDR": context.get("http", {}).get("sourceIp") or ""}
    return {
        **told,
        "REMOTE_ADDR": context.get("identity", {}).get("sourceIp") or "",
        # A REST API has taken the stage off already.
        "PATH_INFO": unquote(event["path"]).encode().decode("latin-1"),
    }


def _drop_look_alikes(event: Mapping[str, Any], environ: dict[str, Any]) -> None:
    """Headers named with an underscore, which WSGI cannot tell from the same name with a hyphen, are not told."""
    sent = event.get("multiValueHeaders")
    if sent is None:
        sent = {name: [value] for name, value in (event.get("headers") or {}).items()}
    if not (look_alikes := {_wsgi_name(name) for name in sent if "_" in name}):
        return
    for name in look_alikes:
        environ.pop(name, None)
    for name, values in sent.items():
        if "_" not in name and _wsgi_name(name) in look_alikes:
            environ[_wsgi_name(name)] = ", ".join(values)


def _wsgi_name(header: str) -> str:
    return "HTTP_" + header.upper().replace("-", "_")


def _query_as_sent(event: Mapping[str, Any]) -> str:
    """The query string of a load balancer's event, whose names and values are still encoded."""
    several = event.get("multiValueQueryStringParameters")
    if several is None:
        several = {name: [value] for name, value in (event.get("queryStringParameters") or {}).items()}
    return "&".join(f"{name}={value}" for name, values in several.items() for value in values)


def _is_signed_for_aws(event: Mapping[str, Any]) -> bool:
    return bool(((event.get("requestContext") or {}).get("authorizer") or {}).get("iam"))
