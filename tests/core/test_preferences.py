"""The brand: what may be set, and that it stays."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.database import Database
from core.errors import UserMistake
from core.preferences import Brand, load_brand, save_brand


async def test_what_is_saved_is_loaded_and_unset_things_have_the_documented_defaults(database: Database) -> None:
    async with database.read() as session:
        assert await load_brand(session) == Brand()
    changed = Brand().with_changes(
        {
            "name": " Nova ",
            "languages": ["uk", "en"],
            "default_language": "uk",
            "badge_rate": 0.8,
            "sensitive_words": [" recall "],
        }
    )
    async with database.write() as session:
        await save_brand(session, changed)
    async with database.read() as session:
        loaded = await load_brand(session)
    assert loaded == changed
    assert (loaded.name, loaded.languages, loaded.default_language) == ("Nova", ("uk", "en"), "uk")
    assert (loaded.sensitive_words, loaded.harmless_words) == (("recall",), ())
    assert loaded.metrics_settings()["badge_rate"] == 0.8
    assert loaded.metrics_settings()["episode_gap_hours"] == 24


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"name": 5},
        {"name": "a\x00"},
        {"languages": []},
        {"languages": ["en", "en"]},
        {"languages": ["en", "fr"]},
        {"languages": "en"},
        {"languages": [[]]},
        {"default_language": "fr"},
        {"languages": ["uk"]},
        {"timezone": "Mars"},
        {"timezone": "../etc/passwd"},
        {"timezone": ""},
        {"timezone": None},
        {"hours": []},
        {"closed": "2026-03-09"},
        {"episode_gap_hours": 0},
        {"episode_gap_hours": True},
        {"episode_gap_hours": "24"},
        {"response_deadline_hours": float("nan")},
        {"badge_minimum": 2.5},
        {"max_wrong_answer_rate": 0.6},
        {"sensitive_words": "recall"},
        {"sensitive_words": [""]},
        {"harmless_words": [5]},
        {"harmless_words": ["x" * 101]},
        {"slogan": "x"},
    ],
)
def test_a_wrong_value_is_refused_with_its_name(changes: dict[str, Any]) -> None:
    name = "default_language" if changes == {"languages": ["uk"]} else next(iter(changes))
    with pytest.raises(UserMistake, match=f"^{name}: "):
        Brand().with_changes(changes)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(Brand().to_json())) | st.text(max_size=5), json_values, max_size=3))
def test_whatever_json_comes_it_is_taken_or_refused_and_never_breaks(changes: dict[str, Any]) -> None:
    try:
        brand = Brand().with_changes(changes)
    except UserMistake:
        return
    assert Brand().with_changes(brand.to_json()) == brand
