"""What a confidence means: estimated on the knowledge base itself, never guessed.

Trials (`nlu/trials.py`) teach a logistic regression how probable it is that the best entry is right, per language where
there is enough to learn from, else together, held back by what was learnt on other knowledge bases (`nlu/prior.json`).
Cut-offs follow from cross-fitted probabilities and the operator's limit.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlu.evidence import SIGNS
from nlu.likeness import Numbers
from nlu.logistic import Belief, learn
from nlu.matcher import NO_ENTRY
from nlu.trials import Trials

DEFAULT_MAX_WRONG_ANSWER_RATE: Final = 0.05
ASKING_PAYS: Final = 0.5
"""Asking back is for when one of the three is more likely right than not."""

_FIRMNESS: Final = 60.0
"""How many trials the prior counts as: it decides for a handful of entries and is outvoted by a few hundred texts."""
_ENOUGH_FOR_A_LANGUAGE: Final = 40
_FOLDS: Final = 5
_RANKS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoffs:
    """From which confidence an answer is sure, from which it is given at all, and from which summed confidence of
    the best three it is asked which one was meant.
    """

    sure: float
    answer: float
    clarify: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """`beliefs` by language, `""` for all others. `rescue` is the share of trials with a right entry, missed by the
    best candidate, that the second or third one gets right. `curve` holds (confidence, right) of the cross-fitted
    trials with weights, for the report.
    """

    beliefs: Mapping[str, Belief]
    cutoffs: Mapping[str, Cutoffs]
    rescue: float
    curve: "Curve"

    def confidence(self, signs: Numbers, languages: Sequence[str]) -> Numbers:
        """The probability that the best entry is right, one a row."""
        result = np.zeros(len(signs))
        for row, language in enumerate(languages):
            result[row] = self.beliefs.get(language, self.beliefs[""]).probability(signs[row : row + 1])[0]
        return result

    def cutoffs_of(self, language: str) -> Cutoffs:
        return self.cutoffs.get(language, self.cutoffs[""])


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Cross-fitted outcomes of all trials: what was believed, what was true."""

    confidence: Numbers
    right: NDArray[np.bool_]
    answerable: NDArray[np.bool_]
    weights: Numbers
    languages: NDArray[np.str_]


def read_prior() -> Belief:
    """What other knowledge bases taught; see `bench/prior.py` for how it was made."""
    stored = json.loads((Path(__file__).parent / "prior.json").read_text(encoding="utf-8"))
    if stored["signs"] != list(SIGNS):
        raise ValueError("nlu/prior.json was made for other signs; run bench/prior.py.")
    return Belief(coefficients=np.array(stored["coefficients"]), curvature=np.array(stored["curvature"]))


def calibrate(
    trials: Trials, prior: Belief, *, max_wrong_answer_rate: float, meaning_known: Collection[str] = ()
) -> Calibration:
    """Beliefs, cut-offs and the curve behind them, from one knowledge base's trials. `meaning_known` are the languages
    that the embedding model serves.
    """
    languages = ["", *_rich_languages(trials)]
    beliefs = {"": _learn(trials, prior)}
    for language in languages[1:]:
        beliefs[language] = _learn(trials.some(trials.languages == language), beliefs[""])
    curve = _cross_fit(trials, prior, languages)
    cutoffs = {
        language: find_cutoffs(
            curve, language, max_wrong_answer_rate=max_wrong_answer_rate, knows_meaning=language in meaning_known
        )
        for language in {*languages, *meaning_known}
    }
    return Calibration(beliefs=beliefs, cutoffs=cutoffs, rescue=_rescue(trials), curve=curve)


def _learn(trials: Trials, prior: Belief) -> Belief:
    if len(trials.right) == 0:
        return prior
    return learn(trials.signs, trials.right, trials.weights, prior=prior, firmness=_FIRMNESS)


def _rich_languages(trials: Trials) -> list[str]:
    answerable = trials.languages[trials.truth != NO_ENTRY]
    return [
        str(language) for language in np.unique(answerable) if (answerable == language).sum() >= _ENOUGH_FOR_A_LANGUAGE
    ]


def _cross_fit(trials: Trials, prior: Belief, languages: Sequence[str]) -> Curve:
    """Each trial's confidence from beliefs that never saw its entry."""
    confidence = np.zeros(len(trials.right))
    folds = np.random.default_rng(0).permutation(int(trials.groups.max(initial=0)) + 1)[trials.groups] % _FOLDS
    for fold in range(_FOLDS):
        inside = folds == fold
        if not inside.any():
            continue
        rest = trials.some(~inside)
        pooled = _learn(rest, prior)
        confidence[inside] = pooled.probability(trials.signs[inside])
        for language in languages[1:]:
            chosen = inside & (trials.languages == language)
            belief = _learn(rest.some(rest.languages == language), pooled)
            confidence[chosen] = belief.probability(trials.signs[chosen])
    return Curve(
        confidence=confidence,
        right=trials.right,
        answerable=trials.truth != NO_ENTRY,
        weights=trials.weights,
        languages=trials.languages,
    )


def find_cutoffs(curve: Curve, language: str, *, max_wrong_answer_rate: float, knows_meaning: bool = True) -> Cutoffs:
    """The lowest confidences that keep the operator's limit on the cross-fitted trials, one standard error to spare.

    `sure`: of the *answers*, at most that share is wrong. `answer`: of all *questions*, at most that share gets a
    wrong answer; half of it where meaning is not known, since words in common must not pass for meaning. Where nothing
    seen keeps the limit: close to certainty.
    """
    chosen = np.ones(len(curve.right), dtype=bool) if language == "" else curve.languages == language
    order = np.argsort(-curve.confidence[chosen], kind="stable")
    confidence, weights = curve.confidence[chosen][order], curve.weights[chosen][order]
    wrong, answered = np.cumsum(weights * ~curve.right[chosen][order]), np.cumsum(weights)
    total = float(weights.sum())
    cautious = 1 - max_wrong_answer_rate
    sure = _lowest(confidence, wrong, answered, max_wrong_answer_rate, cautious)
    limit = max_wrong_answer_rate if knows_meaning else max_wrong_answer_rate / 2
    answer = _lowest(confidence, wrong, np.full_like(wrong, total), limit, cautious)
    if not curve.right[chosen].any():
        answer = sure
    return Cutoffs(sure=max(sure, answer), answer=answer, clarify=min(answer, ASKING_PAYS))


def _lowest(confidence: Numbers, wrong: Numbers, of: Numbers, limit: float, otherwise: float) -> float:
    """The lowest confidence down to which `wrong / of`, and a standard error of it, stays within the limit."""
    rate = wrong / np.maximum(of, 1e-9)
    kept = rate + np.sqrt(rate * np.maximum(1 - rate, 0.0) / np.maximum(of, 1.0)) <= limit
    return float(confidence[np.flatnonzero(kept)[-1]]) if kept.any() else otherwise


def _rescue(trials: Trials) -> float:
    missed = (trials.truth != NO_ENTRY) & ~trials.right
    if not missed.any() or trials.ranked.shape[1] < _RANKS:
        return 0.0
    found = (trials.ranked[missed, 1:_RANKS] == trials.truth[missed, None]).any(axis=1)
    return float(np.average(found, weights=trials.weights[missed]))
