import csv
import io
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from metrics.export import COLUMNS, export_rows, write_rows
from metrics.timeline import parse_timeline
from tests.metrics.timelines import (
    DAY,
    HOUR,
    Event,
    agent,
    asked,
    bot,
    claim,
    customer,
    handoff,
    rating,
    report,
    resolve,
    timeline,
)

STORY = (
    customer(0, channel="telegram"),
    bot(1),
    customer(5),
    handoff(6),
    claim(7),
    agent(10),
    resolve(20),
    asked(21, about="human"),
    rating(22, 5, about="human"),
    customer(3 * DAY),
    customer(0, "c2", channel="messenger"),
    handoff(1, "c2"),
)
OPEN = {"hours": {"mon": [["10:00", "10:05"]]}, "timezone": "Europe/Kyiv"}


def rows(*events: Event, **members: Any) -> list[dict[str, str]]:
    read = parse_timeline(timeline(*events, **members))
    text = write_rows(
        export_rows(
            read.facts,
            since=read.since,
            until=read.until,
            now=read.now,
            channel=read.channel,
            hours=read.hours,
            settings=read.settings,
        )
    )
    return list(csv.DictReader(io.StringIO(text)))


def test_there_is_a_row_for_every_episode_case_and_rating() -> None:
    found = [(row["conversation"], row["kind"], row["channel"]) for row in rows(*STORY)]
    assert found == [
        ("c1", "episode", "telegram"),
        ("c1", "case", "telegram"),
        ("c1", "rating", "telegram"),
        ("c1", "episode", "telegram"),
        ("c2", "episode", "messenger"),
        ("c2", "case", "messenger"),
    ]


def test_a_row_holds_what_the_report_adds_up() -> None:
    first, case, score, later, *_ = rows(*STORY, **OPEN)
    assert (first["first_any_s"], first["first_any_business_s"]) == ("60.0", "60.0")
    assert (first["first_human_s"], first["first_human_business_s"]) == ("600.0", "300.0")
    assert (first["waits"], first["waits_open"], first["longest_wait_s"]) == ("2", "0", "300.0")
    assert (case["outcome"], case["reason"], case["first_human_s"]) == ("picked_up", "asked_for_human", "240.0")
    assert (case["resolution_s"], score["score"], score["about"]) == ("840.0", "5", "human")
    assert (later["first_any_s"], later["waits_open"], later["outcome"]) == ("", "1", "")


def test_the_rows_and_the_report_count_the_same() -> None:
    for channel in (None, "telegram", "messenger"):
        members = {} if channel is None else {"channel": channel}
        figures, found = report(*STORY, **members), rows(*STORY, **members)
        cases = [row["outcome"] for row in found if row["kind"] == "case"]
        assert figures["episodes"] == sum(row["kind"] == "episode" for row in found)
        assert figures["handoff"]["requested"] == len(cases)
        assert figures["handoff"]["picked_up"] == cases.count("picked_up")


def test_only_what_began_in_the_period_is_exported() -> None:
    assert [row["began_at"][:10] for row in rows(*STORY, since=HOUR)] == ["2026-03-05"]


@given(st.text(max_size=8), st.sampled_from(["", "=", "+", "-", "@", "\t", "\r", "＝", "'="]))
def test_no_cell_begins_a_formula(text: str, start: str) -> None:
    written = write_rows([{"kind": "case", "reason": start + text, "conversation": start + text}])
    for row in csv.reader(io.StringIO(written)):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝")) for cell in row)


def test_an_empty_period_has_its_headings() -> None:
    assert write_rows([]) == ",".join(COLUMNS) + "\r\n"
