from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.hours.parsing import parse_opening_hours
from handoff.promises.computing import FEWEST_WAITS, Wait, compute_promise, percentile

MONDAY = datetime(2026, 3, 2, 9, 2, tzinfo=UTC)
MINUTES = timedelta(minutes=1)
WORKDAYS = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def waits(*minutes: float, ahead: int = 0) -> list[Wait]:
    return [Wait(open_time=one * MINUTES, ahead=ahead) for one in minutes]


def test_the_promise_is_the_80th_percentile_rounded_up_to_what_people_say() -> None:
    found = compute_promise(waits(1, 2, 3, 4, 5), ahead=0, oldest=timedelta(0), hours=None, now=MONDAY)
    assert found is not None
    assert found.open_time == timedelta(minutes=4, seconds=12)
    assert (found.until, found.waits, found.ahead) == (MONDAY.replace(minute=10), 5, 0)


def test_too_few_waits_make_no_promise() -> None:
    few = waits(*range(1, FEWEST_WAITS))
    assert compute_promise(few, ahead=0, oldest=timedelta(0), hours=None, now=MONDAY) is None


def test_it_is_counted_in_opening_hours_only() -> None:
    hours = parse_opening_hours(hours=WORKDAYS, closed=["2026-03-09"], timezone="Europe/Kyiv")
    friday_evening = datetime(2026, 3, 6, 15, 50, tzinfo=UTC)  # ten minutes before closing in Kyiv
    found = compute_promise(waits(30, 30, 30, 30, 30), ahead=0, oldest=timedelta(0), hours=hours, now=friday_evening)
    assert found is not None
    assert found.until == datetime(2026, 3, 10, 7, 30, tzinfo=UTC), "the weekend and the closed Monday lie between"


def test_nobody_who_comes_within_a_week_makes_no_promise() -> None:
    never = parse_opening_hours(hours={}, closed=[], timezone="UTC")
    assert compute_promise(waits(1, 2, 3, 4, 5), ahead=0, oldest=timedelta(0), hours=never, now=MONDAY) is None
    slow = waits(*[60 * 24 * 8] * 5)
    assert compute_promise(slow, ahead=0, oldest=timedelta(0), hours=None, now=MONDAY) is None


def test_a_longer_queue_stretches_the_promise() -> None:
    known = waits(5, 5, 5, 5, 5)
    now, later = (compute_promise(known, ahead=ahead, oldest=timedelta(0), hours=None, now=MONDAY) for ahead in (0, 11))
    assert now is not None
    assert later is not None
    assert (now.open_time, later.open_time) == (5 * MINUTES, 60 * MINUTES)


def test_nobody_is_promised_less_than_the_first_of_the_queue_has_waited() -> None:
    found = compute_promise(waits(1, 1, 1, 1, 1), ahead=1, oldest=timedelta(hours=2), hours=None, now=MONDAY)
    assert found is not None
    assert found.open_time == timedelta(hours=2)


@given(
    minutes=st.lists(st.integers(0, 500), min_size=5, max_size=40),
    ahead=st.integers(0, 50),
    more=st.integers(0, 50),
    met=st.integers(0, 30),
)
def test_a_longer_queue_never_shortens_it_and_it_lies_never_before_what_was_computed(
    minutes: list[int], ahead: int, more: int, met: int
) -> None:
    known = waits(*minutes, ahead=met)
    short, long = (
        compute_promise(known, ahead=one, oldest=timedelta(0), hours=None, now=MONDAY) for one in (ahead, ahead + more)
    )
    if short is not None and long is not None:
        assert short.until <= long.until
        assert short.until >= MONDAY + short.open_time


@pytest.mark.parametrize(("spans", "expected"), [([10], 10), ([0, 10], 8), ([1, 2, 3, 4, 5, 6], 5)])
def test_the_percentile_is_interpolated(spans: list[int], expected: float) -> None:
    assert percentile([one * MINUTES for one in spans]) == expected * MINUTES
