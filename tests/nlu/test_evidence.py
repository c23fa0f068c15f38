"""Sums over each entry's texts against counting by hand, and what the signs say."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.evidence import SIGNS, Shelves, gather
from nlu.likeness import Likeness

OWNERS = np.array([2, 0, -1, 0, 2, -1, 3])


@given(seed=st.integers(0, 100))
@settings(max_examples=10, deadline=None)
def test_every_entrys_texts_are_summed_and_compared_wherever_they_stand(seed: int) -> None:
    values = np.random.default_rng(seed).random((3, len(OWNERS)))
    shelves = Shelves(OWNERS, entries=4)
    for entry in range(4):
        own = values[:, entry == OWNERS]
        assert np.allclose(shelves.sums(values)[:, entry], own.sum(axis=1))
        assert np.allclose(shelves.most(values)[:, entry], own.max(axis=1, initial=0.0))


def _likeness(meaning: list[float], wording: list[float]) -> Likeness:
    first, second = np.array([meaning], dtype=np.float32), np.array([wording], dtype=np.float32)
    return Likeness(meaning=first, wording=second, blend=first.astype(np.float64))


def _signs(scores: list[float], likeness: Likeness, hidden: list[bool] | None = None) -> dict[str, float]:
    evidence = gather(
        scores=np.array([scores]),
        known_words=np.array([0.5]),
        likeness=likeness,
        shelves=Shelves(np.array([0, 0, 1, -1]), entries=2),
        trust=np.array([0.8]),
        hidden=None if hidden is None else np.array([hidden]),
    )
    return dict(zip(SIGNS, evidence.signs[0].tolist(), strict=True))


def test_a_question_that_is_near_nothing_has_no_entry_with_most_votes() -> None:
    near = _signs([0.9, 0.0], _likeness([0.9, 0.8, 0.1, 0.0], [0.6, 0.2, 0.0, 0.0]))
    far = _signs([0.05, 0.04], _likeness([0.1, 0.1, 0.1, 0.5], [0.0, 0.0, 0.0, 0.4]))
    assert near["share"] > 0.9
    assert far["share"] < 0.5
    assert np.isclose(near["usual_wording"], 0.4)
    assert np.isclose(near["nearest_wording"], 0.6)


def test_texts_that_count_as_unknown_say_nothing() -> None:
    signs = _signs([0.9, 0.0], _likeness([0.9, 0.8, 0.1, 0.0], [0.6, 0.2, 0.0, 0.0]), [True, False, False, False])
    assert np.isclose(signs["usual_wording"], 0.2)
    assert np.isclose(signs["nearest_wording"], 0.2)
