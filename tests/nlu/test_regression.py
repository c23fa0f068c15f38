"""The closed form of leaving texts out against fitting again without them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.regression import RIDGE, LeftOut, Lessons, learn_coefficients


def _lessons(seed: int, rows: int = 24) -> Lessons:
    generator = np.random.default_rng(seed)
    places = generator.normal(size=(rows, 4))
    kernel = np.exp(-((places[:, None] - places[None]) ** 2).sum(-1) / 8)
    targets = np.eye(3)[generator.integers(0, 3, rows)]
    return Lessons(among=kernel, to=kernel, targets=targets, weights=generator.uniform(0.5, 1.5, rows))


@given(seed=st.integers(0, 1000), group=st.sets(st.integers(0, 23), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_leaving_a_group_out_equals_fitting_without_it(seed: int, group: set[int]) -> None:
    lessons = _lessons(seed)
    gone = np.array(sorted(group))
    rest = np.setdiff1d(np.arange(24), gone)
    fitted = np.linalg.solve(
        lessons.to[np.ix_(rest, rest)] + RIDGE * np.diag(1 / lessons.weights[rest]), lessons.targets[rest]
    )
    expected = lessons.to[np.ix_(gone, rest)] @ fitted
    left_out = LeftOut(lessons)
    assert np.allclose(left_out.without(gone, gone), expected, atol=1e-4)
    if len(gone) == 1:
        assert np.allclose(left_out.without_each(gone), expected, atol=1e-4)


def test_an_entrys_own_texts_score_near_one_and_strangers_near_nothing() -> None:
    lessons = _lessons(1)
    coefficients = learn_coefficients(lessons)
    own = (lessons.to @ coefficients)[np.arange(24), lessons.targets.argmax(1)]
    assert own.mean() > 0.5
    assert np.allclose(np.zeros((1, 24)) @ coefficients, 0.0)
