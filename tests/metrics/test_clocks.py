from typing import Any

from tests.metrics.timelines import DAY, HOUR, Event, agent, bot, customer, handoff, report, resolve

# The start of all test timelines, Monday 08:00 UTC, is 10:00 in Kyiv.
OFFICE: dict[str, Any] = {
    "timezone": "Europe/Kyiv",
    "hours": {"mon": [["09:00", "13:00"], ["14:00", "18:00"]], "tue": [["09:00", "18:00"]]},
}


def business(*events: Event, **members: Any) -> dict[str, Any]:
    return dict(report(*events, **{**OFFICE, **members})["first_response"]["any"]["business"])


def test_business_time_leaves_the_break_and_the_night_out() -> None:
    assert business(customer(2 * HOUR), bot(5 * HOUR))["median_s"] == 2 * 3600
    assert business(customer(7 * HOUR), bot(DAY))["median_s"] == (1 + 1) * 3600


def test_a_clock_that_does_not_touch_opening_hours_is_counted_outside() -> None:
    figures = business(customer(9 * HOUR), bot(10 * HOUR))
    assert (figures["n"], figures["open"], figures["outside_hours"]) == (0, 0, 1)
    assert figures["median_s"] is figures["max_s"] is figures["km_median_s"] is None


def test_an_edge_in_common_is_no_touch_but_a_microsecond_is() -> None:
    assert business(customer(8 * HOUR), bot(9 * HOUR))["outside_hours"] == 1
    assert business(customer(8 * HOUR - 1e-6 / 60), bot(9 * HOUR))["median_s"] == 1e-6


def test_a_zero_length_clock_is_zero_inside_and_outside_hours_elsewhere() -> None:
    assert business(customer(0), bot(0))["max_s"] == 0
    assert business(customer(-HOUR), bot(-HOUR))["n"] == 1
    assert business(customer(8 * HOUR), bot(8 * HOUR))["outside_hours"] == 1
    assert business(customer(3 * HOUR), bot(3 * HOUR))["outside_hours"] == 1


def test_an_open_clock_has_its_age_in_business_time() -> None:
    stopped = [customer(0, "b"), bot(60, "b")]
    assert business(customer(0), *stopped, now=2 * HOUR)["km_median_s"] == 3600
    assert business(customer(2 * HOUR), *stopped, now=DAY - 3 * HOUR)["km_median_s"] == 3600
    assert business(customer(8 * HOUR), *stopped, now=9 * HOUR) == {
        "n": 1,
        "open": 0,
        "outside_hours": 1,
        **dict.fromkeys(("median_s", "p90_s", "mean_s", "max_s", "km_median_s", "km_p90_s"), 3600.0),
    }


def test_a_week_without_any_hours_is_always_outside() -> None:
    figures = business(customer(0), bot(1), customer(2 * DAY), hours={})
    assert (figures["n"], figures["open"], figures["outside_hours"]) == (0, 0, 2)


def test_null_hours_are_no_hours() -> None:
    assert set(business(customer(0), bot(1), hours=None).values()) == {None}


def test_statistics_are_over_the_stopped_clocks_and_km_over_all() -> None:
    replies = [event for minute in (1, 2, 3, 4) for event in (customer(0, f"c{minute}"), bot(minute, f"c{minute}"))]
    wall = report(*replies, customer(0, "open"), now=DAY)["first_response"]["any"]["wall"]
    assert wall == {
        "n": 4,
        "open": 1,
        "median_s": 150.0,
        "p90_s": 222.0,
        "mean_s": 150.0,
        "max_s": 240.0,
        "km_median_s": 180.0,
        "km_p90_s": None,
    }


def test_seconds_are_exact_to_the_microsecond() -> None:
    wall = report(customer(0), bot(0.1 / 60), customer(1), bot(1 + 0.2 / 60))["reply_time"]["wall"]
    assert (wall["median_s"], wall["max_s"], wall["p90_s"]) == (0.15, 0.2, 0.19)


def test_an_open_clock_is_as_old_as_now_though_its_episode_has_ended() -> None:
    unanswered = [customer(0, "a"), customer(3 * DAY, "a"), bot(3 * DAY, "a")]
    later = [customer(0, "b"), bot(5 * HOUR, "b")]
    wall = report(*unanswered, *later, now=4 * DAY)["first_response"]["any"]["wall"]
    assert (wall["n"], wall["open"]) == (2, 1)
    assert wall["km_median_s"] == 5 * 3600


def test_every_clock_of_the_report_has_business_figures() -> None:
    figures = report(customer(0), bot(1), handoff(2), agent(HOUR * 3), resolve(HOUR * 5), **OFFICE)
    assert figures["handoff"]["wait"]["business"]["median_s"] == 3 * 3600 - 120
    assert figures["handoff"]["resolution"]["business"]["median_s"] == 4 * 3600 - 120
    assert figures["first_response"]["human"]["business"]["median_s"] == 3 * 3600
    assert figures["reply_time"]["business"]["median_s"] == 60
