"""What the tests of the ranking endpoints have in common: how a client asks, and what it reads."""

from datetime import UTC, datetime
from typing import Any

BASE = "/api/v1/rankings"
ENGLISH = {"Accept-Language": "en"}
NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # in Seoul


def select(api: Any, country: str = "JP", user: str = "u1", **headers: str) -> Any:
    body = {"user_id": user, "country_code": country}
    return api.post(f"{BASE}/selections", json=body, headers={**ENGLISH, **headers})


def data(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()["data"]


def error(response: Any, status: int = 400) -> Any:
    assert response.status_code == status, response.text
    assert response.headers["Cache-Control"] == "no-store"
    return response.json()["error"]
