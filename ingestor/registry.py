"""Who the providers are: one data file and one module each, found by looking into two folders."""

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
from ingestor import providers
from ingestor.adapter import Adapter, Endpoint

_DATA = Path(__file__).parent / "provider_data"

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
class ProviderProfile:
    """A provider as its data file tells it. Times are local to `time_zone`."""

    key: str
    name_ko: str
    name_en: str
    priority: int
    kind: str
    time_zone: str
    fixing_time: time
    publication_time: time
    publication_weekday: int | None = None
    grace_minutes: int
    calendar: str
    coverage_start: date | None = None
    terms_url: str
    attribution: str
    base_url: str
    needs_key: bool
    timeout_seconds: float
    expected_currencies: int
    budget: Budget


def _read(path: Path) -> ProviderProfile:
    told: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    budget = Budget(**told.pop("budget"))
    return ProviderProfile(key=path.stem, budget=budget, **told)


@lru_cache(maxsize=1)
def profiles() -> Mapping[str, ProviderProfile]:
    """{key: profile} of every data file, by priority."""
    found = sorted((_read(path) for path in _DATA.glob("*.toml")), key=lambda one: (one.priority, one.key))
    return MappingProxyType({profile.key: profile for profile in found})


@lru_cache(maxsize=1)
def _modules() -> Mapping[str, Adapter]:
    names = [module.name for module in pkgutil.iter_modules(providers.__path__) if not module.ispkg]
    return MappingProxyType(
        {name: cast(Adapter, importlib.import_module(f"{providers.__name__}.{name}")) for name in names}
    )


def adapter(key: str) -> Adapter:
    """The module that asks and reads this provider. Raises: KeyError for a key without one."""
    return _modules()[key]


def endpoint(key: str) -> Endpoint:
    """How this provider is reached now. Raises: KeyError for an unknown key."""
    profile = profiles()[key]
    told: Mapping[str, str] = settings.PROVIDERS.get(key, {})
    return Endpoint(
        base_url=(told.get("url") or profile.base_url).rstrip("/"),
        api_key=told.get("api_key") or None,
        ca_bundle=told.get("ca_bundle") or None,
        timeout=float(told.get("timeout") or profile.timeout_seconds),
    )


def is_configured(key: str) -> bool:
    """Whether this provider can be asked: it needs no key, or has one."""
    return not profiles()[key].needs_key or endpoint(key).api_key is not None


def collection(key: str) -> Entry:
    """The row of the schedule that collects from this provider."""
    return Entry(
        name=f"collect {key}",
        task="ingestor.collect",
        cron="*/5 * * * *",
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
    """
    with transaction.atomic():
        for key, profile in profiles().items():
            identity = {name: getattr(profile, name) for name in _IDENTITY}
            _, is_new = Provider.objects.update_or_create(
                key=key, defaults=identity, create_defaults=identity | {"priority": profile.priority}
            )
            if is_new and _has_schedule():
                seed(apps, [collection(key)])
        Provider.objects.exclude(key__in=profiles()).filter(is_enabled=True).update(is_enabled=False)
