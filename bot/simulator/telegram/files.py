"""How files appear in Bot API objects: `file_id` to fetch, `file_unique_id` to tell them apart."""

from typing import Any

from bot.simulator.media import StoredFile

ID_PREFIX = "AgACAgIAAx"


def file_id_of(stored: StoredFile) -> str:
    return ID_PREFIX + stored.id


def store_key(file_id: str) -> str:
    return file_id.removeprefix(ID_PREFIX)


def file_fields(stored: StoredFile) -> dict[str, Any]:
    return {
        "file_id": file_id_of(stored),
        "file_unique_id": f"AQAD{stored.id}",
        "file_size": len(stored.data),
        "mime_type": stored.mime,
    }


def picture_sizes(stored: StoredFile) -> list[dict[str, Any]]:
    """Two sizes of one photo; the last is the largest."""
    fields = {key: value for key, value in file_fields(stored).items() if key != "mime_type"}
    small = {**fields, "file_unique_id": f"AQADs{stored.id}", "file_size": len(stored.data) // 4}
    return [{**small, "width": 90, "height": 62}, {**fields, "width": 320, "height": 220}]
