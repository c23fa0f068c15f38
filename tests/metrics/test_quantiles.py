from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.quantiles import quantile, survival_times

HALF, NINE_TENTHS, TENTH = Fraction(1, 2), Fraction(9, 10), Fraction(1, 10)
durations = st.lists(st.integers(0, 20), max_size=25)


def test_a_quantile_lies_between_its_neighbours() -> None:
    assert quantile([1, 2, 3, 4], HALF) == Fraction(5, 2)
    assert quantile([10, 20], NINE_TENTHS) == 19
    assert quantile([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100], NINE_TENTHS) == 90


def test_one_value_is_every_quantile_and_none_has_none() -> None:
    assert quantile([7], NINE_TENTHS) == 7
    assert quantile([], HALF) is None


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30), st.sampled_from([0, 50, 90, 100]))
def test_quantiles_are_those_of_numpy(values: list[int], percent: int) -> None:
    exact = quantile(sorted(values), Fraction(percent, 100))
    assert exact is not None
    assert float(exact) == pytest.approx(float(np.percentile(values, percent)))


def test_without_open_clocks_survival_is_the_share_still_running() -> None:
    assert survival_times(stopped=[1, 2, 3, 4], censored=[], levels=[HALF, TENTH]) == [2, 4]


def test_exactly_a_tenth_is_reached_where_floats_would_miss_it() -> None:
    # 9/10 · 8/9 · … · 1/2 is exactly 1/10; in floats it is a little more.
    assert survival_times(stopped=list(range(1, 10)), censored=[99], levels=[TENTH]) == [9]
    assert survival_times(stopped=list(range(1, 50)), censored=[50], levels=[Fraction(1, 50)]) == [49]


def test_at_one_time_stops_precede_censoring() -> None:
    assert survival_times(stopped=[5], censored=[5], levels=[HALF]) == [5]
    assert survival_times(stopped=[5], censored=[4], levels=[HALF]) == [5]
    assert survival_times(stopped=[5], censored=[5, 5], levels=[HALF]) == [None]
    assert survival_times(stopped=[4, 5], censored=[4, 5], levels=[HALF, TENTH]) == [5, None]


def test_what_is_never_reached_is_none() -> None:
    assert survival_times(stopped=[], censored=[1, 2], levels=[HALF, TENTH]) == [None, None]
    assert survival_times(stopped=[], censored=[], levels=[HALF]) == [None]
    assert survival_times(stopped=[1], censored=[2, 3], levels=[HALF]) == [None]


@given(durations, durations, st.sampled_from([HALF, TENTH, Fraction(1, 3)]))
def test_survival_is_that_of_the_definition(stopped: list[int], censored: list[int], level: Fraction) -> None:
    survival = Fraction(1)
    expected = None
    for time in sorted(set(stopped)):
        at_risk = sum(other >= time for other in stopped + censored)
        survival *= 1 - Fraction(stopped.count(time), at_risk)
        if survival <= level:
            expected = time
            break
    assert survival_times(stopped=stopped, censored=censored, levels=[level]) == [expected]


def test_many_open_clocks_between_stops_are_still_exact() -> None:
    stopped, censored = list(range(0, 4000, 2)), list(range(1, 4000, 2))
    survival, at_risk, expected = Fraction(1), 4000, None
    for time in stopped:
        survival *= Fraction(at_risk - 1, at_risk)
        at_risk -= 2
        if survival <= HALF:
            expected = time
            break
    assert survival_times(stopped=stopped, censored=censored, levels=[HALF]) == [expected]
