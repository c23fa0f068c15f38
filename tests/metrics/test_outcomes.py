from typing import Any

import pytest

from tests.metrics.timelines import DAY, HOUR, Event, agent, asked, bot, customer, feedback, handoff, rating, report

SECOND = 1 / 60
LATER = 4 * DAY


def outcomes(*events: Event, **members: Any) -> dict[str, int]:
    """The outcomes that are not zero."""
    return {name: count for name, count in report(*events, **members)["bot_outcomes"].items() if count}


def decided(outcome: str) -> dict[str, int]:
    return {"decided": 1, outcome: 1}


def test_an_episode_without_the_bots_answer_has_no_outcome() -> None:
    for other in (bot(1, purpose="smalltalk"), bot(1, purpose="notice"), agent(1), bot(1, accepted=False)):
        assert outcomes(customer(0), other) == {}


@pytest.mark.parametrize(
    ("now", "expected"), [(72 * HOUR + 1 - SECOND, {"undecided": 1}), (72 * HOUR + 1, decided("quiet"))]
)
def test_an_episode_is_undecided_for_less_than_72_hours(now: float, expected: dict[str, int]) -> None:
    assert outcomes(customer(0), bot(1), now=now) == expected


def test_a_handoff_decides_at_once() -> None:
    assert outcomes(customer(0), bot(1), handoff(2), now=3) == decided("handed_off")
    assert outcomes(customer(0), bot(1), handoff(2), feedback(3, True), now=LATER) == decided("handed_off")


def test_a_case_of_another_episode_decides_nothing() -> None:
    found = outcomes(customer(0), bot(1), customer(5 * DAY), handoff(5 * DAY))
    assert found == decided("quiet")


def test_a_handoff_at_the_instant_of_the_next_episode_belongs_to_the_next() -> None:
    events = [handoff(5 * DAY), customer(0), bot(1), customer(5 * DAY), bot(5 * DAY, purpose="clarification")]
    assert outcomes(*events, now=6 * DAY) == {"decided": 2, "quiet": 1, "handed_off": 1}


@pytest.mark.parametrize(
    "events",
    [
        [bot(1), customer(2)],
        [bot(1, purpose="clarification")],
        [bot(1, purpose="clarification"), bot(2, purpose="smalltalk")],
        [bot(1), feedback(2, False)],
        [bot(1), feedback(2, True), feedback(3, False)],
        [bot(1), feedback(2, False), asked(3), rating(4, 5)],
    ],
)
def test_the_bot_gave_up(events: list[Event]) -> None:
    assert outcomes(customer(0), *events) == decided("gave_up")


def test_an_answer_at_the_instant_of_the_last_question_has_the_last_word() -> None:
    assert outcomes(bot(2), customer(0), bot(1), customer(2)) == decided("quiet")


@pytest.mark.parametrize(("minute", "outcome"), [(1 + 72 * HOUR, "returned"), (1 + 72 * HOUR + SECOND, "confirmed")])
def test_a_customer_who_comes_back_within_72_hours_returned(minute: float, outcome: str) -> None:
    assert outcomes(customer(0), bot(1), feedback(2, True), customer(minute), until=DAY) == decided(outcome)


@pytest.mark.parametrize(
    "events",
    [
        [feedback(2, True)],
        [feedback(2, False), feedback(3, True)],
        [asked(2), rating(3, 4)],
        [asked(2), rating(3, 5)],
        [asked(2), rating(3, 5), asked(4), rating(5, 1)],
        [asked(2), rating(3 * DAY, 5)],
        [asked(2), rating(10 * DAY, 5)],
    ],
)
def test_a_good_word_confirms(events: list[Event]) -> None:
    assert outcomes(customer(0), bot(1), *events) == decided("confirmed")


@pytest.mark.parametrize(
    "events",
    [
        [],
        [asked(2), rating(3, 3)],
        [asked(2, "human"), rating(3, 5, "human")],
        [rating(2, 5)],
        [asked(2), rating(3, 5), rating(4, 2)],
    ],
)
def test_without_a_good_word_silence_is_only_quiet(events: list[Event]) -> None:
    assert outcomes(customer(0), bot(1), *events) == decided("quiet")


def test_a_rating_belongs_to_the_episode_in_which_it_was_asked() -> None:
    first, second = [customer(0), bot(1), asked(2)], [customer(5 * DAY), bot(5 * DAY + 1), rating(5 * DAY + 2, 5)]
    assert outcomes(*first, *second) == {"decided": 2, "confirmed": 1, "quiet": 1}
    assert outcomes(*first, *second, until=DAY) == decided("confirmed")


def test_feedback_belongs_to_the_episode_in_whose_reach_it_falls() -> None:
    events = [customer(0), bot(1), customer(5 * DAY), bot(5 * DAY + 1), feedback(5 * DAY + 2, True)]
    assert outcomes(*events, until=DAY) == decided("quiet")
    assert outcomes(*events, since=DAY) == decided("confirmed")


def test_decided_ones_sum_up() -> None:
    found = report(
        *[customer(0, "a"), bot(1, "a")],
        *[customer(0, "b"), bot(1, "b"), handoff(2, "b")],
        *[customer(29 * DAY, "c"), bot(29 * DAY, "c")],
    )["bot_outcomes"]
    assert found == {
        "undecided": 1,
        "decided": 2,
        "handed_off": 1,
        "gave_up": 0,
        "returned": 0,
        "confirmed": 0,
        "quiet": 1,
    }
