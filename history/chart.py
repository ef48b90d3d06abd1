"""What a chart shows, before anything is drawn: days, lines over them, bands between two lines.

A chart is told twice from the same points: as JSON to the script that draws it in a browser, and to
`history.pictures`, whose drawing stands where no script runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from history.thinning import MOST, thin

Floats = NDArray[np.float64]

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Values of each day of the chart, NaN where there is none. `tone`: which of the series colours."""

    key: str
    label: str
    tone: int
    values: Floats
    is_dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What lies between two lines of the chart's days, NaN where there is no band."""

    key: str
    label: str
    tone: int
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`days` oldest first; `left_out` counts the days that were known and are not drawn."""

    days: Sequence[date]
    lines: Sequence[Line]
    bands: Sequence[Band] = ()
    left_out: int = 0

    def thinned(self, *, most: int = MOST) -> "Chart":
        """The same chart with at most `most` days, the same for all that is on it.

        The lines that are not dashed choose them; what is derived from those has no say.
        """
        own = [line.values for line in self.lines if not line.is_dashed]
        places = thin(self.days, np.array(own), most=most)
        return replace(
            self,
            left_out=self.left_out + len(self.days) - len(places),
            days=[self.days[place] for place in places],
            lines=[replace(line, values=line.values[places]) for line in self.lines],
            bands=[replace(band, lower=band.lower[places], upper=band.upper[places]) for band in self.bands],
        )

    def lowest_and_highest(self) -> tuple[float, float]:
        """Over everything that is shown."""
        every = [line.values for line in self.lines]
        every += [bound for band in self.bands for bound in (band.lower, band.upper)]
        together = np.concatenate(every)
        return float(np.nanmin(together)), float(np.nanmax(together))

    def told(self) -> dict[str, Any]:
        """For the script: days since 1970, values with seven digits, null where there is none."""
        return {
            "days": [(day - _EPOCH).days for day in self.days],
            "lines": [
                {
                    "label": line.label,
                    "tone": line.tone,
                    "dashed": line.is_dashed,
                    "values": _figures(line.values),
                }
                for line in self.lines
            ],
            "bands": [
                {
                    "label": band.label,
                    "tone": band.tone,
                    "lower": _figures(band.lower),
                    "upper": _figures(band.upper),
                }
                for band in self.bands
            ],
        }


def continued(chart: Chart, days: Sequence[date], bands: Sequence[Band]) -> Chart:
    """The chart with `days` after its own; `bands` are told on all of them, the lines end where they did."""
    more = np.full(len(days), np.nan)
    return replace(
        chart,
        days=[*chart.days, *days],
        lines=[replace(line, values=np.concatenate((line.values, more))) for line in chart.lines],
        bands=[
            *(
                replace(
                    band,
                    lower=np.concatenate((band.lower, more)),
                    upper=np.concatenate((band.upper, more)),
                )
                for band in chart.bands
            ),
            *bands,
        ],
    )


def joined(lines: Sequence[tuple[Line, Sequence[date]]]) -> Chart:
    """One chart of lines that each have days of their own, at least one line with a day."""
    days = sorted({day for _, of_line in lines for day in of_line})
    place = {day: at for at, day in enumerate(days)}
    told = []
    for line, of_line in lines:
        values = np.full(len(days), np.nan)
        values[[place[day] for day in of_line]] = line.values
        told.append(replace(line, values=values))
    return Chart(days=days, lines=told)


def _figures(values: Floats) -> list[float | None]:
    return [None if np.isnan(value) else float(f"{value:.7g}") for value in values.tolist()]
