"""Questions with a known right entry, made from the knowledge base itself by leaving texts out of it.

Four kinds: a phrasing asked as if it alone were not known; asked as if its like-worded half of the entry were not known
either (customers word things their own way); asked as if its whole entry did not exist (nothing is right); and texts
that no entry answers.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nlu.likeness import Numbers, compare
from nlu.matcher import NO_ENTRY, Matcher
from nlu.regression import Rows

_WITHOUT_ENTRY: Final = 2
"""The first of the kinds in which every text is asked exactly once."""

MOST_TRIALS: Final = 1200
"""Texts that are asked, a seeded sample of a larger knowledge base: enough for a rate of 5 % to within 1.5 points."""

STRANGERS: Final = 0.5
"""Assumed share of questions without an entry. Real support bots measured 42 to 72 % (HINT3)."""

MEANING_MIXTURE: Final = (0.4, 0.1, 0.2, 0.3)
"""Assumed shares of the four kinds where the model knows the language's meaning, STRANGERS of them without a right
entry. Chosen among nine over simulated brands (`bench/brands.py`): with half as many missing entries more than 5 % of
their questions got a wrong answer.
"""

WORDING_MIXTURE: Final = (0.35, 0.15, 0.25, 0.25)
"""The same where only words are compared: customers who word things their own way must be reckoned with, and strangers
who use the entries' own words.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """One row a trial. `weights` sum to the number of different texts asked; `groups` keeps an entry's trials together
    for cross-validation; `languages` are the texts'. `truth` is the right entry's place or −1.
    """

    signs: Numbers
    right: NDArray[np.bool_]
    weights: Numbers
    groups: NDArray[np.intp]
    languages: NDArray[np.str_]
    truth: NDArray[np.intp]
    ranked: NDArray[np.intp]
    scores: Numbers

    def some(self, rows: NDArray[np.bool_]) -> "Trials":
        return Trials(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


def practise(matcher: Matcher, meaning_known: Collection[str] = (), *, foreign: float = 1.0) -> Trials:
    """All trials of a fitted matcher. `meaning_known` are the languages that the embedding model serves; `foreign` is
    the share of the bundled out-of-scope texts that this knowledge base does not answer: the broader it is, the fewer
    strangers it meets.
    """
    owners = matcher.collection.owners
    generator = np.random.default_rng(0)
    known = _sample(_fair(matcher, matcher.collection.asked), generator)
    strange = _sample(_fair(matcher, owners == NO_ENTRY), generator)
    siblings = {int(row): np.flatnonzero(owners == owners[row]) for row in known}
    learnable = np.array([row for row in known if len(siblings[int(row)]) > 1], dtype=np.intp)
    parts = [
        _ask(matcher, learnable, [np.array([row]) for row in learnable], within=True),
        _ask(matcher, learnable, _like_worded(matcher, learnable), within=True),
        _ask(matcher, known, [siblings[int(row)] for row in known], within=False),
        _ask(matcher, strange, [np.array([row]) for row in strange], within=False),
    ]
    kinds = np.concatenate([np.full(len(part["right"]), kind) for kind, part in enumerate(parts)])
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Trials(**joined, weights=_weights(kinds, joined["languages"], meaning_known, foreign))


def _weights(kinds: Rows, languages: NDArray[np.str_], meaning_known: Collection[str], foreign: float) -> Numbers:
    """Per language: each kind has its share of the mixture, all together count as the texts asked."""
    weights = np.zeros(len(kinds))
    for language in np.unique(languages):
        alone, unlike, no_entry, strange = MEANING_MIXTURE if language in meaning_known else WORDING_MIXTURE
        mixture = (alone + (no_entry + strange) * (1 - foreign), unlike, no_entry * foreign, strange * foreign)
        of_language = languages == language
        texts = (of_language & (kinds >= _WITHOUT_ENTRY)).sum()
        for kind, share in enumerate(mixture):
            rows = of_language & (kinds == kind)
            weights[rows] = texts * share / max(rows.sum(), 1)
    return weights


def _fair(matcher: Matcher, chosen: NDArray[np.bool_]) -> Rows:
    """The chosen rows that can be left out fairly: of a large knowledge base those that are no landmarks, because a
    landmark still lends its place to the others when it is left out.
    """
    rows = np.flatnonzero(chosen)
    if len(matcher.landmarks) == len(matcher.texts):
        return rows
    others = np.setdiff1d(rows, matcher.landmarks)
    return others if len(others) else rows


def _sample(rows: Rows, generator: np.random.Generator) -> Rows:
    return rows if len(rows) <= MOST_TRIALS else np.sort(generator.choice(rows, MOST_TRIALS, replace=False))


def _like_worded(matcher: Matcher, asked: Rows) -> list[Rows]:
    """For each text: itself and the half of its entry's other texts in its language that is most like it."""
    owners, languages = matcher.collection.owners, np.array(matcher.collection.languages)
    groups: dict[int, Rows] = {}
    for owner, language in {(int(owners[row]), str(languages[row])) for row in asked}:
        same = np.flatnonzero((owners == owner) & (languages == language) & matcher.collection.asked)
        texts = matcher.texts.some(same)
        blend = compare(texts, texts, matcher.shares).blend
        np.fill_diagonal(blend, np.inf)
        for place, row in enumerate(same):
            nearest = np.argsort(-blend[place], kind="stable")[: 1 + (len(same) - 1) // 2]
            groups[int(row)] = np.sort(same[nearest])
    return [groups[int(row)] for row in asked]


def _ask(matcher: Matcher, asked: Rows, groups: list[Rows], *, within: bool) -> dict[str, Any]:
    owners = matcher.collection.owners
    evidence = matcher.match_without(asked, groups)
    truth = owners[asked] if within else np.full(len(asked), NO_ENTRY)
    return {
        "signs": evidence.signs,
        "right": evidence.ranked[:, 0] == truth,
        "groups": np.where(owners[asked] == NO_ENTRY, len(matcher.collection.entries) + asked, owners[asked]),
        "languages": np.array([matcher.collection.languages[row] for row in asked], dtype=np.str_),
        "truth": truth,
        "ranked": evidence.ranked,
        "scores": evidence.scores,
    }
