"""What a measurement is, whoever is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Unit(StrEnum):
    """As CloudWatch names them."""

    COUNT = "Count"
    SECONDS = "Seconds"
    MILLISECONDS = "Milliseconds"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. `dimensions` are what it is told by beside the environment, such as a provider.

    A level, such as how many messages wait, replaces the one before; counts that are no level add up.
    """

    name: str
    value: float
    unit: Unit = Unit.COUNT
    dimensions: Mapping[str, str] = field(default_factory=dict)
    is_level: bool = False
