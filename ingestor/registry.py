"""Who is asked, for rates and for prices: one data file and one module each, found in their folders.

Providers of rates are rows of the `providers` table as well: operators say whom we believe first.
Sources of prices are not, and compete with nobody.
"""

import importlib
import pkgutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from config.schedule import Entry, seed
from currency.models import Provider
from ingestor import price_sources, providers
from ingestor.adapter import Adapter, Endpoint

_HERE = Path(__file__).parent

#: What a migrate writes to the table every time; `priority` and `is_enabled` are the operators'.
_IDENTITY = (
    "name_ko",
    "name_en",
    "kind",
    "time_zone",
    "fixing_time",
    "publication_time",
    "publication_weekday",
    "grace_minutes",
    "calendar",
    "coverage_start",
    "terms_url",
    "attribution",
)


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `calls` requests in `seconds`."""

    calls: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Somebody who is asked, as the data file tells it. A day is a day of `time_zone`.

    `attribution_url`: where its words of attribution lead, if anywhere else than to its terms.
    """

    key: str
    name_ko: str
    name_en: str
    time_zone: str
    terms_url: str
    attribution: str
    attribution_url: str = ""
    base_url: str
    needs_key: bool
    timeout_seconds: float
    budget: Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderProfile(Source):
    """A provider of rates. Times are local to `time_zone`."""

    priority: int
    kind: str
    fixing_time: time
    publication_time: time
    publication_weekday: int | None = None
    grace_minutes: int
    calendar: str
    coverage_start: date | None = None
    expected_currencies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceProfile(Source):
    """A source of prices: `source` and `source_url` stand beside every price that is kept of it."""

    source: str
    source_url: str
    ask_every_days: int
    expected_countries: int


def _read(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return {**told, "key": path.stem, "budget": Budget(**told["budget"])}


@lru_cache(maxsize=1)
def profiles() -> Mapping[str, ProviderProfile]:
    """{key: profile} of every provider of rates, by priority."""
    read = (ProviderProfile(**_read(path)) for path in (_HERE / "provider_data").glob("*.toml"))
    found = sorted(read, key=lambda one: (one.priority, one.key))
    return MappingProxyType({profile.key: profile for profile in found})


@lru_cache(maxsize=1)
def price_profiles() -> Mapping[str, PriceProfile]:
    """{key: profile} of every source of prices, by key."""
    paths = sorted((_HERE / "price_data").glob("*.toml"))
    return MappingProxyType({path.stem: PriceProfile(**_read(path)) for path in paths})


def sources() -> Mapping[str, Source]:
    """{key: profile} of everybody who can be asked: providers of rates, then sources of prices."""
    return {**profiles(), **price_profiles()}


@lru_cache(maxsize=1)
def _modules() -> Mapping[str, Adapter[Any]]:
    return MappingProxyType(
        {
            module.name: cast(Adapter[Any], importlib.import_module(f"{folder.__name__}.{module.name}"))
            for folder in (providers, price_sources)
            for module in pkgutil.iter_modules(folder.__path__)
            if not module.ispkg
        }
    )


def adapter(key: str) -> Adapter[Any]:
    """The module that asks and reads this source. Raises: KeyError for a key without one."""
    return _modules()[key]


def endpoint(key: str) -> Endpoint:
    """How this source is reached now. Raises: KeyError for an unknown key."""
    profile = sources()[key]
    told: Mapping[str, str] = settings.PROVIDERS.get(key, {})
    return Endpoint(
        base_url=(told.get("url") or profile.base_url).rstrip("/"),
        api_key=told.get("api_key") or None,
        ca_bundle=told.get("ca_bundle") or None,
        timeout=float(told.get("timeout") or profile.timeout_seconds),
    )


def is_configured(key: str) -> bool:
    """Whether this source can be asked: it needs no key, or has one."""
    return not sources()[key].needs_key or endpoint(key).api_key is not None


def collection(key: str) -> Entry:
    """The row of the schedule that collects from this source."""
    return Entry(
        name=f"collect {key}",
        task="ingestor.collect",
        cron="23 * * * *" if key in price_profiles() else "*/5 * * * *",
        description="Asks only when something new can be there: see ingestor/due.py.",
        kwargs={"provider": key},
        expires=300,
    )


def _has_schedule() -> bool:
    """Whether the schedule's tables are there: `migrate currency` alone comes before them."""
    return "django_celery_beat_periodictask" in connection.introspection.table_names()


def fill_table() -> None:
    """Bring the providers' table in line with the data files; a second call changes nothing.

    A new provider gets its row in the schedule, once; later it is the operators' to keep. Rows whose file is gone are disabled, not deleted: their observations name them.
    Sources of prices have a row of the schedule alone: to stop one, disable it. Deleted, it is new again.
    """
    with transaction.atomic():
        for key, profile in profiles().items():
            identity = {name: getattr(profile, name) for name in _IDENTITY}
            _, is_new = Provider.objects.update_or_create(
                key=key, defaults=identity, create_defaults=identity | {"priority": profile.priority}
            )
            if is_new and _has_schedule():
                seed(apps, [collection(key)])
        if _has_schedule():
            seed(apps, map(collection, price_profiles()))
        Provider.objects.exclude(key__in=profiles()).filter(is_enabled=True).update(is_enabled=False)
