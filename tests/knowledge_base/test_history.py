"""Versions of entries: each change keeps one, and any of them comes back."""

from typing import Any

from sqlalchemy import delete

from core.database import Database
from knowledge_base.models import EntryVersion
from tests.knowledge_base.conftest import Client

ENTRIES = "/api/v1/knowledge/entries"
HISTORY = "/api/v1/knowledge/history"
RESTORE = "/api/v1/knowledge/restore"


def body(answer: str = "Within 30 days.", **more: Any) -> dict[str, Any]:
    text = {"question": "Can I return it?", "phrasings": ["send it back"], "answer": answer, "buttons": []}
    return {"id": "returns", "status": "published", "tags": [], "translations": {"en": text}, **more}


async def versions(client: Client, entry: str = "returns") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.ask("agent", "GET", f"{HISTORY}/{entry}")).json()["items"]
    return found


async def test_every_change_is_kept_with_who_made_it_and_what_it_became(client: Client) -> None:
    await client.ask("editor", "POST", ENTRIES, json=body())
    await client.ask("manager", "PUT", f"{ENTRIES}/returns", json=body("Within 14 days.", version=1))
    await client.ask("admin", "DELETE", f"{ENTRIES}/returns")
    found = await versions(client)
    assert [(one["version"], one["change"], one["user"]) for one in found] == [
        (2, "deleted", "admin@shop.example"),
        (2, "edited", "manager@shop.example"),
        (1, "created", "editor@shop.example"),
    ]
    assert found[0]["content"] is None
    assert [one["content"]["translations"]["en"]["answer"] for one in found[1:]] == [
        "Within 14 days.",
        "Within 30 days.",
    ]


async def test_saving_the_same_again_keeps_no_version(client: Client) -> None:
    await client.ask("editor", "POST", ENTRIES, json=body())
    await client.ask("editor", "PUT", f"{ENTRIES}/returns", json=body())
    assert len(await versions(client)) == 1


async def test_an_earlier_version_and_a_deleted_entry_come_back(client: Client) -> None:
    await client.ask("editor", "POST", ENTRIES, json=body())
    await client.ask("editor", "PUT", f"{ENTRIES}/returns", json=body("Never."))
    first = (await versions(client))[-1]["id"]
    restored = await client.ask("editor", "POST", f"{RESTORE}/returns", json={"id": first, "version": 2})
    assert (restored.json()["version"], restored.json()["translations"]["en"]["answer"]) == (3, "Within 30 days.")
    await client.ask("editor", "DELETE", f"{ENTRIES}/returns")
    again = await client.ask("editor", "POST", f"{RESTORE}/returns", json={"id": first})
    assert again.status_code == 200
    assert (await client.ask("agent", "GET", f"{ENTRIES}/returns")).json()["tags"] == []
    assert [one["change"] for one in await versions(client)] == [
        "restored",
        "deleted",
        "restored",
        "edited",
        "created",
    ]


async def test_restoring_over_somebody_elses_change_is_refused_and_so_is_what_is_no_version(client: Client) -> None:
    await client.ask("editor", "POST", ENTRIES, json=body())
    await client.ask("editor", "PUT", f"{ENTRIES}/returns", json=body("Never."))
    first = (await versions(client))[-1]["id"]
    restore = f"{RESTORE}/returns"
    assert (await client.ask("editor", "POST", restore, json={"id": first, "version": 1})).status_code == 409
    assert (await client.ask("agent", "POST", restore, json={"id": first})).status_code == 403
    assert (await client.ask("editor", "POST", restore, json={"id": 999})).status_code == 404
    assert (await client.ask("editor", "POST", f"{RESTORE}/other", json={"id": first})).status_code == 404
    await client.ask("editor", "DELETE", f"{ENTRIES}/returns")
    gone = (await versions(client))[0]["id"]
    assert (await client.ask("editor", "POST", restore, json={"id": gone})).status_code == 422


async def test_what_an_entry_was_before_versions_were_kept_is_kept_with_its_first_change(
    client: Client, database: Database
) -> None:
    await client.ask("editor", "POST", ENTRIES, json=body())
    async with database.write() as session:
        await session.execute(delete(EntryVersion))
    assert await versions(client) == []
    await client.ask("editor", "PUT", f"{ENTRIES}/returns", json=body("Never."))
    assert [(one["version"], one["user"]) for one in await versions(client)] == [(2, "editor@shop.example"), (1, None)]
