"""Quantiles in exact arithmetic: of finished durations, and of durations of which some go on (Kaplan–Meier)."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import Final

# The float product of up to a million factors is off by less than 1e-9; nearer than that the exact one decides.
_DOUBT: Final = 1e-9


def quantile(ordered: Sequence[int], share: Fraction) -> Fraction | None:
    """The quantile of ascending values by linear interpolation between neighbours; None without values.

    `share` 0 is the smallest value and 1 the largest (METRICS.md section 3; R's type 7, NumPy's default).
    """
    if not ordered:
        return None
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def survival_times(*, stopped: Sequence[int], censored: Sequence[int], levels: Sequence[Fraction]) -> list[int | None]:
    """For each level the smallest time at which the Kaplan–Meier survival is not above it; None when never reached.

    At one time the stops precede the censoring, so that what was censored then was still at risk.
    """
    survival = _Survival(at_risk=len(stopped) + len(censored))
    stops, losses = Counter(stopped), Counter(censored)
    reached: dict[Fraction, int] = {}
    for time in sorted(stops.keys() | losses.keys()):
        if stops[time]:
            survival.stop(stops[time])
            for level in levels:
                if level not in reached and survival.is_at_most(level):
                    reached[level] = time
            if len(reached) == len(set(levels)):
                break
        survival.lose(losses[time])
    return [reached.get(level) for level in levels]


class _Survival:
    """The product of (at risk − stopped) ÷ at risk, as a float for most questions and exactly for the close ones."""

    def __init__(self, *, at_risk: int) -> None:
        self._at_risk = at_risk
        self._roughly = 1.0
        self._factors: list[tuple[int, int]] = []

    def stop(self, count: int) -> None:
        left = self._at_risk - count
        self._roughly *= left / self._at_risk
        if self._factors and self._factors[-1][0] == self._at_risk:  # nothing was censored since: the two cancel
            self._factors[-1] = (left, self._factors[-1][1])
        else:
            self._factors.append((left, self._at_risk))
        self._at_risk = left

    def lose(self, count: int) -> None:
        self._at_risk -= count

    def is_at_most(self, level: Fraction) -> bool:
        if abs(self._roughly - float(level)) > _DOUBT:
            return self._roughly < float(level)
        exactly = Fraction(prod(left for left, _ in self._factors), prod(risk for _, risk in self._factors))
        return exactly <= level
