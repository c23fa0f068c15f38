"""A short stretch of simulated days keeps its promises about promises."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.simulated_days import ZONE, Week, live_through


@pytest.mark.timeout(300)
async def test_on_a_holiday_weekend_nobody_is_lost_and_the_silent_are_relieved(tmp_path: Path) -> None:
    """Good Friday (closed), Saturday (nobody until noon), Sunday (clocks go back, one agent silent)."""
    week = Week(
        begins=datetime(2026, 4, 4, 9, tzinfo=ZONE),
        ends=datetime(2026, 4, 5, 13, tzinfo=ZONE),
        burst_at=datetime(2026, 4, 5, 9, 30, tzinfo=ZONE),
        burst=12,
        seed=3,
    )
    found = await live_through(week, tmp_path)
    assert found.cases > week.burst
    assert found.promised + sum(found.unpromised.values()) == found.cases, "promised, or the reason why not"
    assert found.promised > 0
    assert found.rerouted > 0
    assert found.longest_unseen >= timedelta(hours=2), "nobody was online on Saturday until noon"
    assert found.report["handoff"]["requested"] == found.cases
    assert found.report["promises"]["made"] == found.promised
