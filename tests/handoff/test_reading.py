"""What is read over REST: lists, pages, details (DESIGN.md section 4)."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from core.database import Database
from core.messages import ConversationStatus
from core.models import Conversation
from core.roles import Role
from handoff.cases import open_case
from tests.handoff.conftest import Desk, customer_message

Status = ConversationStatus


@contextmanager
def counted_statements(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def count(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", count)
    yield statements
    event.remove(database.engine.sync_engine, "before_cursor_execute", count)


async def test_a_listed_conversation_has_the_keys_of_the_contract(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation(Status.OPEN, owner=agent.actor)
    listed = (await agent.http.get("/api/v1/conversations")).json()
    assert listed["next"] is None
    (item,) = listed["items"]
    assert item["id"] == conversation_id
    assert item["status"] == "open"
    assert item["channel"] == "telegram"
    assert item["account"] == "main"
    assert item["contact"]["name"] == "Olha 1"
    assert item["assignee"] == {"id": agent.actor.id, "name": "The agent"}
    assert item["waiting_since"] == "2026-03-02T09:00:00Z"
    assert item["last_message"]["text"] == "Where is my parcel?"
    assert item["version"] == 1


async def test_pages_show_every_conversation_once_even_where_times_are_equal(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    made = set()
    for number in range(7):
        made.add(await desk.conversation())
        if number % 3 == 0:
            desk.clock.forward(minutes=1)
    seen: list[int] = []
    cursor = None
    while True:
        query = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await agent.http.get("/api/v1/conversations", params=query)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == 7
    assert set(seen) == made


async def test_status_and_channel_filter(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    waiting = await desk.conversation(Status.WAITING)
    await desk.conversation(Status.RESOLVED)

    async def ids(query: str) -> list[int]:
        return [item["id"] for item in (await agent.http.get(f"/api/v1/conversations?{query}")).json()["items"]]

    assert await ids("status=waiting") == [waiting]
    assert len(await ids("channel=telegram")) == 2
    assert await ids("channel=messenger") == []


def _cursor(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "query",
    [
        "status=sleeping",
        "channel=%00",
        "limit=0",
        "limit=201",
        "limit=many",
        "cursor=nonsense",
        "cursor=%FF%00",
        f"cursor={_cursor(['2026-03-02T09:00:00+00:00', '1'])}",
        f"cursor={_cursor(['2026-03-02T09:00:00+00:00', 10**30])}",
        f"cursor={_cursor(['9999-12-31T23:59:59-12:00', 1])}",
        f"cursor={_cursor({'at': 1})}",
        f"cursor={_cursor([[[]], 1])}",
    ],
)
async def test_a_query_nobody_can_mean_is_422_and_a_problem(desk: Desk, query: str) -> None:
    agent = await desk.person(Role.AGENT)
    answer = await agent.http.get(f"/api/v1/conversations?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 422
    assert answer.json()["detail"]


@pytest.mark.parametrize("identity", ["0", "-1", "999999", "abc", "99999999999999999999", "1.5", "%D9%A1", "1%00"])
async def test_an_unknown_id_is_404_whatever_it_looks_like(desk: Desk, identity: str) -> None:
    agent = await desk.person(Role.AGENT)
    for path in ("", "/messages"):
        answer = await agent.http.get(f"/api/v1/conversations/{identity}{path}")
        assert answer.status_code == 404, answer.text
        assert answer.json()["title"] == "Not Found"
    assert (await agent.http.post(f"/api/v1/conversations/{identity}/claim")).status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/conversations?limit=200", "/api/v1/conversations/1/messages?limit=200"])
async def test_a_page_takes_the_same_number_of_statements_whatever_its_size(desk: Desk, path: str) -> None:
    agent = await desk.person(Role.AGENT)
    other = await desk.person(Role.AGENT)
    first = await desk.conversation()
    await agent.http.post(f"/api/v1/conversations/{first}/messages", json={"text": "Hello"})
    with counted_statements(desk.database) as small:
        assert (await agent.http.get(path)).status_code == 200
    for number in range(20):
        made = await desk.conversation(texts=("one", "two"))
        owner = agent if number % 2 else other
        await owner.http.post(f"/api/v1/conversations/{made}/messages", json={"text": "Hello"})
        await agent.http.post(f"/api/v1/conversations/{first}/messages", json={"text": "More"})
    with counted_statements(desk.database) as large:
        answer = await agent.http.get(path)
    assert len(answer.json()["items"]) > 20
    assert len(large) == len(small) <= 4


async def test_messages_come_oldest_first_and_page_back_to_the_beginning(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation(texts=tuple(f"message {number}" for number in range(7)))
    path = f"/api/v1/conversations/{conversation_id}/messages"
    newest = (await agent.http.get(path, params={"limit": 3})).json()
    assert [item["text"] for item in newest["items"]] == ["message 4", "message 5", "message 6"]
    older = (await agent.http.get(path, params={"limit": 3, "before": newest["next"]})).json()
    oldest = (await agent.http.get(path, params={"limit": 3, "before": older["next"]})).json()
    assert [item["text"] for item in [*oldest["items"], *older["items"]]] == [f"message {n}" for n in range(4)]
    assert oldest["next"] is None
    foreign = await desk.conversation()
    refused = await agent.http.get(f"/api/v1/conversations/{foreign}/messages", params={"before": newest["next"]})
    assert refused.status_code == 422


async def test_attachments_never_show_the_platforms_address_or_handle(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation()
    digest = "ab" * 32
    attachment = {
        "kind": "picture",
        "reference": "SECRET-file-id",
        "url": "https://api.telegram.org/file/botSECRET/x.png",
        "name": "x.png",
        "details": {"thumb": "https://cdn.example/SECRET", "width": 3},
        "stored": digest,
    }
    async with desk.database.write() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        session.add(customer_message(conversation, "", at=desk.clock(), attachments=[attachment]))
    answer = await agent.http.get(f"/api/v1/conversations/{conversation_id}/messages")
    assert "SECRET" not in answer.text
    shown = answer.json()["items"][-1]["attachments"][0]
    assert shown["url"] == f"/api/v1/files/{digest}"
    assert shown["details"] == {"width": 3}


async def test_the_detail_tells_why_a_person_was_fetched_and_what_the_bot_thought(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation(Status.BOT)
    candidate = {"entry": "parcel", "question": "Where is my parcel?", "confidence": 0.41, "language": "en"}
    async with desk.database.write() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        await open_case(
            session,
            conversation,
            reason="low_confidence",
            priority=1,
            candidates=[candidate],
            question="wher parsel",
            language="en",
            at=desk.clock(),
        )
    detail = (await agent.http.get(f"/api/v1/conversations/{conversation_id}")).json()
    assert detail["status"] == "waiting"
    assert detail["case"]["reason"] == "low_confidence"
    assert detail["case"]["candidates"] == [candidate]
    assert detail["case"]["closed_at"] is None
