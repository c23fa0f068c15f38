"""What speaks for the best entry: a few numbers per question, each larger when the entry is more likely right."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlu.likeness import Likeness, Numbers

SIGNS: Final = ("score", "margin", "strength", "neighbours", "nearest_wording", "known_words")
_NEIGHBOURS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """For a batch of questions: `ranked` entries (best first, places in the matcher's list), their `scores` in that
    order, and `signs` (questions × SIGNS).
    """

    ranked: NDArray[np.intp]
    scores: Numbers
    signs: Numbers


def gather(
    *,
    scores: Numbers,
    known_words: Numbers,
    likeness: Likeness,
    owners: NDArray[np.intp],
    hidden: NDArray[np.bool_] | None = None,
) -> Evidence:
    """Evidence from `scores` (questions × entries) and the likeness to all known texts (questions × texts).

    `owners` gives each text's entry, −1 for negatives; `hidden` (questions × texts) marks texts that count as unknown.
    """
    ranked = np.argsort(-scores, axis=1, kind="stable")
    ordered = np.take_along_axis(scores, ranked, axis=1)
    runner_up = ordered[:, 1] if ordered.shape[1] > 1 else np.zeros(len(ordered))
    wording, blend = likeness.wording, likeness.blend
    if hidden is not None:
        wording, blend = np.where(hidden, 0.0, wording), np.where(hidden, 0.0, blend)
    known = blend[:, owners >= 0]
    count = min(_NEIGHBOURS, known.shape[1])
    neighbours = np.partition(known, known.shape[1] - count, axis=1)[:, -count:].mean(axis=1)
    signs = (
        ordered[:, 0],
        ordered[:, 0] - runner_up,
        np.sqrt((scores**2).sum(axis=1)),
        neighbours,
        _most(wording, owners[None, :] == ranked[:, :1]),
        known_words,
    )
    return Evidence(ranked=ranked, scores=ordered, signs=np.stack(signs, axis=1))


def _most(values: NDArray[np.floating], where: NDArray[np.bool_]) -> Numbers:
    return np.asarray(np.where(where, values, 0.0).max(axis=1, initial=0.0), dtype=np.float64)
