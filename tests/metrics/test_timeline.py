import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.messages import Author, Purpose
from metrics.facts import Handoff, Message
from metrics.fields import TimelineMistake
from metrics.timeline import parse_timeline, read_timeline
from tests.metrics.timelines import Event, agent, asked, bot, customer, event, feedback, rating, timeline


def refusal(data: Any) -> str:
    with pytest.raises(TimelineMistake) as mistake:
        parse_timeline(data)
    return str(mistake.value)


def test_instants_become_utc() -> None:
    moments = ["2026-03-02T10:00:00+02:00", "2026-03-02T08:00:00Z", "2026-03-02T03:00:00.000000-05:00"]
    facts = parse_timeline(timeline(*({**customer(0), "at": at} for at in moments))).facts
    assert {fact.at for fact in facts} == {datetime(2026, 3, 2, 8, tzinfo=UTC)}
    assert {fact.at.utcoffset() for fact in facts} == {timedelta()}


def test_events_become_facts_with_what_the_law_names() -> None:
    sent = bot(1, purpose="clarification", accepted=False, channel="telegram", text="a remark")
    message, case = parse_timeline(timeline(sent, event("handoff", 2, reason="asked_for_human"))).facts
    assert isinstance(message, Message)
    assert (message.author, message.purpose, message.accepted) == (Author.BOT, Purpose.CLARIFICATION, False)
    assert message.channel == "telegram"
    assert isinstance(case, Handoff)
    assert case.reason == "asked_for_human"


def test_an_agents_message_needs_neither_agent_nor_purpose() -> None:
    (message,) = parse_timeline(timeline(agent(0, agent=None))).facts
    assert isinstance(message, Message)
    assert message.agent is message.purpose is None


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ({**customer(0), "at": "2026-03-02T08:00:00"}, "at: '2026-03-02T08:00:00' has no time zone"),
        ({**customer(0), "at": "2026-03-02"}, "at: '2026-03-02' has no time zone"),
        ({**customer(0), "at": "2026-02-30T08:00:00Z"}, "at: '2026-02-30T08:00:00Z' is not an ISO 8601 date"),
        ({**customer(0), "at": "yesterday"}, "at: 'yesterday' is not an ISO 8601 date"),
        ({**customer(0), "at": ""}, "at: '' is not an ISO 8601 date"),
        ({**customer(0), "at": 1772438400}, "at: 1772438400 is not an ISO 8601 date"),
        ({**customer(0), "at": "0001-01-01T00:00:00+05:00"}, "at: '0001-01-01T00:00:00+05:00' is outside the calendar"),
        ({**customer(0), "at": None}, "at: is missing."),
        ({**customer(0), "conversation": 7}, "conversation: 7 is not a text."),
        ({**customer(0), "conversation": ""}, "conversation: '' is not a text."),
        ({**customer(0), "conversation": None}, "conversation: is missing."),
        ({**customer(0), "channel": 5}, "channel: 5 is not a text."),
        ({**customer(0), "kind": "massage"}, "kind: 'massage' is unknown; known are message, handoff"),
        ({**customer(0), "kind": []}, "kind: [] is not a text."),
        ({**customer(0), "author": "robot"}, "author: 'robot' is unknown; known are customer, bot, agent, system."),
        ({**customer(0), "author": None}, "author: is missing."),
        ({**customer(0), "accepted": "no"}, "accepted: 'no' is neither true nor false."),
        ({**customer(0), "acepted": False}, "acepted: is unknown; did you mean accepted?"),
        (bot(0, purpose="joke"), "purpose: 'joke' is unknown; known are answer"),
        ({**bot(0), "purpose": None}, "purpose: is missing; the bot's are answer, clarification"),
        (bot(0, purpose="note"), "purpose: 'note' is none of the bot's"),
        (agent(0, agent=3), "agent: 3 is not a text."),
        (event("feedback", 0), "helpful: is missing."),
        (event("feedback", 0, helpful=1), "helpful: 1 is neither true nor false."),
        (asked(0, "weather"), "about: 'weather' is unknown; known are bot, human."),
        (event("rating", 0, score=4), "about: is missing."),
        (rating(0, 9), "score: 9 is not a whole number from 1 to 5."),
        (rating(0, 0), "score: 0 is not a whole number from 1 to 5."),
        (event("rating", 0, about="bot", score=4.5), "score: 4.5 is not a whole number"),
        (event("rating", 0, about="bot", score=True), "score: True is not a whole number"),
        (event("rating", 0, about="bot", score="5"), "score: '5' is not a whole number"),
        (event("rating", 0, about="bot"), "score: is missing."),
        (event("handoff", 0, reason=1), "reason: 1 is not a text."),
    ],
)
def test_a_bad_event_is_refused_with_its_place(broken: Event, sentence: str) -> None:
    assert refusal(timeline(customer(0), feedback(1, True), broken)).startswith(f"events[2].{sentence}")


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"now": None}, "now: is missing."),
        ({"since": "2026-03-01T00:00:00"}, "since: '2026-03-01T00:00:00' has no time zone"),
        ({"until": "2020-01-01T00:00:00Z"}, "until: is before since."),
        ({"now": "9999-12-31T00:00:00Z"}, "now: is after the year 9000."),
        ({"events": None}, "events: is missing."),
        ({"events": {}}, "events: must be a list."),
        ({"events": [[]]}, "events[0]: must be a JSON object."),
        ({"event": []}, "event: is unknown; did you mean events?"),
        ({"timezone": "Mars/Olympus"}, "timezone: 'Mars/Olympus' is not a known time zone"),
        ({"hours": {"mon": [["18:00", "09:00"]]}}, "hours.mon[0]: closes at 09:00"),
        ({"hours": {}}, "timezone: opening hours need a time zone"),
        ({"closed": ["soon"]}, "closed[0]: 'soon' is not a date"),
        ({"settings": []}, "settings: must be a JSON object."),
        ({"settings": {"episode_gap": 24}}, "settings.episode_gap: is unknown; did you mean episode_gap_hours?"),
        ({"settings": {"speed": 1}}, "settings.speed: is unknown; known are episode_gap_hours"),
        ({"settings": {"episode_gap_hours": 0}}, "settings.episode_gap_hours: 0 must be more than 0"),
        ({"settings": {"episode_gap_hours": 1e300}}, "settings.episode_gap_hours: 1e+300 must be more than 0"),
        ({"settings": {"episode_gap_hours": "24"}}, "settings.episode_gap_hours: '24' is not a number."),
        ({"settings": {"episode_gap_hours": True}}, "settings.episode_gap_hours: True is not a number."),
        ({"settings": {"badge_rate": 90}}, "settings.badge_rate: 90 must be more than 0 and at most 1."),
        ({"settings": {"badge_minimum": 0}}, "settings.badge_minimum: 0 is not a whole number"),
    ],
)
def test_a_bad_frame_is_refused_with_its_place(members: dict[str, Any], sentence: str) -> None:
    assert refusal({**timeline(), **members}).startswith(sentence)


@pytest.mark.parametrize("data", [None, [], "timeline", 3])
def test_what_is_no_object_is_no_timeline(data: Any) -> None:
    assert refusal(data) == "timeline: must be a JSON object."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"now": \n nothing}', "line 2, column 2: not JSON"),
        ("", "line 1, column 1: not JSON"),
        ('{"now": NaN}', "timeline: NaN is not a JSON number."),
        ('{"now": "2026-01-01T00:00:00Z", "now": "2027-01-01T00:00:00Z"}', "now: stands twice in one object."),
        ("[" * 100_000, "timeline: not a JSON that can be read."),
        ('{"now": 1' + "0" * 5000 + "}", "timeline: not a JSON that can be read."),
    ],
)
def test_what_is_no_json_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(TimelineMistake) as mistake:
        read_timeline(text)
    assert str(mistake.value).startswith(sentence)


def test_remarks_are_ignored_and_null_is_as_good_as_absent() -> None:
    remarks = {"title": "A remark", "closed": None, "hours": None, "timezone": None, "settings": None, "channel": None}
    read = read_timeline(json.dumps(timeline({**customer(0), "text": "hello"}, **remarks)))
    assert len(read.facts) == 1
    assert read.hours is read.channel is None


def test_settings_are_the_decimals_they_were_written_as() -> None:
    written = {"episode_gap_hours": 1.5, "response_deadline_hours": 12, "badge_rate": 0.9, "badge_minimum": 3}
    read = parse_timeline(timeline(settings=written)).settings
    assert (read.episode_gap, read.response_deadline) == (timedelta(minutes=90), timedelta(hours=12))
    assert read.badge.rate * 10 == 9
    assert read.badge.minimum == 3
