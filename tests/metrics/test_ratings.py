from typing import Any

from tests.metrics.timelines import DAY, HOUR, Event, asked, bot, customer, rating, report


def satisfaction(*events: Event, about: str = "bot", **members: Any) -> tuple[int, int, int, float | None]:
    found = report(customer(0), bot(1), *events, **members)["csat"][about]
    return found["asked"], found["given"], found["positive"], found["score"]


def test_fours_and_fives_are_positive() -> None:
    surveys = [event for score in range(1, 6) for event in (asked(score * 10), rating(score * 10 + 1, score))]
    assert satisfaction(*surveys) == (5, 5, 2, 0.4)


def test_a_rating_answers_the_last_ask_before_it() -> None:
    assert satisfaction(asked(2), asked(3), rating(4, 5)) == (2, 1, 1, 1.0)
    assert satisfaction(asked(2), rating(3, 5), asked(4), rating(5, 1)) == (2, 2, 1, 0.5)


def test_the_last_of_several_ratings_counts() -> None:
    assert satisfaction(asked(2), rating(3, 5), rating(4, 2)) == (1, 1, 0, 0.0)
    assert satisfaction(asked(2), rating(4, 2), rating(3, 5)) == (1, 1, 0, 0.0)


def test_a_rating_nobody_asked_for_does_not_count() -> None:
    assert satisfaction(rating(2, 5)) == (0, 0, 0, None)
    assert satisfaction(rating(2, 5), asked(3)) == (1, 0, 0, None)
    assert satisfaction(asked(2), rating(3, 5, "human")) == (1, 0, 0, None)
    assert satisfaction(asked(2, conversation="c2"), rating(3, 5)) == (1, 0, 0, None)


def test_a_rating_at_the_instant_of_its_ask_answers_it() -> None:
    assert satisfaction(rating(2, 4), asked(2)) == (1, 1, 1, 1.0)


def test_a_rating_belongs_to_the_period_of_its_ask() -> None:
    survey = [asked(HOUR), rating(3 * DAY, 5)]
    assert satisfaction(*survey, since=0, until=DAY) == (1, 1, 1, 1.0)
    assert satisfaction(*survey, since=DAY, until=5 * DAY) == (0, 0, 0, None)
    assert satisfaction(*survey, since=HOUR, until=2 * HOUR) == (1, 1, 1, 1.0)
    assert satisfaction(*survey, since=0, until=HOUR) == (0, 0, 0, None)


def test_a_rating_after_now_is_not_known_yet() -> None:
    assert satisfaction(asked(2), rating(3, 5), rating(9, 1), now=5) == (1, 1, 1, 1.0)
