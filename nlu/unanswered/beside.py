"""Groups questions in a child process: the order in which questions, known texts and their vectors are handed over."""

import json
import os
import pickle
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.wording import Wording
from nlu.beside import NICENESS, work_beside
from nlu.likeness import Texts, kernel
from nlu.regression import Rows
from nlu.unanswered.grouping import USUAL_CUT, by_nearness, choose_cut, group

_MOST_TO_LEARN_FROM: Final = 1_000
_POOL: Final = ""

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heap:
    """Texts with their languages and vectors (no columns without a model)."""

    texts: Sequence[str]
    languages: Sequence[str]
    vectors: Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`known` are phrasings of published entries, `owners` the entry of each by number; `shares` of meaning by language."""

    asked: Heap
    known: Heap
    owners: Sequence[int]
    shares: Mapping[str, float]


async def group_beside(order: Order) -> list[list[int]]:
    """The places of all asked questions in groups, largest first, the most telling of each first."""
    told: list[list[int]] = json.loads(await work_beside("nlu.unanswered.beside", pickle.dumps(order)))
    return told


def group_now(order: Order) -> list[list[int]]:
    """The same in this process. Languages that the model knows are grouped together, every other one by itself."""
    wording = Wording([*order.known.texts, *order.asked.texts])
    known, asked = (
        Texts.of(heap.vectors, wording.vectors(heap.texts), heap.languages) for heap in (order.known, order.asked)
    )
    owners = np.array(order.owners, dtype=np.intp)
    found: list[Rows] = []
    for pool in dict.fromkeys(_pools(asked.languages, order.shares)):
        rows = np.flatnonzero([one == pool for one in _pools(asked.languages, order.shares)])
        of_known = _sample(np.flatnonzero([one == pool for one in _pools(known.languages, order.shares)]))
        teaching = known.some(of_known)
        cut = choose_cut(kernel(teaching, teaching, order.shares).astype(np.float32), owners[of_known].tolist())
        texts = asked.some(rows)
        groups = group(texts, order.shares, cut=USUAL_CUT if cut is None else cut)
        found.extend(rows[by_nearness(texts, order.shares, one)] for one in groups)
    return [rows.tolist() for rows in sorted(found, key=lambda rows: (-len(rows), int(rows.min())))]


def _pools(languages: Sequence[str], shares: Mapping[str, float]) -> Iterator[str]:
    return (_POOL if shares.get(language) else language for language in languages)


def _sample(rows: Rows) -> Rows:
    if len(rows) <= _MOST_TO_LEARN_FROM:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, _MOST_TO_LEARN_FROM, replace=False))


def main() -> None:
    """The child's side: an order in on standard input, groups out on standard output."""
    os.nice(NICENESS)
    order = pickle.load(sys.stdin.buffer)  # noqa: S301  # from our own parent, never from outside
    json.dump(group_now(order), sys.stdout)


if __name__ == "__main__":
    main()
