"""Sparse rows of gram weights and their products, in numpy alone: scipy.sparse costs a serving process 25 MB."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int32]
Values = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class GramVectors:
    """One row a text: `values[starts[row]:starts[row + 1]]` are the weights of the grams `places[…]`, all below `width`."""

    starts: NDArray[np.intp]
    places: Places
    values: Values
    width: int

    @classmethod
    def of(cls, *, rows: NDArray[np.intp], places: Places, values: Values, texts: int, width: int) -> Self:
        """`rows` in ascending order tells whose each weight is."""
        return cls(starts=_starts(np.bincount(rows, minlength=texts)), places=places, values=values, width=width)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def some(self, rows: NDArray[np.intp]) -> "GramVectors":
        chosen, counts = _stretches(self.starts, rows)
        return GramVectors(
            starts=_starts(counts), places=self.places[chosen], values=self.values[chosen], width=self.width
        )

    def products(self, others: "GramVectors") -> NDArray[np.float32]:
        """All pairs: the likeness (0 to 1) of each text of ours (rows) and each of theirs (columns)."""
        result = np.zeros((len(self), len(others)), dtype=np.float32)
        of_gram, texts, values = others.by_gram
        for row in range(len(self)):
            mine = slice(self.starts[row], self.starts[row + 1])
            met, counts = _stretches(of_gram, self.places[mine])
            weights = values[met] * np.repeat(self.values[mine], counts)
            result[row] = np.bincount(texts[met], weights, minlength=len(others))
        return result

    @cached_property
    def by_gram(self) -> tuple[NDArray[np.intp], Places, Values]:
        """Where each gram's stretch starts, and in it the texts that have the gram, with its weights."""
        order = np.argsort(self.places, kind="stable")
        texts = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))
        starts = _starts(np.bincount(self.places, minlength=self.width))
        return starts, texts[order], self.values[order]


def _starts(counts: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.concatenate([np.zeros(1, dtype=np.intp), np.cumsum(counts)])


def _stretches(starts: NDArray[np.intp], chosen: NDArray[np.integer]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The places of all stretches of the chosen rows, one after the other, and how long each is."""
    first = starts[chosen]
    counts = starts[chosen + 1] - first
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(first - ends + counts, counts), counts
