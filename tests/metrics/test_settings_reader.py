from pathlib import Path

import pytest

from metrics.fields import TimelineMistake
from metrics.settings import MetricsSettings
from metrics.settings_reader import SETTING_NAMES, read_settings

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_without_settings_the_defaults_of_the_law_hold() -> None:
    defaults = {
        "episode_gap_hours": 24,
        "response_deadline_hours": 24,
        "badge_answer_hours": 24,
        "badge_window_days": 30,
        "badge_minimum": 10,
        "badge_fastest_share": 0.9,
        "badge_rate": 0.9,
        "badge_time_minutes": 15,
        "badge_recent_days": 7,
    }
    assert read_settings(None) == read_settings({}) == read_settings(defaults) == MetricsSettings()
    assert set(defaults) == set(SETTING_NAMES)


def test_the_place_of_the_fault_is_the_callers() -> None:
    with pytest.raises(TimelineMistake, match=r"^metrics\.badge_rate: 'high' is not a number\.$"):
        read_settings({"badge_rate": "high"}, place="metrics")


def test_the_page_for_managers_names_every_setting() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in SETTING_NAMES if f"`{name}`" not in page] == []
