"""What is kept back from a practice training, and what the trained-without model then says about it.

Rasa trains for seconds to hours, so it cannot be cross-validated as the built-in engine is. One extra training on part
of the knowledge stands in for it: a third of the phrasings of every entry and language, every eighth entry as a whole
and half of the out-of-scope texts are kept back and asked afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.wording import Wording
from nlu.likeness import Numbers
from nlu.rasa.ranking import Ranking
from nlu.rasa.training_data import OUT_OF_SCOPE_INTENT, Example, TrainingData
from nlu.trials import STRANGERS

SIGNS: Final = ("log_odds", "margin", "in_scope", "known_words")
MOST_ASKED: Final = 600
"""Questions asked after the practice training; a seeded sample of more."""
_KEPT_PHRASINGS: Final = 3
_KEPT_ENTRIES: Final = 8
_FEWEST_ENTRIES: Final = 4
_TINY: Final = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """`learnt` trains the practice model; `asked` are put to it. What `answerable` holds has its entry in `learnt`."""

    learnt: TrainingData
    asked: tuple[Example, ...]
    answerable: tuple[bool, ...]

    @classmethod
    def of(cls, data: TrainingData) -> Self:
        """The same split for the same data."""
        generator = np.random.default_rng(0)
        entries = sorted({example.entry for example in data.examples if example.entry is not None})
        away = set()
        if len(entries) >= _FEWEST_ENTRIES:
            away = {
                entries[place] for place in generator.permutation(len(entries))[: max(1, len(entries) // _KEPT_ENTRIES)]
            }
        kept = _kept_back(data.examples, away, generator)
        learnt = tuple(example for place, example in enumerate(data.examples) if place not in kept)
        asked = [data.examples[place] for place in sorted(kept)]
        if len(asked) > MOST_ASKED:
            asked = [asked[place] for place in np.sort(generator.choice(len(asked), MOST_ASKED, replace=False))]
        return cls(
            learnt=TrainingData(examples=learnt, revision=data.revision),
            asked=tuple(asked),
            answerable=tuple(example.entry is not None and example.entry not in away for example in asked),
        )


def _kept_back(examples: Sequence[Example], away: set[str], generator: np.random.Generator) -> set[int]:
    """Places of all examples that the practice model does not learn from."""
    groups: dict[tuple[str | None, str], list[int]] = {}
    for place, example in enumerate(examples):
        groups.setdefault((example.entry, example.language), []).append(place)
    kept: set[int] = set()
    for (entry, _), places in groups.items():
        if entry in away:
            kept.update(places)
            continue
        part = len(places) // 2 if entry is None else -(-len(places) // _KEPT_PHRASINGS)
        if len(places) > 1:
            kept.update(int(place) for place in generator.permutation(places)[:part])
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """One row a question of a practice: `signs` (questions × SIGNS), whether the best entry was right, was there at
    all, whether the second or third was, and how much the row counts. `groups` keeps an entry's rows together.
    """

    signs: Numbers
    right: NDArray[np.bool_]
    answerable: NDArray[np.bool_]
    rescued: NDArray[np.bool_]
    weights: Numbers
    languages: NDArray[np.str_]
    groups: NDArray[np.intp]

    @classmethod
    def of(cls, practice: Practice, rankings: Sequence[Ranking]) -> Self:
        """`rankings` are the practice model's, one an asked example. Half of the weight is for what has no entry."""
        words = Wording([example.text for example in practice.learnt.examples if example.entry is not None])
        intents = practice.learnt.intents
        ranked = [ranking.entries(intents) for ranking in rankings]
        answerable = np.array(practice.answerable, dtype=bool)
        best = [entries[0][0] if entries else None for entries in ranked]
        right = np.array([one == example.entry for one, example in zip(best, practice.asked, strict=True)], dtype=bool)
        rescued = np.array(
            [
                example.entry in [entry for entry, _ in entries[1:3]]
                for entries, example in zip(ranked, practice.asked, strict=True)
            ],
            dtype=bool,
        )
        names = sorted({example.entry or f"·{place}" for place, example in enumerate(practice.asked)})
        places = {name: place for place, name in enumerate(names)}
        return cls(
            signs=np.array(
                [
                    signs_of(ranking, intents, words.known_share(example.text))
                    for ranking, example in zip(rankings, practice.asked, strict=True)
                ]
            ).reshape(-1, len(SIGNS)),
            right=right & answerable,
            answerable=answerable,
            rescued=rescued & answerable,
            weights=_weights(answerable),
            languages=np.array([example.language for example in practice.asked], dtype=np.str_),
            groups=np.array(
                [places[example.entry or f"·{place}"] for place, example in enumerate(practice.asked)], dtype=np.intp
            ),
        )

    def some(self, rows: NDArray[np.bool_]) -> "Outcomes":
        return Outcomes(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})

    def as_json(self) -> dict[str, list[object]]:
        return {name: getattr(self, name).tolist() for name in self.__dataclass_fields__}

    @classmethod
    def from_json(cls, stored: Mapping[str, list[object]]) -> Self:
        """Raises KeyError or ValueError for anything that `as_json` did not write."""
        return cls(
            signs=np.array(stored["signs"], dtype=np.float64).reshape(-1, len(SIGNS)),
            right=np.array(stored["right"], dtype=bool),
            answerable=np.array(stored["answerable"], dtype=bool),
            rescued=np.array(stored["rescued"], dtype=bool),
            weights=np.array(stored["weights"], dtype=np.float64),
            languages=np.array(stored["languages"], dtype=np.str_),
            groups=np.array(stored["groups"], dtype=np.intp),
        )


def signs_of(ranking: Ranking, intents: Mapping[str, str], known_words: float) -> tuple[float, ...]:
    """What speaks for the best entry, each number larger when it is more likely right."""
    confidences = [confidence for _, confidence in ranking.entries(intents)]
    best = min(max(confidences[0], _TINY), 1 - _TINY) if confidences else _TINY
    runner_up = confidences[1] if len(confidences) > 1 else 0.0
    strange = dict(ranking.intents).get(OUT_OF_SCOPE_INTENT, 0.0)
    return (float(np.log(best / (1 - best))), best - runner_up, 1 - strange, known_words)


def _weights(answerable: NDArray[np.bool_]) -> Numbers:
    """Those without an entry weigh `STRANGERS` together; all weigh as many as there are rows."""
    total = len(answerable)
    inside = int(answerable.sum())
    weights = np.ones(total)
    if 0 < inside < total:
        weights[answerable] = total * (1 - STRANGERS) / inside
        weights[~answerable] = total * STRANGERS / (total - inside)
    return weights
