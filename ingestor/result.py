"""How a run ended, and what became of its values."""

from collections import Counter
from dataclasses import dataclass, field

#: Results of runs that never start and leave no row.
BUSY, NOT_CONFIGURED = "busy", "not_configured"


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the values of a run."""

    new: int = 0
    same: int = 0
    revised: int = 0
    quarantined: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.new + other.new,
            self.same + other.same,
            self.revised + other.revised,
            self.quarantined + other.quarantined,
            self.rejected + other.rejected,
            self.reasons + other.reasons,
        )


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended: `data`, `no_data`, `failure`, or, where none began, `busy`, `not_configured`."""

    provider: str
    outcome: str
    counts: Counts = Counts()
    seconds: float = 0.0
    reason: str = ""
    correlation_id: str = ""
    #: A failure that the same request may not meet later: an outage, a spent budget, an open circuit.
    may_heal: bool = False
