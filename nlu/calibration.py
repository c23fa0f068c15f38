"""What a confidence means: estimated on the knowledge base itself, never guessed.

Trials (`nlu/trials.py`) teach a logistic regression how probable it is that the best entry is right, per language where
there is enough to learn from, else together, held back by what was learnt on other knowledge bases
(`nlu/experience.py`). Cut-offs follow from cross-fitted probabilities and the operator's limit, halfway to those that
kept it elsewhere: no knowledge base can tell from its own phrasings alone what strangers will ask it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlu.experience import Experience, Prior, Usual
from nlu.likeness import Numbers
from nlu.logistic import Belief, learn
from nlu.matcher import NO_ENTRY
from nlu.trials import STRANGERS, Trials

DEFAULT_MAX_WRONG_ANSWER_RATE: Final = 0.05
ASKING_PAYS: Final = 0.5
"""Asking back is for when one of the three is more likely right than not."""

_OWN_SAY: Final = 0.5
"""How much a large knowledge base's own cut-off counts beside the usual one. Over simulated brands its own alone was
worse (correlation 0.668 against 0.680 at the same error) and the usual alone no better."""
_FEW: Final = 100
"""Texts asked at which a knowledge base has half of that say."""
_HARDLY_ASKED: Final = 20
"""Trials with a right entry at which cut-offs still lie halfway to certainty: with one phrasing an entry there are none."""
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
    trials with weights, for the report. `meaning_known` are the languages that the embedding model serves.
    """

    beliefs: Mapping[str, Belief]
    cutoffs: Mapping[str, Cutoffs]
    rescue: float
    curve: "Curve"
    meaning_known: frozenset[str] = frozenset()

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


def calibrate(
    trials: Trials, prior: Prior, *, max_wrong_answer_rate: float, meaning_known: Collection[str] = ()
) -> Calibration:
    """Beliefs, cut-offs and the curve behind them, from one knowledge base's trials. `meaning_known` are the languages
    that the embedding model serves.
    """
    rich = _rich_languages(trials)
    learners = {
        language: _Learner(
            rows=trials.languages == language if language in rich else np.ones(len(trials.right), dtype=bool),
            experience=prior.of(knows_meaning=language in meaning_known),
        )
        for language in sorted({"", *rich, *meaning_known})
    }
    curve = _cross_fit(trials, learners)
    cutoffs = {
        language: find_cutoffs(
            curve,
            language,
            max_wrong_answer_rate=max_wrong_answer_rate,
            knows_meaning=language in meaning_known,
            usual=learner.experience.usual,
        )
        for language, learner in learners.items()
    }
    return Calibration(
        beliefs={language: learner.learn(trials) for language, learner in learners.items()},
        cutoffs=cutoffs,
        rescue=_rescue(trials),
        curve=curve,
        meaning_known=frozenset(meaning_known),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Learner:
    """What one language's belief is learnt from: these rows of the trials, held back by that experience."""

    rows: NDArray[np.bool_]
    experience: Experience

    def learn(self, trials: Trials, among: NDArray[np.bool_] | None = None) -> Belief:
        """From its rows, or those `among` them."""
        seen = trials.some(self.rows if among is None else self.rows & among)
        prior, firmness = self.experience.belief, self.experience.firmness
        return learn(seen.signs, seen.right, seen.weights, prior=prior, firmness=firmness) if len(seen.right) else prior


def _rich_languages(trials: Trials) -> list[str]:
    answerable = trials.languages[trials.truth != NO_ENTRY]
    return [
        str(language) for language in np.unique(answerable) if (answerable == language).sum() >= _ENOUGH_FOR_A_LANGUAGE
    ]


def _cross_fit(trials: Trials, learners: Mapping[str, _Learner]) -> Curve:
    """Each trial's confidence from beliefs that never saw its entry."""
    confidence = np.zeros(len(trials.right))
    folds = np.random.default_rng(0).permutation(int(trials.groups.max(initial=0)) + 1)[trials.groups] % _FOLDS
    for fold, language in product(range(_FOLDS), learners):
        own = trials.languages == language if language else ~np.isin(trials.languages, list(learners))
        inside = own & (folds == fold)
        if inside.any():
            belief = learners[language].learn(trials, folds != fold)
            confidence[inside] = belief.probability(trials.signs[inside])
    return Curve(
        confidence=confidence,
        right=trials.right,
        answerable=trials.truth != NO_ENTRY,
        weights=trials.weights,
        languages=trials.languages,
    )


def find_cutoffs(
    curve: Curve, language: str, *, max_wrong_answer_rate: float, knows_meaning: bool = True, usual: Usual | None = None
) -> Cutoffs:
    """The lowest confidences that keep the operator's limit on the cross-fitted trials, one standard error to spare,
    and drawn towards the usual ones, the more the fewer texts were asked.

    `sure`: of the *answers*, at most that share is wrong. `answer`: of all *questions*, at most that share gets a
    wrong answer; half of it where meaning is not known, since words in common must not pass for meaning. Where nothing
    seen keeps the limit: close to certainty. The usual ones are those of a higher limit for a knowledge base so broad that
    it meets fewer strangers; where hardly a question could be asked that has an entry, close to certainty again. A stricter limit never gives lower cut-offs.
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
    if usual is not None:
        say = _OWN_SAY * total / (total + _FEW)
        strangers = (float(weights @ ~curve.answerable[chosen][order]) + _FEW * STRANGERS) / (total + _FEW)
        easier = max(STRANGERS / strangers, 1.0)
        answer = say * answer + (1 - say) * usual.at(limit * easier)[0]
        sure = say * sure + (1 - say) * usual.at(max_wrong_answer_rate * easier)[1]
        doubt = _HARDLY_ASKED / (_HARDLY_ASKED + int(curve.answerable[chosen].sum()))
        answer += doubt * max(cautious - answer, 0.0)
        sure += doubt * max(cautious - sure, 0.0)
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
