from typing import Any

import pytest

from tests.metrics.timelines import DAY, HOUR, Event, bot, customer, moment, report

SECOND = 1 / 60


def badge(*events: Event, **members: Any) -> dict[str, Any]:
    return dict(report(*events, **members)["badge"])


def answered(count: int, *, at: float = 0, took: float = 1, name: str = "answered") -> list[Event]:
    """So many conversations, each with one question and its answer after `took` minutes."""
    names = [f"{name}{number}" for number in range(count)]
    return [event for who in names for event in (customer(at, who), bot(at + took, who))]


def unanswered(count: int, *, at: float = 0, name: str = "unanswered") -> list[Event]:
    return [customer(at, f"{name}{number}") for number in range(count)]


def test_nothing_counted_earns_nothing_and_loses_nothing() -> None:
    empty = {"rate": None, "time_s": None, "earned": None}
    assert badge() == {**empty, "counted": 0, "window": "all", "last_7_days": empty, "at_risk": []}
    assert badge(customer(0), now=1) == badge()


def test_nine_of_ten_within_a_day_and_fast_enough_earn_it() -> None:
    found = badge(*answered(9, took=15), *unanswered(1), now=2 * DAY)
    assert (found["rate"], found["time_s"], found["counted"], found["earned"]) == (0.9, 900, 10, True)
    assert badge(*answered(8), *unanswered(1), now=2 * DAY)["earned"] is False
    assert badge(*answered(9, took=15 + SECOND), *unanswered(1), now=2 * DAY)["earned"] is False


def test_without_a_single_answer_it_is_not_earned() -> None:
    found = badge(*unanswered(2), now=2 * DAY)
    assert (found["rate"], found["time_s"], found["earned"]) == (0, None, False)


def test_the_slowest_tenth_is_left_out_of_the_time_and_the_count_is_rounded_up() -> None:
    minutes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1000]
    ten = [event for minute in minutes for event in answered(1, took=minute, name=f"took{minute}-")]
    assert badge(*ten)["time_s"] == 5 * 60
    eleven = [*ten, *answered(1, took=20, name="took20-")]
    assert badge(*eleven)["time_s"] == (45 + 20) * 60 / 10
    assert badge(*answered(1, took=7))["time_s"] == 7 * 60


def test_an_answer_after_more_than_a_day_is_none() -> None:
    assert badge(*answered(1, took=DAY))["rate"] == 1
    late = badge(*answered(1, took=DAY + SECOND))
    assert (late["rate"], late["time_s"], late["counted"]) == (0, None, 1)


def test_the_response_deadline_is_not_the_badges() -> None:
    assert badge(*answered(1, took=2 * HOUR), settings={"response_deadline_hours": 1})["rate"] == 1


@pytest.mark.parametrize(("now", "counted"), [(DAY - SECOND, 1), (DAY, 1), (DAY + SECOND, 2)])
def test_young_unanswered_ones_wait_outside(now: float, counted: int) -> None:
    assert badge(*answered(1), *unanswered(1), now=now)["counted"] == counted


def test_the_badge_looks_at_all_facts_whatever_the_period() -> None:
    assert badge(*answered(12), since=20 * DAY, until=21 * DAY)["counted"] == 12


def test_the_window_is_the_30_days_before_the_last_counted_message() -> None:
    old = answered(1, at=-30 * DAY, name="exactly")
    older = unanswered(1, at=-30 * DAY - SECOND, name="older")
    found = badge(*answered(9), *old, *older, now=100 * DAY)
    assert (found["window"], found["counted"], found["rate"]) == ("30d", 10, 1)


def test_fewer_than_ten_in_the_window_make_it_the_last_ten() -> None:
    history = [event for day in range(12) for event in answered(1, at=day * 10 * DAY, name=f"day{day}-")]
    found = badge(*unanswered(3, at=-DAY), *history, now=200 * DAY)
    assert (found["window"], found["counted"], found["rate"]) == ("last_10", 10, 1)


def test_fewer_than_ten_ever_are_all_counted() -> None:
    found = badge(*answered(8), *answered(1, at=-300 * DAY, name="old"), now=DAY)
    assert (found["window"], found["counted"]) == ("all", 9)


def test_exactly_ten_in_the_window_are_the_window() -> None:
    found = badge(*answered(10), *answered(5, at=-300 * DAY, name="old"), now=DAY)
    assert (found["window"], found["counted"]) == ("30d", 10)


def test_exactly_ten_ever_but_not_in_the_window_are_the_last_ten() -> None:
    found = badge(*answered(5), *answered(5, at=-300 * DAY, name="old"), now=DAY)
    assert (found["window"], found["counted"]) == ("last_10", 10)


def test_pending_ones_do_not_move_the_window() -> None:
    found = badge(*answered(10), *unanswered(1, at=40 * DAY), now=40 * DAY + 1)
    assert (found["window"], found["counted"], found["rate"]) == ("30d", 10, 1)


def test_the_last_seven_days_end_at_now() -> None:
    events = [*answered(1, at=0), *unanswered(1, at=-SECOND), *answered(1, at=-3 * DAY, name="old")]
    week = badge(*events, now=7 * DAY)["last_7_days"]
    assert week == {"rate": 1, "time_s": 60, "earned": True}
    assert badge(*events, now=7 * DAY + SECOND)["last_7_days"] == {"rate": None, "time_s": None, "earned": None}


def test_each_episode_is_counted_once() -> None:
    events = [customer(0), customer(1), bot(2), customer(3), customer(3 * DAY), bot(3 * DAY + 1)]
    assert badge(*events)["counted"] == 2


def test_pending_ones_are_at_risk_when_all_of_them_lapsing_would_lose_the_badge() -> None:
    found = badge(*answered(10), *unanswered(1, at=10), *unanswered(1, at=5, name="early"), now=20)
    assert found["earned"] is True
    assert found["at_risk"] == [
        {"conversation": "early0", "until": moment(5 + DAY).replace("+00:00", "Z")},
        {"conversation": "unanswered0", "until": moment(10 + DAY).replace("+00:00", "Z")},
    ]


def test_nothing_is_at_risk_when_the_badge_can_bear_it_or_is_not_earned() -> None:
    assert badge(*answered(18), *unanswered(2, at=10), now=20)["at_risk"] == []
    lost = badge(*answered(1), *unanswered(1), *unanswered(1, at=2 * DAY, name="young"), now=2 * DAY + 1)
    assert (lost["earned"], lost["at_risk"]) == (False, [])


def test_risk_is_judged_over_the_window_that_lapsing_would_bring() -> None:
    old = answered(20)
    recent = [*answered(8, at=35 * DAY, name="recent"), *unanswered(2, at=36 * DAY)]
    found = badge(*old, *recent, now=36 * DAY + 1)
    assert found["earned"] is True
    assert len(found["at_risk"]) == 2


def test_every_constant_is_a_setting() -> None:
    slow = answered(4, took=20)
    assert badge(*slow, settings={"badge_time_minutes": 20})["earned"] is True
    assert badge(*slow, settings={"badge_answer_hours": 0.25})["rate"] == 0
    assert badge(*slow, *unanswered(1), settings={"badge_rate": 0.8, "badge_time_minutes": 30})["earned"] is True
    assert badge(*slow, settings={"badge_minimum": 4, "badge_window_days": 5})["window"] == "5d"
    assert badge(*slow, *answered(1, took=1, name="fast"), settings={"badge_fastest_share": 0.1})["time_s"] == 60
    assert badge(*slow, now=8 * DAY, settings={"badge_recent_days": 10})["last_7_days"]["rate"] == 1
