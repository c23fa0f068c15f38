"""What Rasa's confidence means: learnt from one practice training, with the built-in engine's caution.

The same logistic regression and the same rule for cut-offs as the built-in engine's, on Rasa's own signs.
"""

from typing import Final

import numpy as np

from nlu.calibration import Calibration, Curve, find_cutoffs
from nlu.likeness import Numbers
from nlu.logistic import Belief, learn
from nlu.rasa.practice import Outcomes

_FIRMNESS: Final = 30.0
"""How many questions the prior counts as."""
_ENOUGH_FOR_A_LANGUAGE: Final = 60
_FOLDS: Final = 5
PRIOR: Final = Belief(
    coefficients=np.array([-4.0, 0.4, 1.5, 1.0, 2.5]),
    curvature=np.diag([0.05, 0.25, 0.02, 0.02, 0.02]),
)
"""Intercept and one coefficient a sign (SIGNS): sure only where Rasa is, no other entry is near, and most words are known."""


def calibrate(outcomes: Outcomes, *, max_wrong_answer_rate: float) -> Calibration:
    """Beliefs and cut-offs, per language where a practice asked enough of it. Without any outcome: the prior's."""
    rich = [str(one) for one in np.unique(outcomes.languages) if _count(outcomes, str(one)) >= _ENOUGH_FOR_A_LANGUAGE]
    languages = ["", *rich]
    pooled = _learn(outcomes, PRIOR)
    beliefs = {"": pooled}
    for language in rich:
        beliefs[language] = _learn(outcomes.some(outcomes.languages == language), pooled)
    curve = _cross_fit(outcomes, rich)
    cutoffs = {
        language: find_cutoffs(
            curve,
            language,
            max_wrong_answer_rate=max_wrong_answer_rate,
            knows_meaning=False,  # counts of words and letters never do
        )
        for language in languages
    }
    return Calibration(beliefs=beliefs, cutoffs=cutoffs, rescue=_rescue(outcomes), curve=curve)


def _count(outcomes: Outcomes, language: str) -> int:
    return int((outcomes.answerable & (outcomes.languages == language)).sum())


def _learn(outcomes: Outcomes, prior: Belief) -> Belief:
    if not len(outcomes.right):
        return prior
    return learn(outcomes.signs, outcomes.right, outcomes.weights, prior=prior, firmness=_FIRMNESS)


def _cross_fit(outcomes: Outcomes, rich: list[str]) -> Curve:
    """Each question's confidence from beliefs that never saw its entry."""
    confidence: Numbers = np.zeros(len(outcomes.right))
    count = int(outcomes.groups.max(initial=0)) + 1
    folds = np.random.default_rng(0).permutation(count)[outcomes.groups] % _FOLDS
    for fold in range(_FOLDS):
        inside = folds == fold
        if not inside.any():
            continue
        rest = outcomes.some(~inside)
        pooled = _learn(rest, PRIOR)
        confidence[inside] = pooled.probability(outcomes.signs[inside])
        for language in rich:
            chosen = inside & (outcomes.languages == language)
            belief = _learn(rest.some(rest.languages == language), pooled)
            confidence[chosen] = belief.probability(outcomes.signs[chosen])
    return Curve(
        confidence=confidence,
        right=outcomes.right,
        answerable=outcomes.answerable,
        weights=outcomes.weights,
        languages=outcomes.languages,
    )


def _rescue(outcomes: Outcomes) -> float:
    missed = outcomes.answerable & ~outcomes.right
    if not missed.any():
        return 0.0
    return float(np.average(outcomes.rescued[missed], weights=outcomes.weights[missed]))
