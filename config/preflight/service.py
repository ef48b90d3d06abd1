"""The service as it runs now: asked from inside, or over HTTP where an address is given."""

from datetime import UTC, datetime
from typing import Any

import httpx
from django.conf import settings

from config import health
from config.preflight.finding import Finding, failed, ok, skipped, watch

#: What answers only when rates, history and rankings all stand (api-contract.md).
_ASKED = (
    "/api/v1/currencies/latest?symbols=USD,JPY,EUR",
    "/api/v1/history?target=USD&period=1m",
    "/api/v1/rankings?period=daily",
    "/api/v1/price-index?country=JP",
    "/",
    "/en/",
)
_PATIENCE = httpx.Timeout(10.0)


def well(address: str) -> Finding:
    """The health report of `address`, or of this process's own dependencies when that is empty."""
    told = _told(address, "/health") if address else health.report(datetime.now(UTC))
    parts = {**told["services"], **told["dependencies"]}
    ill = [
        f"{name} {part['status']}"
        for name, part in parts.items()
        if part["status"] in {"degraded", "unhealthy"}
    ]
    if told["status"] == "unhealthy":
        return failed(", ".join(ill), "docs/operations.md, by the name of the alarm")
    if ill:
        return watch(", ".join(ill), "docs/operations.md")
    return ok(f"{len(parts)} parts, none ill")


def release(address: str) -> Finding:
    """Whether `address` runs the commit that this process was built from."""
    if not address:
        return skipped("no --address to ask")
    told = _told(address, "/version")
    if told["commit"] != settings.COMMIT:
        return failed(f"{told['commit']} answers, {settings.COMMIT} is here", "python -m deploy.release plan")
    return ok(f"{told['commit']}, deployed {told['deployment_date']}, {told['environment']}")


def answers(address: str) -> Finding:
    """A request to each part of the service, as travellers and developers make them."""
    if not address:
        return skipped("no --address to ask")
    with httpx.Client(base_url=address, timeout=_PATIENCE) as client:
        statuses = {path: client.get(path).status_code for path in _ASKED}
    wrong = [f"{path} → {status}" for path, status in statuses.items() if status != 200]
    if wrong:
        return failed(", ".join(wrong), "python -m deploy.release rollback, if it came with the release")
    return ok(f"{len(statuses)} addresses answer 200")


def _told(address: str, path: str) -> dict[str, Any]:
    answer = httpx.get(f"{address.rstrip('/')}{path}", timeout=_PATIENCE)
    data: dict[str, Any] = answer.json()["data"]
    return data
