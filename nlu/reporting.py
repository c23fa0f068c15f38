"""The coverage/error curve of a calibration: what would be answered, and how wrong, at each limit; with intervals."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlu.calibration import Calibration, Curve, find_cutoffs
from nlu.experience import read_prior

LIMITS: Final = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2)
_RESAMPLES: Final = 200
_Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """At one limit: the cut-off, the share of questions answered, the share of all questions that gets a wrong answer
    (what the limit is about) and the share of the answers that is wrong, each with a 95 % bootstrap interval. Rates are
    between 0 and 1; the trials assume that half of the questions have no entry.
    """

    language: str
    max_wrong_answer_rate: float
    cutoff: float
    answered: float
    answered_interval: _Interval
    wrong_of_questions: float
    wrong_of_questions_interval: _Interval
    wrong: float
    wrong_interval: _Interval


def curve_points(calibration: Calibration, limits: tuple[float, ...] = LIMITS) -> list[Point]:
    """Points for every language with a calibration of its own, and for all together (language `all`): what follows from
    the cut-off that the calibration would have at each limit.
    """
    prior = read_prior()
    points = []
    for language in calibration.beliefs:
        knows_meaning = language in calibration.meaning_known
        for limit in limits:
            cutoff = find_cutoffs(
                calibration.curve,
                language,
                max_wrong_answer_rate=limit,
                knows_meaning=knows_meaning,
                usual=prior.of(knows_meaning=knows_meaning).usual,
            ).answer
            points.append(_point(calibration.curve, language, limit, cutoff))
    return points


def _point(curve: Curve, language: str, limit: float, cutoff: float) -> Point:
    chosen = np.ones(len(curve.right), dtype=bool) if language == "" else curve.languages == language
    answered = curve.confidence[chosen] >= cutoff
    right, weights = curve.right[chosen], curve.weights[chosen]
    generator = np.random.default_rng(0)
    draws = [generator.integers(0, len(right), len(right)) for _ in range(_RESAMPLES)] if len(right) else []
    rates = np.array([_rates(answered[rows], right[rows], weights[rows]) for rows in draws]).reshape(-1, 3)
    share, of_questions, of_answers = _rates(answered, right, weights)
    low, high = np.percentile(rates, [2.5, 97.5], axis=0) if len(rates) else (np.zeros(3), np.ones(3))
    return Point(
        language=language or "all",
        max_wrong_answer_rate=limit,
        cutoff=cutoff,
        answered=share,
        answered_interval=(float(low[0]), float(high[0])),
        wrong_of_questions=of_questions,
        wrong_of_questions_interval=(float(low[1]), float(high[1])),
        wrong=of_answers,
        wrong_interval=(float(low[2]), float(high[2])),
    )


def _rates(
    answered: NDArray[np.bool_], right: NDArray[np.bool_], weights: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Answered of all questions, wrongly answered of all questions, wrong of the answers."""
    total, of_answered = max(float(weights.sum()), 1e-9), float(weights[answered].sum())
    wrong = float(weights[answered & ~right].sum())
    return of_answered / total, wrong / total, wrong / of_answered if of_answered else 0.0
