from typing import Any

import pytest

from tests.metrics.timelines import DAY, HOUR, Event, agent, bot, customer, report

SECOND = 1 / 60


def rate(*events: Event, **members: Any) -> tuple[float | None, int, int, int, int]:
    found = report(*events, **members)["response_rate"]
    return tuple(found[key] for key in ("rate", "answered_in_time", "answered_late", "due", "pending"))  # type: ignore[return-value]


def test_a_response_exactly_at_the_deadline_is_in_time() -> None:
    assert rate(customer(0), bot(DAY)) == (1, 1, 0, 1, 0)
    assert rate(customer(0), bot(DAY + SECOND)) == (0, 0, 1, 1, 0)


def test_an_unanswered_one_is_due_when_older_than_the_deadline() -> None:
    assert rate(customer(0), now=DAY - SECOND) == (None, 0, 0, 0, 1)
    assert rate(customer(0), now=DAY) == (None, 0, 0, 0, 1)
    assert rate(customer(0), now=DAY + SECOND) == (0, 0, 0, 1, 0)


def test_nothing_has_no_rate() -> None:
    assert rate() == (None, 0, 0, 0, 0)


def test_the_deadline_is_a_setting() -> None:
    settings = {"response_deadline_hours": 0.5}
    assert rate(customer(0), bot(30), settings=settings) == (1, 1, 0, 1, 0)
    assert rate(customer(0), bot(31), settings=settings) == (0, 0, 1, 1, 0)
    assert rate(customer(0), now=29, settings=settings) == (None, 0, 0, 0, 1)


@pytest.mark.parametrize("purpose", ["notice", "broadcast"])
def test_notices_and_broadcasts_answer_nothing(purpose: str) -> None:
    assert rate(customer(0), bot(1, purpose=purpose), now=2 * DAY) == (0, 0, 0, 1, 0)


def test_any_response_answers() -> None:
    answers = [bot(1, "a"), bot(1, "b", purpose="clarification"), bot(1, "c", purpose="smalltalk"), agent(1, "d")]
    asked = [customer(0, name) for name in "abcd"]
    assert rate(*asked, *answers) == (1, 4, 0, 4, 0)


def test_an_unanswered_episode_that_has_ended_is_pending_until_its_deadline() -> None:
    settings = {"episode_gap_hours": 1}
    events = [customer(0), customer(2 * HOUR), bot(2 * HOUR + 1)]
    assert rate(*events, now=3 * HOUR, settings=settings) == (1, 1, 0, 1, 1)
    assert rate(*events, now=25 * HOUR, settings=settings) == (0.5, 1, 0, 2, 0)
