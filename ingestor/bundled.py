"""Histories that come inside one of our packages: first data without a network."""

from ingestor import registry
from ingestor.published import Ask


def ships_history(key: str) -> bool:
    """Whether a history of this provider comes with one of our packages."""
    return hasattr(registry.adapter(key), "bundled")


def bundled(key: str) -> tuple[Ask, bytes]:
    """The history that ships with the package, as if it had been asked for."""
    told: tuple[Ask, bytes] = registry.adapter(key).bundled()  # type: ignore[attr-defined]
    return told
