from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.hours.opening_hours import OpeningHours
from handoff.hours.parsing import OpeningHoursMistake, parse_opening_hours, refuse_overlaps

MINUTE = timedelta(minutes=1)
ZONES = (
    "Europe/Kyiv",
    "America/New_York",
    "Asia/Kuala_Lumpur",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Beirut",
)
# Days around which a clock of one of the zones is turned; Kuala Lumpur's moved by half an hour in 1982.
TURNS = (
    *(date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 10, 4), date(2026, 10, 25), date(2026, 11, 1)),
    *(date(1982, 1, 1), date(2018, 2, 18), date(2018, 11, 4), date(2022, 3, 27), date(2022, 10, 30)),
)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def hours(zone: str, *intervals: list[str], closed: tuple[str, ...] = ()) -> OpeningHours:
    """The same intervals every day."""
    week = {name: [list(interval) for interval in intervals] for name in WEEKDAYS}
    parsed = parse_opening_hours(hours=week, closed=list(closed), timezone=zone)
    assert parsed is not None
    return parsed


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_a_lunch_break_is_not_open_time() -> None:
    split = hours("UTC", ["09:00", "13:00"], ["14:00", "18:00"])
    assert split.between(utc(2026, 3, 2, 12, 30), utc(2026, 3, 2, 14, 30)) == timedelta(hours=1)


def test_what_does_not_touch_opening_hours_has_no_time() -> None:
    split = hours("UTC", ["09:00", "13:00"], ["14:00", "18:00"])
    assert split.between(utc(2026, 3, 2, 13), utc(2026, 3, 2, 14)) is None
    assert split.between(utc(2026, 3, 2, 18), utc(2026, 3, 3, 9)) is None
    assert split.between(utc(2026, 3, 2, 13), utc(2026, 3, 2, 14, 0, 0, 1)) == timedelta(microseconds=1)


def test_an_instant_inside_opening_hours_has_zero_time_and_outside_none() -> None:
    split = hours("UTC", ["09:00", "13:00"])
    assert split.between(utc(2026, 3, 2, 9), utc(2026, 3, 2, 9)) == timedelta()
    assert split.between(utc(2026, 3, 2, 12, 59), utc(2026, 3, 2, 12, 59)) == timedelta()
    assert split.between(utc(2026, 3, 2, 13), utc(2026, 3, 2, 13)) is None
    assert split.between(utc(2026, 3, 2, 8, 59), utc(2026, 3, 2, 8, 59)) is None


def test_the_opening_instant_is_open_and_the_closing_one_is_not() -> None:
    daily = hours("Europe/Kyiv", ["09:00", "13:00"])
    assert daily.is_open(utc(2026, 3, 2, 7))
    assert daily.is_open(utc(2026, 3, 2, 10, 59, 59))
    assert not daily.is_open(utc(2026, 3, 2, 11))
    assert not daily.is_open(utc(2026, 3, 2, 6, 59, 59))


def test_overlapping_intervals_count_once() -> None:
    overlapping = hours("UTC", ["09:00", "13:00"], ["12:00", "18:00"], ["10:00", "11:00"], ["09:00", "13:00"])
    assert overlapping.between(utc(2026, 3, 2), utc(2026, 3, 3)) == timedelta(hours=9)


def test_a_day_may_end_at_midnight_and_the_next_go_on() -> None:
    around = hours("Europe/Kyiv", ["00:00", "02:00"], ["20:00", "24:00"])
    assert around.between(utc(2026, 3, 2, 18), utc(2026, 3, 3, 0)) == timedelta(hours=6)


def test_a_closed_day_and_a_missing_weekday_have_no_opening() -> None:
    weekdays = {"mon": [["09:00", "18:00"]], "tue": [["09:00", "18:00"]], "wed": []}
    week = parse_opening_hours(hours=weekdays, closed=["2026-03-09"], timezone="Europe/Kyiv")
    assert week is not None
    assert week.between(utc(2026, 3, 2), utc(2026, 3, 9)) == timedelta(hours=18)
    assert week.between(utc(2026, 3, 8, 22), utc(2026, 3, 9, 22)) is None
    assert week.between(utc(2026, 3, 4, 22), utc(2026, 3, 6, 22)) is None


def test_the_closed_day_is_the_local_one() -> None:
    malaysia = hours("Asia/Kuala_Lumpur", ["00:00", "24:00"], closed=("2026-03-09",))
    assert malaysia.between(utc(2026, 3, 8, 15), utc(2026, 3, 9, 17)) == timedelta(hours=2)


def test_a_night_is_an_hour_shorter_when_clocks_go_forward() -> None:
    night = hours("Europe/Kyiv", ["00:00", "06:00"])
    assert night.between(utc(2026, 3, 28, 20), utc(2026, 3, 29, 12)) == timedelta(hours=5)


def test_a_night_is_an_hour_longer_when_clocks_go_back() -> None:
    night = hours("Europe/Kyiv", ["00:00", "06:00"])
    assert night.between(utc(2026, 10, 24, 20), utc(2026, 10, 25, 12)) == timedelta(hours=7)


@pytest.mark.parametrize(
    ("interval", "minutes"),
    [
        (["03:30", "05:00"], 60),  # 03:00 to 04:00 are skipped: it opens with the jump
        (["02:00", "03:30"], 60),  # and closes with it
        (["03:10", "03:50"], 0),
        (["03:00", "04:00"], 0),
        (["02:30", "04:30"], 60),
    ],
)
def test_an_edge_in_a_skipped_hour_is_the_jump(interval: list[str], minutes: int) -> None:
    spring = hours("Europe/Kyiv", interval)
    assert (spring.between(utc(2026, 3, 28, 22), utc(2026, 3, 29, 12)) or timedelta()) == minutes * MINUTE


@pytest.mark.parametrize(
    ("interval", "minutes"),
    [
        (["03:30", "05:00"], 150),  # 03:00 to 04:00 come twice: it opens in the first
        (["02:00", "03:30"], 150),  # and closes in the last
        (["03:10", "03:20"], 70),
        (["02:00", "03:00"], 120),
        (["04:00", "05:00"], 60),
    ],
)
def test_a_repeated_hour_opens_at_its_first_and_closes_at_its_last_occurrence(
    interval: list[str], minutes: int
) -> None:
    autumn = hours("Europe/Kyiv", interval)
    assert autumn.between(utc(2026, 10, 24, 21), utc(2026, 10, 25, 12)) == minutes * MINUTE


def test_half_an_hour_is_skipped_on_lord_howe() -> None:
    spring = hours("Australia/Lord_Howe", ["02:10", "03:00"])
    assert spring.between(utc(2026, 10, 3, 12), utc(2026, 10, 4, 0)) == 30 * MINUTE
    assert spring.is_open(utc(2026, 10, 3, 15, 30))


def test_a_skipped_midnight_is_the_jump() -> None:
    beirut = hours("Asia/Beirut", ["00:00", "02:00"], ["23:00", "24:00"])
    assert beirut.between(utc(2022, 3, 26, 20), utc(2022, 3, 27, 2)) == timedelta(hours=2)


def test_a_day_that_never_was_has_no_opening() -> None:
    apia = hours("Pacific/Apia", ["09:00", "17:00"])
    assert apia.between(utc(2011, 12, 29, 10), utc(2011, 12, 31, 10)) == timedelta(hours=16)


def test_the_ends_of_the_calendar_are_within_reach() -> None:
    always = hours("Pacific/Kiritimati", ["00:00", "24:00"])
    assert always.is_open(utc(9999, 12, 28)) is True
    assert always.between(datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)) is None
    assert always.between(datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)) is None


def test_other_offsets_mean_the_same_instants() -> None:
    daily = hours("Europe/Kyiv", ["09:00", "18:00"])
    kyiv = ZoneInfo("Europe/Kyiv")
    start, end = datetime(2026, 3, 2, 8, tzinfo=kyiv), datetime(2026, 3, 2, 10, tzinfo=kyiv)
    assert daily.between(start, end) == daily.between(start.astimezone(UTC), end.astimezone(UTC)) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"timezone": "Europe/Kiew"}, "timezone: 'Europe/Kiew' is not a known time zone"),
        ({"timezone": "Europe"}, "timezone: 'Europe' is not a known time zone"),
        ({"timezone": "../../etc/passwd"}, "timezone: "),
        ({"timezone": ""}, "timezone: '' is not a known time zone"),
        ({"timezone": 2}, "timezone: 2 is not a known time zone"),
        ({"timezone": None}, "timezone: opening hours need a time zone"),
        ({"hours": []}, "hours: must be an object"),
        ({"hours": {"monday": []}}, "hours.monday: is not a weekday; did you mean mon?"),
        ({"hours": {"x": []}}, "hours.x: is not a weekday; the weekdays are"),
        ({"hours": {"mon": None}}, "hours.mon: must be a list of intervals"),
        ({"hours": {"mon": ["09:00", "18:00"]}}, "hours.mon[0]: must be an opening and a closing time"),
        ({"hours": {"mon": [["09:00"]]}}, "hours.mon[0]: must be an opening and a closing time"),
        ({"hours": {"mon": [["09:00", "25:00"]]}}, "hours.mon[0][1]: '25:00' is not a time of day"),
        ({"hours": {"mon": [["9:00", "18:00"]]}}, "hours.mon[0][0]: '9:00' is not a time of day"),
        ({"hours": {"mon": [["09:00", "24:01"]]}}, "hours.mon[0][1]: '24:01' is not a time of day"),
        ({"hours": {"mon": [["09:60", "18:00"]]}}, "hours.mon[0][0]: '09:60' is not a time of day"),
        ({"hours": {"mon": [[9, 18]]}}, "hours.mon[0][0]: 9 is not a time of day"),
        (
            {"hours": {"tue": [["09:00", "10:00"], ["22:00", "02:00"]]}},
            "hours.tue[1]: closes at 02:00, which is not after",
        ),
        ({"hours": {"mon": [["09:00", "09:00"]]}}, "hours.mon[0]: closes at 09:00, which is not after 09:00"),
        ({"closed": "2026-03-09"}, "closed: must be a list"),
        ({"closed": ["2026-03-09", "2026-02-30"]}, "closed[1]: '2026-02-30' is not a date"),
        ({"closed": [20260309]}, "closed[0]: 20260309 is not a date"),
        ({"closed": ["20260309"]}, "closed[0]: '20260309' is not a date"),
    ],
)
def test_unreadable_hours_are_refused_with_their_place(members: dict[str, Any], sentence: str) -> None:
    readable: dict[str, Any] = {"hours": {"mon": [["09:00", "18:00"]]}, "closed": [], "timezone": "Europe/Kyiv"}
    with pytest.raises(OpeningHoursMistake) as mistake:
        parse_opening_hours(**{**readable, **members})
    assert str(mistake.value).startswith(sentence)


def test_no_hours_are_no_opening_hours_but_the_rest_must_be_readable() -> None:
    assert parse_opening_hours(hours=None, closed=None, timezone=None) is None
    assert parse_opening_hours(hours=None, closed=["2026-03-09"], timezone="Europe/Kyiv") is None
    with pytest.raises(OpeningHoursMistake):
        parse_opening_hours(hours=None, closed=None, timezone="Mars/Olympus")


def test_an_empty_week_is_always_closed() -> None:
    never = parse_opening_hours(hours={}, closed=None, timezone="Europe/Kyiv")
    assert never is not None
    assert never.between(utc(2026, 1, 1), utc(2027, 1, 1)) is None


def _local_text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


intervals = st.lists(
    st.lists(st.integers(0, 96).map(lambda quarter: quarter * 15), min_size=2, max_size=2, unique=True).map(sorted),
    min_size=1,
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    day=st.sampled_from(TURNS),
    daily=intervals,
    closed_after=st.one_of(st.none(), st.integers(-1, 2)),
    span=st.tuples(st.integers(-2000, 2000), st.integers(0, 4000)),
)
def test_business_time_is_what_counting_minutes_gives(
    zone: str, day: date, daily: list[list[int]], closed_after: int | None, span: tuple[int, int]
) -> None:
    start, length = span
    closed = frozenset() if closed_after is None else frozenset({day + timedelta(days=closed_after)})
    opening_hours = hours(
        zone, *([_local_text(opens), _local_text(closes)] for opens, closes in daily), closed=tuple(map(str, closed))
    )
    begin = datetime.combine(day, datetime.min.time(), tzinfo=UTC) + start * MINUTE
    minutes = [begin + offset * MINUTE for offset in range(length)]
    is_open = _open_minutes(ZoneInfo(zone), day, daily, closed)
    counted = sum(minute in is_open for minute in minutes)
    expected = counted * MINUTE if counted or (length == 0 and begin in is_open) else None
    assert opening_hours.between(begin, begin + length * MINUTE) == expected


def _open_minutes(zone: ZoneInfo, day: date, daily: list[list[int]], closed: frozenset[date]) -> set[datetime]:
    """The open minutes of the days around `day`, found by reading the wall clock of every minute."""
    first = datetime.combine(day - timedelta(days=4), datetime.min.time(), tzinfo=UTC)
    clock = [(first + minute * MINUTE) for minute in range(9 * 24 * 60)]
    wall = [instant.astimezone(zone).replace(tzinfo=None, fold=0) for instant in clock]
    shown: dict[datetime, list[int]] = {}
    for position, time in enumerate(wall):
        shown.setdefault(time, []).append(position)

    def edge(local: datetime, which: int) -> int:
        if local in shown:
            return shown[local][which]
        return next(position for position, time in enumerate(wall) if time > local)

    found: set[datetime] = set()
    for offset in range(-3, 4):
        local_day = day + timedelta(days=offset)
        if local_day not in closed:
            midnight = datetime.combine(local_day, datetime.min.time())
            for opens, closes in daily:
                found.update(clock[edge(midnight + opens * MINUTE, 0) : edge(midnight + closes * MINUTE, -1)])
    return found


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    day=st.sampled_from(TURNS),
    daily=intervals,
    closed_after=st.one_of(st.none(), st.integers(-1, 2)),
    asked=st.tuples(st.integers(-2000, 2000), st.integers(1, 600)),
)
def test_next_opening_and_open_time_from_now_are_what_counting_minutes_gives(
    zone: str, day: date, daily: list[list[int]], closed_after: int | None, asked: tuple[int, int]
) -> None:
    start, wanted = asked
    closed = frozenset() if closed_after is None else frozenset({day + timedelta(days=closed_after)})
    opening_hours = hours(
        zone, *([_local_text(opens), _local_text(closes)] for opens, closes in daily), closed=tuple(map(str, closed))
    )
    begin = datetime.combine(day, datetime.min.time(), tzinfo=UTC) + start * MINUTE
    open_minutes = sorted(minute for minute in _open_minutes(ZoneInfo(zone), day, daily, closed) if minute >= begin)
    if open_minutes:
        assert opening_hours.next_opening(begin) == open_minutes[0]
    if len(open_minutes) >= wanted:
        assert opening_hours.after(begin, wanted * MINUTE) == open_minutes[wanted - 1] + MINUTE


def test_the_next_opening_of_an_open_instant_is_that_instant() -> None:
    daily = hours("Europe/Kyiv", ["09:00", "18:00"])
    assert daily.next_opening(utc(2026, 3, 2, 10)) == utc(2026, 3, 2, 10)
    assert daily.next_opening(utc(2026, 3, 2, 16)) == utc(2026, 3, 3, 7)


def test_a_long_holiday_is_looked_over_and_a_team_that_never_comes_is_not_waited_for() -> None:
    january = tuple(str(date(2026, 1, 1) + timedelta(days=offset)) for offset in range(40))
    after_holidays = hours("UTC", ["09:00", "18:00"], closed=january)
    assert after_holidays.next_opening(utc(2026, 1, 1)) == utc(2026, 2, 10, 9)
    assert after_holidays.after(utc(2026, 1, 1), timedelta(hours=10)) == utc(2026, 2, 11, 10)
    never = parse_opening_hours(hours={}, closed=None, timezone="Europe/Kyiv")
    assert never is not None
    assert never.next_opening(utc(2026, 1, 1)) is None
    assert never.after(utc(2026, 1, 1), MINUTE) is None


def test_public_holidays_of_a_country_are_closed_days_beside_ones_own() -> None:
    week = {name: [["09:00", "17:00"]] for name in WEEKDAYS}
    malaysia = parse_opening_hours(hours=week, closed=["2026-08-30"], timezone="Asia/Kuala_Lumpur", country="MY")
    assert malaysia is not None
    assert malaysia.next_opening(utc(2026, 8, 29, 10)) == utc(2026, 9, 1, 1), "31 August is Malaysia's national day"
    plain = parse_opening_hours(hours=week, closed=[], timezone="Asia/Kuala_Lumpur")
    assert plain is not None
    assert plain.next_opening(utc(2026, 8, 30, 10)) == utc(2026, 8, 31, 1)


@pytest.mark.parametrize("code", ["Ukraine", "XX", "MY-99", "", 7])
def test_a_country_without_a_calendar_is_refused(code: Any) -> None:
    with pytest.raises(OpeningHoursMistake, match=r"^holidays: "):
        parse_opening_hours(hours=None, closed=None, timezone="UTC", country=code)


def test_entered_hours_must_not_overlap_but_may_touch() -> None:
    refuse_overlaps({"mon": [["13:00", "18:00"], ["09:00", "13:00"]]})
    with pytest.raises(OpeningHoursMistake, match=r"hours\.tue: 09:00–13:00 and 12:00–18:00 overlap"):
        refuse_overlaps({"tue": [["12:00", "18:00"], ["09:00", "13:00"]]})
