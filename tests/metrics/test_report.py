"""What holds for every report, tried on made-up timelines full of ties and exact boundaries."""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.timelines import (
    DAY,
    HOUR,
    Event,
    agent,
    asked,
    bot,
    claim,
    customer,
    feedback,
    handoff,
    moment,
    rating,
    report,
    resolve,
    timeline,
)

# A coarse clock makes ties, and meetings with the gap, the deadline and the 72 hours, likely.
minutes = st.integers(0, 60).map(lambda step: step * 3 * HOUR)
names = st.sampled_from(["a", "b"])
purposes = st.sampled_from(["answer", "clarification", "smalltalk", "notice", "broadcast"])
abouts = st.sampled_from(["bot", "human"])
events = st.one_of(
    st.builds(customer, minutes, names),
    st.builds(bot, minutes, names, purposes, accepted=st.booleans()),
    st.builds(agent, minutes, names),
    st.builds(handoff, minutes, names),
    st.builds(claim, minutes, names),
    st.builds(resolve, minutes, names),
    st.builds(lambda minute, name: feedback(minute, minute % 2 == 0, name), minutes, names),
    st.builds(asked, minutes, abouts, names),
    st.builds(lambda minute, about, name: rating(minute, 1 + minute // HOUR % 5, about, name), minutes, abouts, names),
)
timelines = st.lists(events, max_size=30)
frames = st.fixed_dictionaries(
    {"now": minutes, "since": st.sampled_from([-DAY, 0, DAY]), "until": st.sampled_from([2 * DAY, 8 * DAY])}
)
OFFICE: dict[str, Any] = {
    "timezone": "Europe/Kyiv",
    "hours": {"mon": [["09:00", "13:00"], ["14:00", "18:00"]], "wed": [["00:00", "24:00"]]},
    "closed": ["2026-03-09"],
}


def clocks(figures: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        *figures["first_response"].values(),
        figures["reply_time"],
        figures["handoff"]["wait"],
        figures["handoff"]["resolution"],
    ]


@settings(deadline=None)
@given(timelines, frames, st.randoms())
def test_events_may_come_in_any_order(story: list[Event], frame: dict[str, Any], chance: random.Random) -> None:
    shuffled = list(story)
    chance.shuffle(shuffled)
    assert report(*shuffled, **frame, **OFFICE) == report(*story, **frame, **OFFICE)


@settings(deadline=None)
@given(timelines, frames)
def test_every_clock_is_either_stopped_or_open_or_outside_hours(story: list[Event], frame: dict[str, Any]) -> None:
    figures = report(*story, **frame, **OFFICE)
    for clock in clocks(figures):
        wall, business = clock["wall"], clock["business"]
        assert wall["n"] + wall["open"] == business["n"] + business["open"] + business["outside_hours"]
    for kind in figures["first_response"].values():
        assert kind["wall"]["n"] + kind["wall"]["open"] == figures["episodes"]
    for name in ("wait", "resolution"):
        wall = figures["handoff"][name]["wall"]
        assert wall["n"] + wall["open"] == figures["handoff"]["requested"]


@settings(deadline=None)
@given(timelines, frames)
def test_statistics_are_in_order(story: list[Event], frame: dict[str, Any]) -> None:
    for clock in clocks(report(*story, **frame, **OFFICE)):
        for found in clock.values():
            if found["n"]:
                assert 0 <= found["median_s"] <= found["p90_s"] <= found["max_s"]
                assert found["mean_s"] <= found["max_s"]
            else:
                assert found["median_s"] is found["km_median_s"] is None
            if found["km_p90_s"] is not None:
                assert found["km_median_s"] <= found["km_p90_s"] <= found["max_s"]


@settings(deadline=None)
@given(timelines, frames)
def test_every_episode_and_case_is_counted_exactly_once(story: list[Event], frame: dict[str, Any]) -> None:
    figures = report(*story, **frame)
    answers, human, cases = figures["response_rate"], figures["human_response_rate"], figures["handoff"]
    assert answers["due"] + answers["pending"] == figures["episodes"]
    assert human["due"] + human["pending"] == cases["requested"]
    assert cases["picked_up"] + cases["abandoned"] + cases["waiting"] == cases["requested"]
    assert cases["picked_up"] == human["answered_in_time"] + human["answered_late"] == cases["wait"]["wall"]["n"]
    outcomes = dict(figures["bot_outcomes"])
    undecided, decided = outcomes.pop("undecided"), outcomes.pop("decided")
    assert sum(outcomes.values()) == decided
    assert undecided + decided <= figures["episodes"]


@settings(deadline=None)
@given(timelines, frames)
def test_what_happens_after_now_changes_nothing(story: list[Event], frame: dict[str, Any]) -> None:
    known = [event for event in story if event["at"] <= moment(frame["now"])]
    assert report(*known, **frame) == report(*story, **frame)


@settings(deadline=None)
@given(timelines, frames)
def test_periods_side_by_side_add_up(story: list[Event], frame: dict[str, Any]) -> None:
    middle = 2 * DAY
    now = frame["now"]
    parts = [report(*story, now=now, since=0, until=middle), report(*story, now=now, since=middle, until=9 * DAY)]
    whole = report(*story, now=now, since=0, until=9 * DAY)
    for path in (("episodes",), ("response_rate", "due"), ("handoff", "requested"), ("csat", "bot", "asked")):
        assert _at(whole, path) == sum(_at(part, path) for part in parts)
    assert parts[0]["badge"] == parts[1]["badge"] == whole["badge"]


def test_the_report_has_the_shape_of_the_law_also_when_nothing_happened() -> None:
    empty, full = (
        report(),
        report(customer(0), bot(1), handoff(2), agent(3), resolve(4), asked(5), rating(6, 5), **OFFICE),
    )
    assert _shape(empty) == _shape(full)
    assert list(empty) == [
        *("definition", "since", "until", "now", "channel", "episodes", "response_rate", "human_response_rate"),
        *("first_response", "reply_time", "handoff", "bot_outcomes", "csat", "badge"),
    ]
    assert list(empty["first_response"]) == ["any", "bot", "human"]
    assert list(empty["handoff"]) == ["requested", "picked_up", "abandoned", "waiting", "wait", "resolution"]
    assert list(empty["csat"]) == ["bot", "human"]
    assert list(empty["badge"]) == ["rate", "time_s", "counted", "window", "earned", "last_7_days", "at_risk"]
    assert (empty["definition"], empty["since"], empty["channel"]) == (1, "2026-03-01T08:00:00Z", None)


def test_a_timeline_is_written_with_its_period() -> None:
    frame = timeline(since=0, until=1.5, now=2)
    assert (frame["since"], frame["until"]) == ("2026-03-02T08:00:00+00:00", "2026-03-02T08:01:30+00:00")
    assert report(since=0, until=1.5, now=2)["until"] == "2026-03-02T08:01:30Z"


def _at(figures: Any, path: tuple[str, ...]) -> int:
    for key in path:
        figures = figures[key]
    return int(figures)


def _shape(value: Any) -> Any:
    """The keys of an object and of all objects in it."""
    return {key: _shape(member) for key, member in value.items()} if isinstance(value, dict) else None
