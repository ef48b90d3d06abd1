"""System checks: what the settings say of providers that are not there would be ignored in silence."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from ingestor import registry


def providers_are_known(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """An error for each `PROVIDER_<KEY>_…` whose key no provider has."""
    known = registry.sources()
    return [
        Error(
            f"PROVIDER_{key.upper()}_… is set, but there is no provider {key!r}.",
            hint=f"Known providers: {', '.join(sorted(known))}.",
            id="ingestor.E001",
        )
        for key in sorted(settings.PROVIDERS)
        if key not in known
    ]
