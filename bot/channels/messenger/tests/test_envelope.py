"""Splitting: every level is walked, and every key repeats with its event only."""

import json
from typing import Any

from bot.channels.messenger.envelope import split


def batch(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"object": "page", "entry": list(entries)}).encode()


def message(mid: str, **more: Any) -> dict[str, Any]:
    return {
        "sender": {"id": "5"},
        "recipient": {"id": "1"},
        "timestamp": 1795000000000,
        "message": {"mid": mid, **more},
    }


def test_every_event_of_every_entry_and_drawer_is_an_item() -> None:
    body = batch(
        {"id": "1", "time": 1, "messaging": [message("a"), message("b")]},
        {"id": "1", "time": 1, "standby": [message("c")], "changes": [{"field": "feed", "value": {}}], "messaging": []},
        {"id": "1", "time": 1},
    )
    assert [item.body["drawer"] for item in split(body)] == ["messaging", "messaging", "standby", "changes", "entry"]


def test_a_repeat_has_the_same_key_even_in_another_batch() -> None:
    reaction = {**message("x"), "reaction": {"mid": "a", "action": "react", "emoji": "!"}}
    del reaction["message"]
    first = split(batch({"id": "1", "time": 1, "messaging": [message("a"), reaction]}))
    again = split(
        batch({"id": "1", "time": 999, "messaging": [reaction]}, {"id": "1", "time": 7, "messaging": [message("a")]})
    )
    assert {item.dedup_key for item in first} == {item.dedup_key for item in again}
    assert first[0].dedup_key == "mid:a"


def test_a_deletion_an_echo_and_a_copy_on_standby_are_not_the_message() -> None:
    entry = {
        "messaging": [message("a"), message("a", is_deleted=True), message("a", is_echo=True)],
        "standby": [message("a")],
    }
    keys = [item.dedup_key for item in split(batch({"id": "1", "time": 1, **entry}))]
    assert len(set(keys)) == 4


def test_the_same_event_of_another_page_is_another_event() -> None:
    read = {"sender": {"id": "5"}, "read": {"watermark": 1795000000000}}
    keys = [
        item.dedup_key for item in split(batch(*({"id": page, "time": 1, "messaging": [read]} for page in ("1", "2"))))
    ]
    assert len(set(keys)) == 2


def test_a_very_long_mid_is_digested() -> None:
    [item] = split(batch({"id": "1", "time": 1, "messaging": [message("m" * 230)]}))
    assert item.dedup_key.startswith("digest:")
    assert len(item.dedup_key) < 100


def test_a_drawer_that_is_no_list_is_kept_as_one_thing() -> None:
    [item] = split(batch({"id": "1", "time": 1, "messaging": message("a")}))
    assert item.dedup_key == "mid:a"


def test_a_time_before_messenger_gives_way_to_the_entrys() -> None:
    early = {**message("a"), "timestamp": 2222222}
    [item] = split(batch({"id": "1", "time": 1795000000000, "messaging": [early]}))
    assert item.at is not None
    assert item.at.year == 2026


def test_deep_nesting_inside_an_event_becomes_a_foreign_body() -> None:
    deep: Any = []
    for _ in range(500):
        deep = [deep]
    [item] = split(batch({"id": "1", "time": 1, "messaging": [message("a", nested=deep)]}))
    assert item.body["drawer"] == "body"
    assert isinstance(item.body["event"], str)
