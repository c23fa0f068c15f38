"""What other knowledge bases taught, kept in `nlu/prior.json`: how far to trust the signs, and from where on to answer.

Learnt by `bench/prior.py` on simulated brands, from questions that were really kept back; apart for languages whose
meaning the model knows and for those that go by their wording alone.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from nlu.evidence import SIGNS
from nlu.likeness import Numbers
from nlu.logistic import Belief


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """The cut-offs that kept a limit over all simulated brands; all three ascending limits, falling cut-offs."""

    limits: Numbers
    answer: Numbers
    sure: Numbers

    def at(self, limit: float) -> tuple[float, float]:
        """(answer, sure), certainty at a limit of 0; a stricter limit never gives lower ones."""
        limits = np.concatenate([[0.0], self.limits])
        answer = np.interp(limit, limits, np.concatenate([[1.0], self.answer]))
        return float(answer), float(np.interp(limit, limits, np.concatenate([[1.0], self.sure])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """Of languages of one kind. The belief is held as firmly as `firmness` trials would hold it."""

    belief: Belief
    usual: Usual
    firmness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """`meaning` for the languages that the embedding model serves, `wording` for all others."""

    meaning: Experience
    wording: Experience

    def of(self, *, knows_meaning: bool) -> Experience:
        return self.meaning if knows_meaning else self.wording

    def fingerprint(self) -> str:
        """Equal wherever the same was taught."""
        kinds = (self.meaning, self.wording)
        return repr([(each.belief.coefficients.tolist(), each.usual.answer.tolist(), each.firmness) for each in kinds])


@cache
def read_prior() -> Prior:
    stored = json.loads((Path(__file__).parent / "prior.json").read_text(encoding="utf-8"))
    if stored["signs"] != list(SIGNS):
        raise ValueError("nlu/prior.json was made for other signs; run bench/prior.py.")
    kinds = {}
    for kind in ("meaning", "wording"):
        found = stored[kind]
        kinds[kind] = Experience(
            belief=Belief(coefficients=np.array(found["coefficients"]), curvature=np.array(found["curvature"])),
            usual=Usual(**{name: np.array(values) for name, values in found["usual"].items()}),
            firmness=float(found["firmness"]),
        )
    return Prior(**kinds)
