"""What speaks for the best entry: a few numbers per question, each larger when the entry is more likely right."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlu.likeness import Likeness, Numbers

SIGNS: Final = ("share", "usual_wording", "nearest_wording", "known_words")
"""Of the best entry: its share of all votes, how like its texts' wording is on average and at most; and how much of the
question's wording any entry knows.
"""

_AGREEMENT: Final = 0.5
"""Weight of each of the two neighbour votes beside the regression, times the language's share of meaning."""
_VOTING_SHARPNESS: Final = 10.0
_SHARING_SHARPNESS: Final = 6.0
_NO_ENTRY: Final = 0.3
"""The score at which "none of them" has a vote like an entry's. All four: simulated brands, bench/brands.py."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """For a batch of questions: `ranked` entries (best first, places in the matcher's list), their `scores` in that
    order, and `signs` (questions × SIGNS).
    """

    ranked: NDArray[np.intp]
    scores: Numbers
    signs: Numbers


class Shelves:
    """Which texts are whose: quick sums and maxima over each entry's texts."""

    def __init__(self, owners: NDArray[np.intp], entries: int) -> None:
        """`owners` gives each text's entry, −1 for negatives."""
        known = np.flatnonzero(owners >= 0)
        self._order = known[np.argsort(owners[known], kind="stable")]
        self._filled, self._starts = np.unique(owners[self._order], return_index=True)
        self._entries = entries
        self.counts = np.maximum(self.sums(np.ones((1, len(owners)))), 1.0)

    def most(self, values: NDArray[np.floating]) -> Numbers:
        """Questions × texts in, questions × entries out: the largest; 0 for an entry without texts."""
        return self._each(np.maximum, values)

    def sums(self, values: NDArray[np.floating]) -> Numbers:
        return self._each(np.add, values)

    def _each(self, how: np.ufunc, values: NDArray[np.floating]) -> Numbers:
        result = np.zeros((len(values), self._entries))
        if len(self._order):
            result[:, self._filled] = how.reduceat(values[:, self._order], self._starts, axis=1)
        return result


def gather(
    *,
    scores: Numbers,
    known_words: Numbers,
    likeness: Likeness,
    shelves: Shelves,
    trust: Numbers,
    hidden: NDArray[np.bool_] | None = None,
) -> Evidence:
    """Evidence from `scores` (questions × entries) and the likeness to all known texts (questions × texts).

    `trust` is the share of meaning in each question's language; `hidden` (questions × texts) marks texts that count as
    unknown.
    """
    wording, meaning, counts = likeness.wording, likeness.meaning, shelves.counts
    if hidden is not None:
        wording, meaning = np.where(hidden, 0.0, wording), np.where(hidden, 0.0, meaning)
        counts = np.maximum(shelves.sums(~hidden * 1.0), 1.0)
    votes = _voices(shelves.sums(meaning) / counts) + _voices(shelves.most(meaning))
    total = scores + _AGREEMENT * trust[:, None] * votes
    ranked = np.argsort(-total, axis=1, kind="stable")
    best = ranked[:, :1]
    strengths = np.exp(_SHARING_SHARPNESS * total)
    shares = strengths / (strengths.sum(axis=1, keepdims=True) + np.exp(_SHARING_SHARPNESS * _NO_ENTRY))
    signs = (
        np.take_along_axis(shares, best, axis=1)[:, 0],
        np.take_along_axis(shelves.sums(wording) / counts, best, axis=1)[:, 0],
        np.take_along_axis(shelves.most(wording), best, axis=1)[:, 0],
        known_words,
    )
    return Evidence(ranked=ranked, scores=np.take_along_axis(total, ranked, axis=1), signs=np.stack(signs, axis=1))


def _voices(closeness: Numbers) -> Numbers:
    """Closeness to each entry as shares that sum to one, less what each has by chance: the only one wins nothing."""
    strengths = np.exp(_VOTING_SHARPNESS * (closeness - closeness.max(axis=1, keepdims=True)))
    return np.asarray(strengths / strengths.sum(axis=1, keepdims=True) - 1 / closeness.shape[1])
