"""The traps of METRICS.md section 7, each by its number: what the peers compute wrongly."""

from typing import Any

from metrics.facts import Message, ResponseKind
from metrics.timeline import parse_timeline
from tests.metrics.timelines import (
    DAY,
    HOUR,
    agent,
    asked,
    bot,
    claim,
    customer,
    feedback,
    handoff,
    rating,
    report,
    resolve,
    timeline,
)

OFFICE = {"timezone": "Europe/Kyiv", "hours": {"mon": [["09:00", "13:00"], ["14:00", "18:00"]]}}


def test_trap_1_the_bots_reply_is_not_counted_as_the_humans() -> None:
    first = report(customer(0), bot(1), agent(30))["first_response"]
    assert first["bot"]["wall"]["median_s"] == 60
    assert first["human"]["wall"]["median_s"] == 1800
    assert first["any"]["wall"]["median_s"] == 60


def test_trap_2_the_clock_is_not_restarted_by_the_customers_second_message() -> None:
    figures = report(customer(0), customer(9), agent(10), customer(20), customer(25), agent(30))
    assert figures["first_response"]["any"]["wall"]["median_s"] == 600
    assert figures["reply_time"]["wall"]["n"] == 2
    assert figures["reply_time"]["wall"]["max_s"] == figures["reply_time"]["wall"]["mean_s"] == 600


def test_trap_3_a_greeting_one_moment_or_handoff_notice_does_not_stop_the_clock() -> None:
    figures = report(customer(0), bot(1, purpose="notice"), bot(2, purpose="broadcast"), agent(10))
    for clock in (figures["first_response"]["any"], figures["first_response"]["human"], figures["reply_time"]):
        assert clock["wall"]["median_s"] == 600
    assert figures["first_response"]["bot"]["wall"] == _nothing_but_open(1)


def test_trap_4_unanswered_ones_are_not_missing_from_the_figures() -> None:
    figures = report(customer(0, "a"), bot(1, "a"), customer(0, "b"), now=3 * DAY)
    assert figures["response_rate"]["rate"] == 0.5
    assert figures["first_response"]["any"]["wall"]["open"] == 1
    assert figures["first_response"]["any"]["wall"]["km_p90_s"] is None
    assert figures["reply_time"]["wall"]["open"] == 1


def test_trap_5_a_mean_never_stands_alone() -> None:
    figures = report(customer(0), bot(1), handoff(2), agent(3), resolve(4), **OFFICE)
    clocks = [*figures["first_response"].values(), figures["reply_time"]]
    clocks += [figures["handoff"]["wait"], figures["handoff"]["resolution"]]
    beside = {"n", "open", "median_s", "p90_s", "mean_s", "max_s", "km_median_s", "km_p90_s"}
    for clock in clocks:
        assert clock["wall"].keys() == beside
        assert clock["business"].keys() == beside | {"outside_hours"}


def test_trap_6_business_time_is_none_where_there_are_no_hours() -> None:
    figures = report(customer(0), bot(1), handoff(2), agent(3), resolve(4))
    for clock in (*figures["first_response"].values(), figures["reply_time"], figures["handoff"]["wait"]):
        assert set(clock["business"].values()) == {None}
        assert "outside_hours" in clock["business"]


def test_trap_7_a_reopened_chat_is_measured_by_episodes() -> None:
    figures = report(customer(0), bot(1), customer(10 * DAY), bot(10 * DAY + 2))
    assert figures["episodes"] == 2
    assert figures["first_response"]["any"]["wall"]["n"] == 2
    assert figures["first_response"]["any"]["wall"]["max_s"] == 120


def test_trap_8_resolution_has_none_of_the_bots_time_in_it() -> None:
    figures = report(customer(0), bot(1), customer(5 * HOUR), handoff(5 * HOUR), agent(5 * HOUR + 1), resolve(6 * HOUR))
    assert figures["handoff"]["resolution"]["wall"]["median_s"] == 3600


def test_trap_9_silence_is_not_counted_as_success() -> None:
    outcomes = report(customer(0), bot(1))["bot_outcomes"]
    assert outcomes["quiet"] == 1
    assert outcomes["confirmed"] == 0


def test_trap_10_numerator_and_denominator_are_of_the_same_episodes() -> None:
    figures = report(customer(0), bot(10), since=0, until=5)
    assert figures["response_rate"] == {
        "rate": 1.0,
        "answered_in_time": 1,
        "answered_late": 0,
        "due": 1,
        "pending": 0,
    }
    assert report(customer(0), bot(10), since=5, until=HOUR)["response_rate"]["due"] == 0


def test_trap_11_what_began_in_a_period_belongs_to_it() -> None:
    events = [customer(0), bot(1), handoff(DAY), agent(2 * DAY), resolve(2 * DAY), asked(3 * DAY), rating(4 * DAY, 5)]
    days = [report(*events, since=day * DAY, until=(day + 1) * DAY) for day in range(5)]
    assert [day["episodes"] for day in days] == [1, 0, 0, 0, 0]
    assert [day["handoff"]["requested"] for day in days] == [0, 1, 0, 0, 0]
    assert [day["handoff"]["picked_up"] for day in days] == [0, 1, 0, 0, 0]
    assert [day["csat"]["bot"]["given"] for day in days] == [0, 0, 0, 1, 0]


def test_trap_12_credit_goes_to_the_sender_and_not_the_assignee() -> None:
    events = [customer(0), handoff(1), claim(2, by="anna"), agent(3, agent="borys")]
    replies = [fact for fact in parse_timeline(timeline(*events)).facts if isinstance(fact, Message)]
    assert [reply.agent for reply in replies if reply.is_response(ResponseKind.HUMAN)] == ["borys"]
    assert report(*events)["handoff"]["wait"]["wall"]["median_s"] == 120


def test_trap_13_a_handoff_nobody_takes_is_counted_and_ages() -> None:
    figures = report(customer(0), bot(1), handoff(2), now=HOUR + 2)
    assert figures["handoff"]["requested"] == figures["handoff"]["waiting"] == 1
    assert figures["handoff"]["wait"]["wall"] == _nothing_but_open(1)
    taken = [customer(0, "b"), handoff(0, "b"), agent(30, "b")]
    assert report(customer(0), handoff(2), *taken, now=HOUR + 2)["handoff"]["wait"]["wall"]["km_median_s"] == 1800


def test_trap_14_replies_from_the_platforms_own_app_count_as_human() -> None:
    figures = report(customer(0), handoff(1), agent(2))
    assert figures["first_response"]["human"]["wall"]["n"] == 1
    assert figures["handoff"]["picked_up"] == 1


def test_trap_15_daylight_saving_holidays_and_split_shifts_are_respected() -> None:
    week = {name: [["09:00", "13:00"], ["14:00", "18:00"]] for name in ("fri", "sat", "sun", "mon", "tue")}
    kyiv = {"timezone": "Europe/Kyiv", "hours": week, "closed": ["2026-03-28"]}
    friday_17_kyiv, monday_10_kyiv = 25 * DAY + 7 * HOUR, 28 * DAY - HOUR
    figures = report(customer(friday_17_kyiv), agent(monday_10_kyiv), **kyiv)
    assert figures["first_response"]["any"]["business"]["median_s"] == (1 + 8 + 1) * 3600
    assert figures["first_response"]["any"]["wall"]["median_s"] == (7 + 24 + 23 + 10) * 3600


def test_trap_16_who_was_asked_to_rate_and_whom_they_rated() -> None:
    satisfaction = report(
        customer(0),
        bot(1),
        asked(2, "bot"),
        asked(3, "human"),
        rating(4, 5, "human"),
        rating(5, 1, "bot"),
        rating(6, 2, "human"),
    )["csat"]
    assert satisfaction["bot"] == {"asked": 1, "given": 1, "positive": 0, "score": 0.0}
    assert satisfaction["human"] == {"asked": 1, "given": 1, "positive": 0, "score": 0.0}
    unasked = report(customer(0), bot(1), rating(2, 5), asked(3), asked(4, "human"))["csat"]
    assert unasked["bot"] == {"asked": 1, "given": 0, "positive": 0, "score": None}


def test_trap_17_retries_and_duplicates_make_no_second_responses() -> None:
    once = report(customer(0), bot(2))
    retried = report(customer(0), bot(1, accepted=False), bot(2), bot(2), bot(3, accepted=False))
    assert retried == once
    assert report(customer(0), customer(0), bot(2))["reply_time"] == once["reply_time"]


def test_trap_18_the_bot_does_not_fulfil_the_human_promise() -> None:
    figures = report(customer(0), handoff(1), bot(2), bot(3, purpose="notice"), now=2 * DAY)
    assert figures["handoff"]["wait"]["wall"]["n"] == 0
    assert figures["human_response_rate"] == {
        "rate": 0.0,
        "answered_in_time": 0,
        "answered_late": 0,
        "due": 1,
        "pending": 0,
    }
    assert figures["response_rate"]["rate"] == 1.0


def test_what_customers_say_of_answers_is_no_message() -> None:
    assert report(customer(0), bot(1), feedback(30 * HOUR, True), customer(31 * HOUR))["episodes"] == 2


def _nothing_but_open(count: int) -> dict[str, Any]:
    names = ("median_s", "p90_s", "mean_s", "max_s", "km_median_s", "km_p90_s")
    return {"n": 0, "open": count, **dict.fromkeys(names)}
