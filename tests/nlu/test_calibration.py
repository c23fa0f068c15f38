"""What calibration promises: more evidence never means less confidence, few data make it cautious, the limit is kept."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.calibration import Curve, calibrate, find_cutoffs
from nlu.evidence import SIGNS
from nlu.experience import read_prior
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


@given(limit=st.floats(0.02, 0.15), seed=st.integers(0, 50), count=st.sampled_from([60, 300, 1000]))
@settings(deadline=None, max_examples=25)
def test_the_limit_is_kept_on_questions_never_seen(limit: float, seed: int, count: int) -> None:
    calibration = calibrate(
        simulated_trials(count, seed=seed), read_prior(), max_wrong_answer_rate=limit, meaning_known={"en"}
    )
    fresh = simulated_trials(20_000, seed=seed + 100)
    confidence = calibration.confidence(fresh.signs, ["en"] * len(fresh.right))
    cutoffs = calibration.cutoffs_of("en")
    answered, sure = confidence >= cutoffs.answer, confidence >= cutoffs.sure
    # the last digit is the sampling error of the trials
    assert (answered & ~fresh.right).mean() <= limit + 0.01
    assert not sure.any() or (~fresh.right[sure]).mean() <= limit + 0.02
    assert answered.mean() > 0.05


@given(
    seed=st.integers(0, 1000),
    count=st.sampled_from([0, 1, 7, 40, 150]),
    limits=st.tuples(st.floats(0.001, 0.5), st.floats(0.001, 0.5)),
    meaning_known=st.sampled_from([frozenset[str](), frozenset({"en"})]),
)
@settings(deadline=None, max_examples=40)
def test_a_stricter_limit_never_answers_more(
    seed: int, count: int, limits: tuple[float, float], meaning_known: frozenset[str]
) -> None:
    strict, loose = (
        calibrate(
            simulated_trials(count, seed=seed), read_prior(), max_wrong_answer_rate=limit, meaning_known=meaning_known
        )
        for limit in sorted(limits)
    )
    for language in ("en", "ru"):
        assert strict.cutoffs_of(language).answer >= loose.cutoffs_of(language).answer
        assert strict.cutoffs_of(language).sure >= loose.cutoffs_of(language).sure


@given(seed=st.integers(0, 1000), count=st.integers(0, 12), limit=st.floats(0.01, 0.1), meaning=st.booleans())
@settings(deadline=None, max_examples=40)
def test_few_trials_that_all_went_well_hardly_make_it_bolder(
    seed: int, count: int, limit: float, *, meaning: bool
) -> None:
    trials = simulated_trials(2 * count, seed=seed)
    calibration = calibrate(
        trials.some(trials.right),
        read_prior(),
        max_wrong_answer_rate=limit,
        meaning_known={"en"} if meaning else set(),
    )
    usual = read_prior().of(knows_meaning=meaning).usual
    assert calibration.cutoffs_of("en").answer >= 0.85 * usual.at(limit if meaning else limit / 2)[0]
    assert calibration.cutoffs_of("en").sure >= 0.85 * usual.at(limit)[1]


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
