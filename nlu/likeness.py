"""How alike texts are: meaning (embedding) and wording (grams) blended into one kernel.

k(x, y) = √(aₓ·aᵧ) · exp(−g·(1 − cos)) + √((1−aₓ)(1−aᵧ)) · wording product. The share `a` of meaning is a language's
own: an English model says little about Russian. Both summands are positive definite, so the blend is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from core.languages import LANGUAGES
from knowledge_base.gram_vectors import GramVectors

Numbers = NDArray[np.float64]

SHARPNESS: Final = 2.0
"""g: chosen over simulated brands (bench/brands.py): 1 to 2 were best, 4 lost a point of correlation."""

_STRIP: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Texts made comparable: unit `vectors` (no columns without a model), `wordings`, the language of each."""

    vectors: NDArray[np.float32]
    wordings: GramVectors
    languages: Sequence[str]
    places: NDArray[np.intp]
    """Each text's language by its place in LANGUAGES, one more for any other."""

    @classmethod
    def of(cls, vectors: NDArray[np.float32], wordings: GramVectors, languages: Sequence[str]) -> Self:
        number = {language: place for place, language in enumerate(LANGUAGES)}
        places = np.array([number.get(language, len(LANGUAGES)) for language in languages], dtype=np.intp)
        return cls(vectors=vectors, wordings=wordings, languages=languages, places=places)

    def __len__(self) -> int:
        return len(self.languages)

    def some(self, rows: NDArray[np.intp]) -> "Texts":
        return Texts.of(self.vectors[rows], self.wordings.some(rows), [self.languages[int(row)] for row in rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Pairwise values between two sets of texts: cosine of meaning, product of wording, and their blend."""

    meaning: NDArray[np.float32]
    wording: NDArray[np.float32]
    blend: Numbers


def compare(left: Texts, right: Texts, shares: Mapping[str, float]) -> Likeness:
    """All pairs. `shares` maps a language to its share of meaning, 0 where missing."""
    wording = left.wordings.products(right.wordings)
    if left.vectors.shape[1] == 0:
        return Likeness(meaning=np.zeros_like(wording), wording=wording, blend=wording.astype(np.float64))
    meaning = left.vectors @ right.vectors.T
    of_language = np.array([*(shares.get(language, 0.0) for language in LANGUAGES), 0.0])
    first, second = of_language[left.places], of_language[right.places]
    of_meaning = np.sqrt(np.outer(first, second))
    of_wording = np.sqrt(np.outer(1 - first, 1 - second))
    blend = of_meaning * np.exp(-SHARPNESS * (1 - meaning)) + of_wording * wording
    return Likeness(meaning=meaning, wording=wording, blend=blend)


def kernel(left: Texts, right: Texts, shares: Mapping[str, float]) -> Numbers:
    """The blend of all pairs, made in strips: what is only needed on the way never stands in memory whole."""
    rows = np.arange(len(left))
    result = np.empty((len(left), len(right)))
    for start in range(0, len(left), _STRIP):
        strip = rows[start : start + _STRIP]
        result[strip] = compare(left.some(strip), right, shares).blend
    return result
