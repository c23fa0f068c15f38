"""What a set of brands teaches: a belief about the signs, and the cut-offs that kept each limit over all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.encoder import Encoder
from knowledge_base.search import Knowledge
from knowledge_base.vectors import VectorStore
from nlu.building import encode_all, fit, gather_material, tune
from nlu.evaluation import OUT_OF_SCOPE, Question
from nlu.evidence import SIGNS
from nlu.experience import Experience, Usual
from nlu.likeness import Numbers
from nlu.logistic import Belief, learn
from nlu.matcher import NO_ENTRY
from nlu.trials import Trials, practise

LIMITS: Final = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5)
FIRMNESS: Final = {True: 400.0, False: 100.0}
"""How many trials the belief counts as, where meaning is known and where only words are compared: the words of the
other languages were not seen when it was learnt.
"""
_QUESTIONS: Final = 300.0
"""What each brand counts as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A brand's own trials, and its customers' questions: the signs, the best entry's place, the right one's (−1: none)."""

    trials: Trials
    signs: Numbers
    said: NDArray[np.intp]
    truth: NDArray[np.intp]

    @property
    def right(self) -> NDArray[np.bool_]:
        return self.said == self.truth


def examine(
    knowledge: Knowledge, questions: Sequence[Question], *, encoder: Encoder | None, store: VectorStore
) -> Examined:
    """Fitted as the product fits; every question is taken for English."""
    material = gather_material(knowledge, encoder=encoder, store=store)
    assert material is not None
    tuning = tune(material, max_wrong_answer_rate=0.05)
    matcher = fit(material, tuning).matcher
    strangers = len(material.collection.texts) - material.collection.known
    texts = [question.sentence for question in questions]
    evidence = matcher.match(texts, encode_all(texts, encoder=encoder, store=store), ["en"] * len(texts))
    places = {entry: place for place, entry in enumerate(matcher.collection.entries)} | {OUT_OF_SCOPE: NO_ENTRY}
    return Examined(
        trials=practise(matcher, material.meaning_known, foreign=1 - len(tuning.answered) / max(strangers, 1)),
        signs=evidence.signs,
        said=evidence.ranked[:, 0],
        truth=np.array([places[question.label] for question in questions], dtype=np.intp),
    )


def experience_of(examined: Sequence[Examined], *, knows_meaning: bool) -> Experience:
    """Every brand counts the same."""
    nothing = Belief(coefficients=np.zeros(len(SIGNS) + 1), curvature=0.01 * np.eye(len(SIGNS) + 1))
    right = np.concatenate([each.right for each in examined])
    weights = np.concatenate([np.full(len(each.right), _QUESTIONS / len(each.right)) for each in examined])
    signs = np.concatenate([each.signs for each in examined])
    belief = learn(signs, right, weights, prior=nothing, firmness=1.0)
    confidence = belief.probability(signs)
    order = np.argsort(-confidence, kind="stable")
    wrong, answered = np.cumsum((weights * ~right)[order]), np.cumsum(weights[order])
    return Experience(
        belief=belief,
        usual=Usual(
            limits=np.array(LIMITS),
            answer=_lowest(confidence[order], wrong / weights.sum()),
            sure=_lowest(confidence[order], wrong / answered),
        ),
        firmness=FIRMNESS[knows_meaning],
    )


def _lowest(confidence: Numbers, rate: Numbers) -> Numbers:
    """By limit: the lowest confidence down to which the rate stays within it."""
    places = [np.flatnonzero(rate <= limit) for limit in LIMITS]
    found = np.array([confidence[kept[-1]] if len(kept) else 1.0 for kept in places])
    return np.asarray(np.minimum.accumulate(found))
