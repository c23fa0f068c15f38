from typing import Any

import pytest

from tests.metrics.timelines import DAY, HOUR, Event, agent, bot, claim, customer, handoff, report, resolve


def handoffs(*events: Event, **members: Any) -> dict[str, Any]:
    return dict(report(*events, **members)["handoff"])


def counts(*events: Event, **members: Any) -> tuple[int, int, int, int]:
    found = handoffs(*events, **members)
    return found["requested"], found["picked_up"], found["abandoned"], found["waiting"]


def test_a_case_is_picked_up_by_a_human_response_however_late() -> None:
    assert counts(customer(0), handoff(0), agent(20 * DAY)) == (1, 1, 0, 0)
    assert counts(customer(0), handoff(0), resolve(1), agent(2)) == (1, 1, 0, 0)


def test_a_claim_alone_picks_nothing_up() -> None:
    assert counts(customer(0), handoff(0), claim(1), now=2) == (1, 0, 0, 1)


def test_a_response_before_the_handoff_picks_nothing_up() -> None:
    assert counts(customer(0), agent(1), handoff(2), now=3) == (1, 0, 0, 1)


def test_a_response_at_the_instant_of_the_handoff_comes_after_it() -> None:
    found = handoffs(agent(1), customer(0), handoff(1), now=3)
    assert found["picked_up"] == 1
    assert found["wait"]["wall"]["median_s"] == 0


@pytest.mark.parametrize(("now", "abandoned"), [(2 * DAY - 1 / 60, 0), (2 * DAY, 1)])
def test_silence_for_the_gap_is_counted_from_the_last_customer_message(now: float, abandoned: int) -> None:
    events = [customer(0), handoff(HOUR), customer(DAY)]
    assert counts(*events, now=now) == (1, 0, abandoned, 1 - abandoned)


@pytest.mark.parametrize(("now", "abandoned"), [(DAY + HOUR - 1 / 60, 0), (DAY + HOUR, 1)])
def test_silence_for_the_gap_is_counted_from_the_handoff_when_it_is_later(now: float, abandoned: int) -> None:
    assert counts(customer(0), handoff(HOUR), now=now) == (1, 0, abandoned, 1 - abandoned)


def test_a_customer_who_writes_again_still_waits() -> None:
    assert counts(customer(0), handoff(1), customer(5 * DAY), now=5 * DAY + 1) == (1, 0, 0, 1)


def test_a_resolve_without_a_response_abandons() -> None:
    assert counts(customer(0), handoff(0), claim(1), resolve(2), now=3) == (1, 0, 1, 0)


def test_a_newer_case_overtakes() -> None:
    found = handoffs(customer(0), handoff(0), handoff(10), agent(20), resolve(30), now=40)
    assert (found["requested"], found["picked_up"], found["abandoned"], found["waiting"]) == (2, 1, 1, 0)
    assert (found["wait"]["wall"]["n"], found["wait"]["wall"]["open"]) == (1, 1)
    assert found["wait"]["wall"]["median_s"] == 600
    assert (found["resolution"]["wall"]["n"], found["resolution"]["wall"]["open"]) == (1, 1)


def test_two_handoffs_at_one_instant_are_two_cases() -> None:
    assert counts(customer(0), handoff(0), handoff(0), agent(1)) == (2, 1, 1, 0)


def test_resolution_ends_with_the_last_resolve() -> None:
    found = handoffs(customer(0), handoff(0), agent(1), resolve(2), resolve(5))
    assert found["resolution"]["wall"]["median_s"] == 300


def test_a_claim_after_the_last_resolve_reopens() -> None:
    reopened = [customer(0), handoff(0), agent(1), resolve(2), claim(3)]
    assert handoffs(*reopened, now=4)["resolution"]["wall"]["open"] == 1
    assert handoffs(*reopened, resolve(10), now=20)["resolution"]["wall"]["median_s"] == 600


def test_a_claim_at_the_instant_of_the_resolve_comes_before_it() -> None:
    assert handoffs(resolve(2), claim(2), customer(0), handoff(0))["resolution"]["wall"]["n"] == 1


def test_a_reopened_case_without_a_response_waits_again() -> None:
    assert counts(customer(0), handoff(0), resolve(1), claim(2), now=3) == (1, 0, 0, 1)


def test_a_resolved_case_ends_with_the_next_episode() -> None:
    events = [customer(0), handoff(0), resolve(1), customer(2 * DAY), agent(2 * DAY + 1), resolve(2 * DAY + 2)]
    found = handoffs(*events)
    assert (found["picked_up"], found["abandoned"]) == (0, 1)
    assert found["wait"]["wall"]["open"] == 1
    assert found["resolution"]["wall"]["median_s"] == 60


def test_an_open_case_goes_on_through_the_next_episode() -> None:
    events = [customer(0), handoff(0), customer(2 * DAY), agent(2 * DAY + 1), resolve(2 * DAY + 2)]
    found = handoffs(*events)
    assert found["picked_up"] == 1
    assert found["wait"]["wall"]["median_s"] == 2 * 86400 + 60
    assert found["resolution"]["wall"]["median_s"] == 2 * 86400 + 120


def test_a_reopened_case_goes_on_through_the_next_episode() -> None:
    events = [customer(0), handoff(0), resolve(1), claim(2), customer(2 * DAY), resolve(2 * DAY + 2)]
    assert handoffs(*events)["resolution"]["wall"]["median_s"] == 2 * 86400 + 120


def test_a_claim_after_the_case_has_ended_reopens_nothing() -> None:
    events = [customer(0), handoff(0), resolve(1), customer(2 * DAY), claim(2 * DAY + 1)]
    assert handoffs(*events)["resolution"]["wall"]["median_s"] == 60


def test_a_customer_message_in_the_same_episode_does_not_end_a_resolved_case() -> None:
    events = [customer(0), handoff(0), resolve(1), customer(2), agent(3)]
    assert handoffs(*events)["picked_up"] == 1


def test_a_case_may_begin_without_any_customer_message() -> None:
    assert counts(handoff(0), now=HOUR) == (1, 0, 0, 1)
    assert counts(handoff(0), now=DAY) == (1, 0, 1, 0)


def test_the_gap_of_the_settings_is_what_abandons() -> None:
    assert counts(customer(0), handoff(0), now=2 * HOUR, settings={"episode_gap_hours": 2}) == (1, 0, 1, 0)


def test_human_response_rate_is_taken_over_cases() -> None:
    in_time = [customer(0, "a"), handoff(0, "a"), agent(DAY, "a")]
    late = [customer(0, "b"), handoff(0, "b"), agent(DAY + 1 / 60, "b")]
    never = [customer(0, "c"), handoff(0, "c"), bot(1, "c")]
    young = [customer(4 * DAY, "d"), handoff(4 * DAY, "d")]
    untouched = [customer(0, "e"), bot(1, "e")]
    rate = report(*in_time, *late, *never, *young, *untouched, now=5 * DAY)["human_response_rate"]
    assert rate == {"rate": 1 / 3, "answered_in_time": 1, "answered_late": 1, "due": 3, "pending": 1}
