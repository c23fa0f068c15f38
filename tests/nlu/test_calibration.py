"""What calibration promises: more evidence never means less confidence, few data make it cautious, the limit is kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.calibration import Curve, calibrate, find_cutoffs, read_prior
from nlu.evidence import SIGNS
from nlu.trials import Trials


def simulated_trials(count: int, *, seed: int, language: str = "en") -> Trials:
    """Half of the questions have an entry; the signs tell right from wrong as well as they do in practice."""
    generator = np.random.default_rng(seed)
    truth = np.where(generator.random(count) < 0.5, generator.integers(0, 20, count), -1)
    right = (truth >= 0) & (generator.random(count) < 0.85)
    level = np.where(right, 0.5, 0.2)[:, None] + generator.normal(0, 0.15, (count, len(SIGNS)))
    ranked = np.tile(np.arange(20), (count, 1))
    return Trials(
        signs=np.clip(level, 0, 1),
        right=right,
        weights=np.ones(count),
        groups=np.arange(count) % max(count // 4, 1),
        languages=np.full(count, language),
        truth=truth,
        ranked=ranked,
        scores=np.zeros((count, 20)),
    )


LEARNT = calibrate(simulated_trials(200, seed=1), read_prior(), max_wrong_answer_rate=0.05)


@given(
    signs=st.lists(st.floats(0, 1), min_size=len(SIGNS), max_size=len(SIGNS)),
    raised=st.integers(0, len(SIGNS) - 1),
)
@settings(deadline=None)
def test_more_evidence_never_lowers_the_confidence(signs: list[float], raised: int) -> None:
    more = list(signs)
    more[raised] = 1.0
    low, high = LEARNT.confidence(np.array([signs, more]), ["en", "en"])
    assert 0 < low <= high < 1


@pytest.mark.parametrize("limit", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_limit_is_kept_on_questions_never_seen(limit: float, seed: int) -> None:
    calibration = calibrate(
        simulated_trials(1000, seed=seed), read_prior(), max_wrong_answer_rate=limit, meaning_known={"en"}
    )
    fresh = simulated_trials(20_000, seed=seed + 100)
    confidence = calibration.confidence(fresh.signs, ["en"] * len(fresh.right))
    cutoffs = calibration.cutoffs_of("en")
    answered, sure = confidence >= cutoffs.answer, confidence >= cutoffs.sure
    # the last digit is the sampling error of 1000 trials
    assert (answered & ~fresh.right).mean() <= limit + 0.01
    assert not sure.any() or (~fresh.right[sure]).mean() <= limit + 0.02
    assert answered.mean() > 0.05


def test_a_lower_limit_never_answers_more() -> None:
    curve = calibrate(simulated_trials(800, seed=7), read_prior(), max_wrong_answer_rate=0.05).curve
    cutoffs = [find_cutoffs(curve, "", max_wrong_answer_rate=limit) for limit in (0.01, 0.02, 0.05, 0.1, 0.2)]
    assert [cut.answer for cut in cutoffs] == sorted((cut.answer for cut in cutoffs), reverse=True)
    assert all(cut.clarify <= cut.answer <= cut.sure for cut in cutoffs)


def test_few_trials_make_it_cautious_not_broken() -> None:
    for count in (0, 1, 12):
        trials = simulated_trials(count, seed=3)
        calibration = calibrate(trials, read_prior(), max_wrong_answer_rate=0.05)
        assert 0.5 <= calibration.cutoffs_of("en").sure <= 1
        assert 0 < calibration.confidence(np.full((1, len(SIGNS)), 0.3), ["en"])[0] < 0.9


def test_where_nothing_was_right_only_near_certainty_is_answered() -> None:
    curve = Curve(
        confidence=np.linspace(0.1, 0.8, 50),
        right=np.zeros(50, dtype=bool),
        answerable=np.zeros(50, dtype=bool),
        weights=np.ones(50),
        languages=np.full(50, "en"),
    )
    assert find_cutoffs(curve, "en", max_wrong_answer_rate=0.05).answer >= 0.95
