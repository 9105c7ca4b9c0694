# SPDX-License-Identifier: GPL-2.0-or-later
"""A figure: samples of a value and of its floor, and what is asked of it."""
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

FEW = 10                    # samples, below which all of them are the spread
UNEXPECTED = "not known: it was met when this was written"
DIGITS = 4                  # of what is written


@dataclass(frozen=True)
class Goal:
    """A bound on the ratio to the floor, or on the value itself."""
    of: str                 # "ratio" or "value"
    sign: str               # "<=" or ">="
    bound: float

    def met_by(self, number: float) -> bool:
        return number <= self.bound if self.sign == "<=" \
            else number >= self.bound

    def __str__(self) -> str:
        return f"{self.of} {self.sign} {self.bound:g}"


def ratio_at_most(bound: float) -> Goal:
    return Goal("ratio", "<=", bound)


def ratio_at_least(bound: float) -> Goal:
    return Goal("ratio", ">=", bound)


def value_at_most(bound: float) -> Goal:
    return Goal("value", "<=", bound)


def rounded(number: float | None) -> float | None:
    """What a measurement is worth, and no digit more."""
    if number is None or number == 0 or not math.isfinite(number):
        return number
    return float(f"{number:.{DIGITS}g}")


def spread(samples: Sequence[float]) -> float:
    """From the 10th to the 90th percentile, as a part of the median."""
    middle = statistics.median(samples)
    if len(samples) < 2 or not middle:
        return 0.0
    if len(samples) < FEW:
        low, high = min(samples), max(samples)
    else:
        deciles = statistics.quantiles(samples, n=10)
        low, high = deciles[0], deciles[-1]
    return (high - low) / abs(middle)


@dataclass
class Figure:
    """
    One line of the result. Where there is a floor, each run measured both one
    after the other, and the ratio is the median of the runs' own ratios: what
    slowed the machine down meanwhile slowed both.
    """
    name: str
    unit: str
    value: float
    floor: float | None = None
    ratio: float | None = None
    goal: Goal | None = None
    runs: int = 1
    spread: float = 0.0
    note: str = ""          # what it is
    reason: str = ""        # why a goal is missed, if it is; what was tried

    def __post_init__(self) -> None:
        self.reason = self.reason or UNEXPECTED

    @property
    def met(self) -> bool | None:
        if not self.goal:
            return None
        number = self.value if self.goal.of == "value" else self.ratio
        return number is not None and self.goal.met_by(number)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "value": rounded(self.value),
            "unit": self.unit, "floor": rounded(self.floor),
            "ratio": rounded(self.ratio),
            "goal": str(self.goal) if self.goal else None, "met": self.met,
            "runs": self.runs, "spread": rounded(self.spread),
            "note": self.note,
            "reason": self.reason if self.met is False else "",
        }


def of_samples(name: str, unit: str, values: Sequence[float],
               floors: Sequence[float] | None = None,
               goal: Goal | None = None, note: str = "",
               reason: str = "") -> Figure:
    """The figure of these runs; the n'th floor belongs to the n'th value."""
    if not values:
        raise ValueError(f"{name}: nothing was measured")
    if floors is None:
        return Figure(name, unit, statistics.median(values), goal=goal,
                      runs=len(values), spread=spread(values), note=note,
                      reason=reason)
    if len(floors) != len(values):
        raise ValueError(f"{name}: {len(values)} values, {len(floors)} "
                         f"floors")
    ratios = [value / floor for value, floor in zip(values, floors)]
    return Figure(name, unit, statistics.median(values),
                  statistics.median(floors), statistics.median(ratios),
                  goal, len(values), spread(ratios), note, reason)
