from datetime import timedelta
from typing import Any

import pytest

from metrics.clocks import Stopwatch
from metrics.episodes import Episode, conversations
from metrics.timeline import parse_timeline
from tests.metrics.timelines import (
    DAY,
    HOUR,
    START,
    Event,
    agent,
    bot,
    claim,
    customer,
    event,
    report,
    resolve,
    timeline,
)

GAP = timedelta(hours=24)


def episodes(*events: Event, now: float = 30 * DAY, channel: str | None = None) -> list[Episode]:
    read = parse_timeline(timeline(*events, now=now))
    known = conversations(read.facts, now=read.now, gap=GAP, channel=channel)
    return [episode for conversation in known for episode in conversation.episodes()]


def started(*events: Event) -> list[float]:
    return [(episode.started_at - START) / timedelta(minutes=1) for episode in episodes(*events)]


def lengths(clocks: list[Stopwatch]) -> list[float | None]:
    return [None if clock.elapsed() is None else (clock.elapsed() or timedelta()).total_seconds() for clock in clocks]


def test_a_gap_of_exactly_the_setting_starts_a_new_episode() -> None:
    assert started(customer(0), customer(DAY)) == [0, DAY]
    assert started(customer(0), customer(DAY - 1 / 60)) == [0]


def test_a_response_keeps_an_episode_alive() -> None:
    assert started(customer(0), bot(HOUR), customer(DAY)) == [0]
    assert started(customer(0), bot(HOUR), customer(DAY + HOUR)) == [0, DAY + HOUR]
    assert started(customer(0), agent(HOUR), customer(DAY)) == [0]
    assert started(customer(0), bot(HOUR, purpose="smalltalk"), customer(DAY)) == [0]


@pytest.mark.parametrize(
    "nothing",
    [
        bot(HOUR, purpose="notice"),
        bot(HOUR, purpose="broadcast"),
        bot(HOUR, accepted=False),
        customer(HOUR, accepted=False),
        event("message", HOUR, author="system"),
        agent(HOUR, purpose="note"),
        claim(HOUR),
        resolve(HOUR),
    ],
)
def test_what_is_no_response_does_not_keep_an_episode_alive(nothing: Event) -> None:
    assert started(customer(0), nothing, customer(DAY)) == [0, DAY]


def test_the_first_customer_message_starts_an_episode_even_if_we_wrote_first() -> None:
    assert started(agent(0), customer(1)) == [1]
    assert started(bot(0), bot(30, purpose="clarification"), customer(HOUR), customer(2 * HOUR)) == [HOUR]


def test_our_words_before_the_first_customer_message_answer_nothing() -> None:
    figures = report(agent(0), customer(1), now=2 * DAY)
    assert figures["first_response"]["any"]["wall"]["open"] == 1
    assert figures["response_rate"]["rate"] == 0


def test_a_conversation_without_the_customer_has_no_episode() -> None:
    assert started(bot(0), agent(1)) == []


def test_conversations_are_apart() -> None:
    assert started(customer(0, "a"), customer(1, "b"), bot(2, "b"), customer(DAY, "a")) == [0, DAY, 1]


def test_a_late_response_belongs_to_the_episode_in_whose_reach_it_falls() -> None:
    assert started(customer(0), agent(5 * DAY), customer(5 * DAY + 1)) == [0]
    assert report(customer(0), agent(5 * DAY))["first_response"]["human"]["wall"]["median_s"] == 5 * 86400


def test_a_clock_not_stopped_when_the_next_episode_begins_stays_open() -> None:
    figures = report(customer(0), customer(2 * DAY), bot(2 * DAY + 1), now=3 * DAY)
    assert figures["first_response"]["any"]["wall"]["n"] == 1
    assert figures["first_response"]["any"]["wall"]["open"] == 1
    assert figures["reply_time"]["wall"]["open"] == 1
    assert figures["reply_time"]["wall"]["max_s"] == 60


def test_at_one_instant_the_customer_writes_first() -> None:
    first, second = episodes(bot(DAY), customer(0), bot(0), customer(DAY))
    assert lengths(list(first.waits())) == [0]
    assert lengths(list(second.waits())) == [0]


def test_an_answer_at_the_instant_of_the_next_episode_belongs_to_the_next() -> None:
    figures = report(agent(DAY), customer(0), customer(DAY))
    assert figures["episodes"] == 2
    assert figures["response_rate"] == {"rate": 0.5, "answered_in_time": 1, "answered_late": 0, "due": 2, "pending": 0}


def test_waits_begin_with_the_first_message_after_a_response() -> None:
    (episode,) = episodes(customer(0), customer(1), bot(2), bot(3), customer(5), agent(9), agent(10), customer(12))
    assert lengths(list(episode.waits())) == [120, 240, None]


def test_a_clarification_or_small_talk_ends_a_wait_but_is_no_bot_response() -> None:
    (episode,) = episodes(customer(0), bot(1, purpose="smalltalk"), customer(2), bot(4, purpose="clarification"))
    assert lengths(list(episode.waits())) == [60, 120]
    figures = report(customer(0), bot(1, purpose="smalltalk"), bot(3))
    assert figures["first_response"]["any"]["wall"]["median_s"] == 60
    assert figures["first_response"]["bot"]["wall"]["median_s"] == 180


def test_facts_after_now_are_ignored_and_at_now_are_not() -> None:
    events = [customer(0), bot(10), customer(20)]
    assert report(*events, now=9)["first_response"]["any"]["wall"]["open"] == 1
    assert report(*events, now=10)["first_response"]["any"]["wall"]["n"] == 1
    assert report(*events, now=-1)["episodes"] == 0


def test_a_channel_holds_whole_conversations_though_later_events_do_not_name_it() -> None:
    events = [
        customer(0, "a", channel="telegram"),
        bot(1, "a"),
        customer(0, "b", channel="messenger"),
        customer(0, "c"),
    ]
    by_channel: dict[str | None, Any] = {
        name: report(*events, channel=name) for name in (None, "telegram", "messenger", "viber")
    }
    assert [figures["episodes"] for figures in by_channel.values()] == [3, 1, 1, 0]
    assert by_channel["telegram"]["response_rate"]["answered_in_time"] == 1
    assert by_channel["telegram"]["channel"] == "telegram"
    assert by_channel["messenger"]["badge"]["counted"] == 1
