from datetime import timedelta
from typing import Any

import pytest

from core.messages import Author
from handoff.desk_rules import ServiceLevel
from handoff.hours.parsing import parse_opening_hours
from metrics.desk_figures import desk_figures
from metrics.facts import Fact, Feedback, Handoff, Message, Promise, Resolve
from metrics.report import Period
from metrics.settings import MetricsSettings
from tests.metrics.timelines import DAY, HOUR, START


def at(minute: float, conversation: str = "c1") -> dict[str, Any]:
    return {"at": START + timedelta(minutes=minute), "conversation": conversation, "channel": "telegram"}


def customer(minute: float, conversation: str = "c1") -> Fact:
    return Message(**at(minute, conversation), author=Author.CUSTOMER)


def agent(minute: float, conversation: str = "c1") -> Fact:
    return Message(**at(minute, conversation), author=Author.AGENT)


def promise(minute: float, until: float, conversation: str = "c1") -> Fact:
    return Promise(**at(minute, conversation), until=START + timedelta(minutes=until))


def figures(*facts: Fact, now: float = DAY, since: float = 0, until: float = DAY, **more: Any) -> dict[str, Any]:
    return desk_figures(
        facts,
        period=Period(since=START + timedelta(minutes=since), until=START + timedelta(minutes=until)),
        now=START + timedelta(minutes=now),
        channel=None,
        settings=MetricsSettings(),
        **{"hours": None, "level": ServiceLevel()} | more,
    )


@pytest.mark.parametrize(
    ("facts", "now", "expected"),
    [
        ([agent(30)], DAY, (1, 0, 0)),
        ([agent(31)], DAY, (0, 1, 0)),
        ([agent(31)], 20, (0, 0, 1)),
        ([], 30, (0, 0, 1)),
        ([], 31, (0, 1, 0)),
        ([Handoff(**at(10)), agent(11)], DAY, (0, 1, 0)),
        ([Resolve(**at(5))], DAY, (0, 1, 0)),
    ],
)
def test_a_promise_is_kept_by_the_first_human_response_in_time(
    facts: list[Fact], now: float, expected: tuple[int, int, int]
) -> None:
    found = figures(customer(0), Handoff(**at(1)), promise(1, 30), *facts, now=now)["promises"]
    assert (found["kept"], found["broken"], found["pending"]) == expected
    assert found["made"] == 1


def test_the_bots_words_keep_no_promise() -> None:
    answered = Message(**at(5), author=Author.BOT, purpose="answer")
    found = figures(customer(0), Handoff(**at(1)), promise(1, 30), answered)["promises"]
    assert (found["kept"], found["rate"]) == (0, 0.0)


def test_a_promise_belongs_to_the_period_in_which_it_was_made() -> None:
    facts = [customer(0), Handoff(**at(1)), promise(1, 2 * DAY)]
    assert figures(*facts)["promises"]["made"] == 1
    assert figures(*facts, since=HOUR)["promises"] == {"made": 0, "kept": 0, "broken": 0, "pending": 0, "rate": None}


def test_service_levels_count_the_overdue_at_once_and_the_young_not_yet() -> None:
    facts: list[Fact] = []
    for number, answer in enumerate((10, 20, 21, None, None)):
        name = f"c{number}"
        opened = 0 if answer is not None or number == 3 else 115
        facts += [customer(opened, name), Handoff(**at(opened, name))]
        if answer is not None:
            facts.append(agent(answer, name))
    level = ServiceLevel(first_response_minutes=20)
    found = figures(*facts, now=120, level=level)["service_level"]
    assert found["first_response"] == {"target_s": 1200.0, "within": 2, "missed": 2, "pending": 1, "share": 0.5}
    assert found["resolution"]["share"] is None, "without a target there is nothing to reach"


def test_service_levels_are_on_business_time() -> None:
    hours = parse_opening_hours(
        hours={"mon": [["10:00", "10:30"]], "tue": [["09:00", "18:00"]]}, closed=[], timezone="Europe/Kyiv"
    )
    facts = [customer(25), Handoff(**at(25)), agent(25 + 23 * HOUR)]  # five minutes on Monday, 25 on Tuesday
    level = ServiceLevel(first_response_minutes=30)
    assert figures(*facts, now=2 * DAY, level=level, hours=hours)["service_level"]["first_response"]["within"] == 1
    tight = ServiceLevel(first_response_minutes=29)
    assert figures(*facts, now=2 * DAY, level=tight, hours=hours)["service_level"]["first_response"]["missed"] == 1


def test_what_customers_said_of_answers_is_counted() -> None:
    said = [Feedback(**at(minute), helpful=helpful) for minute, helpful in ((2, True), (3, False), (4, True))]
    assert figures(customer(0), *said)["feedback"] == {"helpful": 2, "not_helpful": 1}
