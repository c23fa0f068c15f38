"""Groups questions by meaning: average linkage, cut where it serves best on the brand's own entries.

How alike two questions of one meaning are differs by brand, language and model, so the cut is learnt: the phrasings of
the published entries are grouped first, at every likeness, and what an editor would have of those groups is counted. A
question that joins the others of its entry saves him a look (+1), one among those of another entry costs one (−1).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlu.likeness import Texts, compare, kernel
from nlu.regression import Rows

_STRIP: Final = 256
USUAL_CUT: Final = 0.13
"""Before the brand has entries to learn from: what the train rows of curekart and banking77 taught."""
_MOST_AT_ONCE: Final = 2_000
"""Questions whose likenesses stand in memory together (16 MB); a larger heap is divided first."""

Likenesses = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Merge:
    """Two clusters, by the place of one of their members, become one at this mean likeness."""

    likeness: float
    first: int
    second: int


def group(texts: Texts, shares: Mapping[str, float], *, cut: float) -> list[Rows]:
    """All rows in groups whose members are on average at least `cut` alike; the largest first, singles too."""
    found: list[Rows] = []
    for heap in _heaps(texts, shares, np.arange(len(texts)), cut):
        likenesses = kernel(texts.some(heap), texts.some(heap), shares).astype(np.float32)
        labels = _labels(len(heap), _merges(likenesses, down_to=cut))
        found.extend(heap[labels == label] for label in np.unique(labels))
    return sorted(found, key=lambda rows: (-len(rows), int(rows[0])))


def choose_cut(likenesses: Likenesses, owners: Sequence[int]) -> float | None:
    """The mean likeness down to which grouping these texts serves best; None where no grouping serves."""
    merges = sorted(_merges(likenesses, down_to=-np.inf), key=lambda merge: -merge.likeness)
    worth = list(_worth(owners, merges))
    best = int(np.argmax(worth)) if worth else 0
    if not worth or worth[best] <= 0:
        return None
    following = merges[best + 1].likeness if best + 1 < len(merges) else 0.0
    return (merges[best].likeness + following) / 2


def by_nearness(texts: Texts, shares: Mapping[str, float], rows: Rows) -> Rows:
    """The rows of a group, the one most like all the others first."""
    chosen = rows[:_MOST_AT_ONCE]
    mean = kernel(texts.some(chosen), texts.some(chosen), shares).mean(axis=1)
    return np.concatenate([chosen[np.argsort(-mean, kind="stable")], rows[_MOST_AT_ONCE:]])


def _heaps(texts: Texts, shares: Mapping[str, float], rows: Rows, cut: float) -> Iterator[Rows]:
    """Parts with no pair of that likeness between them: no average over such pairs reaches it. A part that is too large
    for memory is divided at a higher likeness.
    """
    for heap in _components(texts.some(rows), shares, cut):
        if len(heap) <= _MOST_AT_ONCE:
            yield rows[heap]
        elif cut < 1:
            yield from _heaps(texts, shares, rows[heap], (1 + cut) / 2 if cut < 1 - 1e-3 else 1.0)
        else:
            for start in range(0, len(heap), _MOST_AT_ONCE):
                yield rows[heap[start : start + _MOST_AT_ONCE]]


def _components(texts: Texts, shares: Mapping[str, float], cut: float) -> list[Rows]:
    label = np.arange(len(texts))
    for start in range(0, len(texts), _STRIP):
        strip = np.arange(start, min(start + _STRIP, len(texts)))
        alike = compare(texts.some(strip), texts, shares).blend >= cut
        for row in strip:
            met = np.unique(label[alike[row - start]])
            if len(met) > 1:
                label[np.isin(label, met)] = met[0]
    order = np.argsort(label, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if len(order) else []


def _merges(likenesses: Likenesses, *, down_to: float) -> list[_Merge]:
    """Average linkage by chains of nearest neighbours. A cluster whose nearest one is below `down_to` is done: nothing
    that merges later comes nearer to it on average.
    """
    sums = likenesses.astype(np.float64)
    np.fill_diagonal(sums, -np.inf)
    sizes, open_ = np.ones(len(sums)), np.ones(len(sums), dtype=bool)
    merges: list[_Merge] = []
    chain: list[int] = []
    while open_.any():
        if not chain:
            chain.append(int(np.argmax(open_)))
        last = chain[-1]
        means = np.where(open_, sums[last] / (sizes * sizes[last]), -np.inf)
        nearest = int(np.argmax(means))
        if means[nearest] < down_to or np.isneginf(means[nearest]):
            open_[last] = False
            chain.pop()
        elif len(chain) > 1 and means[chain[-2]] >= means[nearest]:
            other = chain[-2]
            merges.append(_Merge(likeness=float(means[other]), first=other, second=last))
            sums[other] += sums[last]
            sums[:, other] = sums[other]
            sums[other, other] = -np.inf
            sizes[other] += sizes[last]
            open_[last] = False
            del chain[-2:]
        else:
            chain.append(nearest)
    return merges


def _labels(count: int, merges: Sequence[_Merge]) -> NDArray[np.intp]:
    labels = np.arange(count)
    for merge in merges:
        labels[labels == labels[merge.second]] = labels[merge.first]
    return labels


def _worth(owners: Sequence[int], merges: Sequence[_Merge]) -> Iterator[int]:
    """After each merge: the questions beside their group's first one that belong there, less those that do not."""
    owned = {place: Counter([owner]) for place, owner in enumerate(owners)}
    total = 0
    for merge in merges:
        first, second = owned[merge.first], owned.pop(merge.second)
        total -= _worth_of(first) + _worth_of(second)
        first.update(second)
        total += _worth_of(first)
        yield total


def _worth_of(owners: Counter[int]) -> int:
    most = max(owners.values())
    return most - 1 - (owners.total() - most)
