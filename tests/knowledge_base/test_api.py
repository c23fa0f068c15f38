from typing import Any

import pytest

from core.database import Database
from knowledge_base.pictures import read_picture, store_picture
from tests.knowledge_base.conftest import NOW, Client
from tests.knowledge_base.pictures_made import png

ENTRIES = "/api/v1/knowledge/entries"


def body(**more: Any) -> dict[str, Any]:
    translation = {
        "question": "Can I return it?",
        "phrasings": ["send it back"],
        "answer": "Within 30 days.",
        "buttons": [{"title": "Rules", "url": "https://shop.example", "payload": None}],
        "picture": None,
    }
    return {"id": "returns", "status": "published", "tags": ["orders"], "translations": {"en": translation}, **more}


async def test_an_entry_lives_from_creation_to_deletion(client: Client) -> None:
    created = await client.ask("editor", "POST", ENTRIES, json=body())
    assert created.status_code == 201
    expected = {**body(), "version": 1, "created_at": "2026-11-22T09:00:00Z", "updated_at": "2026-11-22T09:00:00Z"}
    assert created.json() == expected
    assert (await client.ask("agent", "GET", f"{ENTRIES}/returns")).json() == expected

    changed = await client.ask("editor", "PUT", f"{ENTRIES}/returns", json=body(status="draft", version=1))
    assert (changed.json()["status"], changed.json()["version"]) == ("draft", 2)
    listed = await client.ask("agent", "GET", ENTRIES)
    assert listed.json() == {"items": [changed.json()], "next": None}

    assert (await client.ask("editor", "DELETE", f"{ENTRIES}/returns")).status_code == 204
    assert (await client.ask("agent", "GET", f"{ENTRIES}/returns")).status_code == 404


async def test_what_was_read_can_be_sent_back_as_it_is(client: Client) -> None:
    created = (await client.ask("editor", "POST", ENTRIES, json=body(id="a/b c?"))).json()
    answered = await client.ask("editor", "PUT", f"{ENTRIES}/a/b%20c%3F", json=created)
    assert answered.json() == created


async def test_a_stale_version_is_answered_409_and_an_unknown_id_404(client: Client) -> None:
    await client.ask("editor", "POST", ENTRIES, json=body())
    await client.ask("editor", "PUT", f"{ENTRIES}/returns", json=body(tags=["x"], version=1))
    stale = await client.ask("editor", "PUT", f"{ENTRIES}/returns", json=body(tags=["y"], version=1))
    assert (stale.status_code, stale.headers["content-type"]) == (409, "application/problem+json")
    assert (await client.ask("editor", "DELETE", f"{ENTRIES}/returns?version=1")).status_code == 409
    assert (await client.ask("editor", "POST", ENTRIES, json=body())).status_code == 409
    assert (await client.ask("editor", "PUT", f"{ENTRIES}/nobody", json=body())).status_code == 404
    assert (await client.ask("editor", "DELETE", f"{ENTRIES}/nobody")).status_code == 404
    assert (await client.ask("agent", "GET", f"{ENTRIES}/returns")).json()["tags"] == ["x"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"id": ""}, "The id is empty."),
        ({"translations": {}}, "The entry has no text in any language."),
        ({"translations": {"de": {"question": "q", "answer": "a"}}}, "'de' is not a language of replydesk"),
        (
            {"translations": {"en": {"question": " ", "answer": ""}}},
            "en: The question is empty. en: The answer is empty.",
        ),
        ({"translations": {"en": {"question": "q"}}}, "translations.en.answer: Field required."),
        ({"translations": {"en": {"question": "q", "answer": "a", "picture": "x"}}}, "There is no stored picture 'x'."),
        ({"translations": {"en": {"question": "q", "answer": "a", "buttons": [{"title": "t"}]}}}, "needs either a url"),
        ({"status": "gone"}, "status: "),
    ],
)
async def test_mistakes_are_told_in_plain_sentences(client: Client, change: dict[str, Any], sentence: str) -> None:
    answered = await client.ask("editor", "POST", ENTRIES, json=body(**change))
    assert answered.status_code == 422
    assert sentence in answered.json()["detail"]
    assert (await client.ask("agent", "GET", ENTRIES)).json()["items"] == []


async def test_everybody_signed_in_reads_and_only_editors_and_above_write(client: Client) -> None:
    await client.ask("admin", "POST", ENTRIES, json=body())
    for role, writes in (("agent", False), ("editor", True), ("manager", True), ("admin", True)):
        assert (await client.ask(role, "GET", ENTRIES)).status_code == 200
        assert (await client.ask(role, "GET", f"{ENTRIES}/returns")).status_code == 200
        assert (await client.ask(role, "POST", ENTRIES, json=body(id=role))).status_code == (201 if writes else 403)
        assert (await client.ask(role, "PUT", f"{ENTRIES}/returns", json=body())).status_code == (
            200 if writes else 403
        )
        assert (await client.ask(role, "DELETE", f"{ENTRIES}/{role}")).status_code == (204 if writes else 403)
    assert (await client.http.get(ENTRIES)).status_code == 401
    assert (await client.http.post(ENTRIES, json=body(id="new"))).status_code == 401


async def test_pages_follow_each_other_by_cursor(client: Client) -> None:
    for identity in ("b", "a", "c"):
        await client.ask("editor", "POST", ENTRIES, json=body(id=identity))
    first = (await client.ask("agent", "GET", f"{ENTRIES}?limit=2")).json()
    second = (await client.ask("agent", "GET", f"{ENTRIES}?limit=2&cursor={first['next']}")).json()
    assert [item["id"] for item in first["items"] + second["items"]] == ["a", "b", "c"]
    assert second["next"] is None
    drafts = await client.ask("agent", "GET", f"{ENTRIES}?status=draft")
    assert drafts.json()["items"] == []


async def test_a_stored_picture_goes_with_an_answer(client: Client, database: Database) -> None:
    picture = read_picture(png(), name="chart.png")
    async with database.write() as session:
        await store_picture(session, picture, now=NOW)
    text = {"question": "q", "answer": "a", "picture": picture.digest}
    answered = await client.ask("editor", "POST", ENTRIES, json=body(translations={"en": text}))
    assert answered.json()["translations"]["en"]["picture"] == picture.digest
