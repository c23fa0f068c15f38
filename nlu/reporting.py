"""The coverage/error curve of a calibration: what would be answered, and how wrong, at each limit; with intervals."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from nlu.calibration import Calibration, Curve, find_cutoffs

LIMITS: Final = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2)
_RESAMPLES: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """At one limit: the cut-off, the share of questions answered and the share of answers that is wrong, each with a
    95 % bootstrap interval. Rates are between 0 and 1; the trials assume that half of the questions have no entry.
    """

    language: str
    max_wrong_answer_rate: float
    cutoff: float
    answered: float
    answered_interval: tuple[float, float]
    wrong: float
    wrong_interval: tuple[float, float]


def curve_points(calibration: Calibration, limits: tuple[float, ...] = LIMITS) -> list[Point]:
    """Points for every language with a calibration of its own, and for all together (language `all`)."""
    return [_point(calibration.curve, language, limit) for language in calibration.beliefs for limit in limits]


def _point(curve: Curve, language: str, limit: float) -> Point:
    chosen = np.ones(len(curve.right), dtype=bool) if language == "" else curve.languages == language
    cutoff = find_cutoffs(curve, language, max_wrong_answer_rate=limit).answer
    answered = curve.confidence[chosen] >= cutoff
    right, weights = curve.right[chosen], curve.weights[chosen]
    generator = np.random.default_rng(0)
    draws = [generator.integers(0, len(right), len(right)) for _ in range(_RESAMPLES)] if len(right) else []
    rates = np.array([_rates(answered[rows], right[rows], weights[rows]) for rows in draws]).reshape(-1, 2)
    share, wrong = _rates(answered, right, weights)
    low, high = np.percentile(rates, [2.5, 97.5], axis=0) if len(rates) else (np.zeros(2), np.ones(2))
    return Point(
        language=language or "all",
        max_wrong_answer_rate=limit,
        cutoff=cutoff,
        answered=share,
        answered_interval=(float(low[0]), float(high[0])),
        wrong=wrong,
        wrong_interval=(float(low[1]), float(high[1])),
    )


def _rates(answered: np.ndarray, right: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    of_answered = float(weights[answered].sum())
    share = of_answered / max(float(weights.sum()), 1e-9)
    wrong = float(weights[answered & ~right].sum()) / of_answered if of_answered else 0.0
    return share, wrong
