import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.sheet import shares, write_sheet
from tests.metrics.timelines import DAY, HOUR, agent, asked, bot, customer, handoff, rating, report, resolve


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 10**6), max_size=6))
def test_shares_sum_to_a_hundred(counts: dict[str, int]) -> None:
    found = shares(counts)
    assert bool(found) == any(counts.values())
    if found:
        assert sum(round(share * 10) for share in found.values()) == 1000
        assert all(abs(found[name] - 100 * counts[name] / sum(counts.values())) < 0.1 for name in counts)


def test_a_sheet_without_figures_says_none_and_never_nought() -> None:
    sheet = write_sheet(report())
    assert "Response rate        – (0 in time, 0 late, 0 due; 0 pending)" in sheet
    assert "Satisfaction (bot): – (0 of 0 given; 0 asked, – answered)" in sheet
    assert "Badge (all, 0 counted): nothing counted, rate –, time –; last 7 days: nothing counted" in sheet
    assert "Containment: –" in sheet


def test_containment_is_printed_beside_what_the_bot_gave_up() -> None:
    story = [customer(0, "a"), bot(1, "a"), handoff(2, "a"), customer(0, "b"), bot(1, "b"), customer(2, "b")]
    sheet = write_sheet(report(*story, customer(0, "c"), bot(1, "c")))
    assert "3 decided: 1 handed off (33.4 %), 1 gave up (33.3 %), 0 returned (0.0 %)" in sheet
    assert "Containment: 66.6 %, of which the bot gave up: 33.3 % of all decided" in sheet


@pytest.mark.parametrize(
    ("minute", "text"),
    [
        (0.5 / 60, "0.5 s"),
        (59.9 / 60, "59.9 s"),
        (59.96 / 60, "1 min 0 s"),
        (65, "1 h 5 min"),
        (DAY - 0.4 / 60, "1 d 0 h"),
        (5 * DAY + 3 * HOUR, "5 d 3 h"),
    ],
)
def test_durations_are_read_at_a_glance(minute: float, text: str) -> None:
    (line,) = (
        line
        for line in write_sheet(report(customer(0), bot(minute))).splitlines()
        if line.startswith("reply time (wall)")
    )
    assert line.split("  ")[-1].strip() == text


def test_every_line_of_the_table_has_all_columns() -> None:
    office = {"timezone": "UTC", "hours": {"mon": [["08:00", "18:00"]]}}
    sheet = write_sheet(
        report(customer(0), handoff(1), agent(2), resolve(3), asked(4, "human"), rating(5, 5, "human"), **office)
    )
    lines = sheet.splitlines()
    heading = next(line for line in lines if line.startswith("clock"))
    table = lines[lines.index(heading) + 1 : lines.index("", lines.index(heading))]
    assert len(table) == 12
    assert {len(line) for line in table} == {len(heading)}


def test_conversations_at_risk_are_named_with_their_deadline() -> None:
    answered = [event for number in range(9) for event in (customer(0, str(number)), bot(1, str(number)))]
    sheet = write_sheet(report(*answered, customer(5, "late"), customer(6, "later"), now=10))
    assert "at risk: answer conversation late until 2026-03-03T08:05:00Z" in sheet
