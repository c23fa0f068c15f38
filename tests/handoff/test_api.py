"""What is written over REST: messages, owners, the brand; and stored files (DESIGN.md section 4)."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.messages import Author, ConversationStatus, EventKind, MessageState, Purpose
from core.models import Conversation, Event, Message, StoredFile
from core.roles import Role
from tests.handoff.conftest import Desk

Status = ConversationStatus


async def test_the_same_client_id_writes_once_and_answers_200_the_second_time(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation()
    path = f"/api/v1/conversations/{conversation_id}/messages"
    first = await agent.http.post(path, json={"text": "On its way!", "client_id": "k1"})
    second = await agent.http.post(path, json={"text": "On its way!", "client_id": "k1"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    async with desk.database.read() as session:
        stored = (await session.scalars(select(Message).where(Message.author == Author.AGENT))).all()
        conversation = await session.get_one(Conversation, conversation_id)
    assert [(one.state, one.purpose, one.client_id) for one in stored] == [(MessageState.PENDING, Purpose.REPLY, "k1")]
    assert conversation.status == Status.OPEN, "replying to a waiting conversation claims it"
    assert conversation.assignee_id == agent.actor.id
    assert conversation.waiting_since is None
    stranger = await desk.person(Role.AGENT)
    assert (await stranger.http.post(path, json={"text": "x", "client_id": "k1", "note": True})).status_code == 409


async def test_a_note_stays_in_the_desk_and_claims_nothing(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation()
    answer = await agent.http.post(
        f"/api/v1/conversations/{conversation_id}/messages", json={"text": "VIP", "note": True}
    )
    assert answer.status_code == 201
    assert (answer.json()["purpose"], answer.json()["state"]) == ("note", "handled")
    detail = (await agent.http.get(f"/api/v1/conversations/{conversation_id}")).json()
    assert detail["status"] == "waiting"
    assert detail["waiting_since"] is not None
    assert detail["last_message"]["text"] == "Where is my parcel?"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": "  \n "},
        {"text": "x" * 20_001},
        {"text": 5},
        {"text": "x", "client_id": ""},
        {"text": "x", "client_id": "k" * 65},
        {"text": "x", "client_id": "a\x00b"},
        {"text": "x", "author": "bot"},
        [],
        "x",
    ],
)
async def test_a_message_nobody_can_send_is_422_and_stores_nothing(desk: Desk, body: Any) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation(texts=())
    answer = await agent.http.post(f"/api/v1/conversations/{conversation_id}/messages", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    async with desk.database.read() as session:
        assert (await session.scalars(select(Message))).all() == []
        assert (await session.get_one(Conversation, conversation_id)).status == Status.WAITING


async def test_odd_characters_of_a_reply_are_stored_as_databases_can_take_them(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation()
    answer = await agent.http.post(
        f"/api/v1/conversations/{conversation_id}/messages",
        content=b'{"text": "a\\u0000b <script>\\ud83d\\ude00"}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.json()["text"] == "a\ufffdb <script>😀"


async def test_a_full_day_of_a_case_writes_its_events_and_bumps_the_version(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation()
    path = f"/api/v1/conversations/{conversation_id}"
    claimed = (await agent.http.post(f"{path}/claim", json={"version": 1})).json()
    assert (claimed["status"], claimed["version"]) == ("open", 2)
    until = (desk.clock() + timedelta(hours=1)).isoformat()
    snoozed = (await agent.http.post(f"{path}/snooze", json={"version": 2, "until": until})).json()
    assert (snoozed["status"], snoozed["snoozed_until"]) == ("snoozed", "2026-03-02T10:00:00Z")
    assert snoozed["assignee"]["id"] == agent.actor.id
    assert (await agent.http.post(f"{path}/release")).json()["status"] == "waiting"
    assert (await agent.http.post(f"{path}/claim")).json()["status"] == "open"
    assert (await agent.http.post(f"{path}/resolve")).json()["status"] == "resolved"
    back = (await agent.http.post(f"{path}/handback")).json()
    assert (back["status"], back["assignee"]) == ("bot", None)
    async with desk.database.read() as session:
        kinds = (await session.scalars(select(Event.kind).order_by(Event.id))).all()
    assert kinds == [
        EventKind.CLAIM,
        EventKind.SNOOZE,
        EventKind.RELEASE,
        EventKind.CLAIM,
        EventKind.RESOLVE,
        EventKind.HAND_BACK,
    ]


@pytest.mark.parametrize("action", ["claim", "release", "resolve", "handback", "snooze"])
async def test_a_stale_version_is_409_and_changes_nothing(desk: Desk, action: str) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation(Status.OPEN, owner=agent.actor)
    body = {"version": 7, "until": (desk.clock() + timedelta(hours=1)).isoformat()}
    if action != "snooze":
        del body["until"]
    answer = await agent.http.post(f"/api/v1/conversations/{conversation_id}/{action}", json=body)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    async with desk.database.read() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        assert (conversation.status, conversation.version) == (Status.OPEN, 1)
        assert (await session.scalars(select(Event))).all() == []


@pytest.mark.parametrize(
    "until",
    [None, "soon", "2026-03-02T10:00:00", "2026-03-02T08:00:00Z", "2036-03-02T08:00:00Z", "9999-12-31T23:59:59-14:00"],
)
async def test_a_snooze_without_a_sensible_end_is_422(desk: Desk, until: str | None) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation(Status.OPEN, owner=agent.actor)
    answer = await agent.http.post(f"/api/v1/conversations/{conversation_id}/snooze", json={"until": until})
    assert answer.status_code == 422, answer.text


async def test_of_many_who_claim_at_the_same_moment_one_wins_and_the_rest_get_409(desk: Desk) -> None:
    people = [await desk.person(Role.AGENT) for _ in range(6)]
    conversation_id = await desk.conversation()
    path = f"/api/v1/conversations/{conversation_id}/claim"
    answers = await asyncio.gather(*(person.http.post(path) for person in people))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5


async def test_the_same_send_ten_times_at_once_writes_one_message(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation()
    path = f"/api/v1/conversations/{conversation_id}/messages"
    sends = [agent.http.post(path, json={"text": "Hello", "client_id": "k"}) for _ in range(10)]
    answers = await asyncio.gather(*sends)
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


@pytest.mark.parametrize("action", ["release", "snooze"])
async def test_what_nobody_owns_can_neither_be_released_nor_snoozed(desk: Desk, action: str) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation()
    body = {"until": (desk.clock() + timedelta(hours=1)).isoformat()} if action == "snooze" else {}
    answer = await agent.http.post(f"/api/v1/conversations/{conversation_id}/{action}", json=body)
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("media_type", "content", "disposition", "told_type"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\nrest", "inline", "image/png"),
        ("image/png", b"<svg onload=alert(1)>", "attachment", "application/octet-stream"),
        ("image/svg+xml", b"<svg onload=alert(1)>", "attachment", "application/octet-stream"),
        ("text/html", b"<script>alert(1)</script>", "attachment", "application/octet-stream"),
    ],
)
async def test_a_stored_file_cannot_run_in_the_browser(
    desk: Desk, media_type: str, content: bytes, disposition: str, told_type: str
) -> None:
    agent = await desk.person(Role.AGENT)
    digest = "cd" * 32
    name = 'звіт"\r\nSet-Cookie: x.html'
    async with desk.database.write() as session:
        session.add(
            StoredFile(digest=digest, media_type=media_type, name=name, content=content, created_at=desk.clock())
        )
    answer = await agent.http.get(f"/api/v1/files/{digest}")
    assert answer.content == content
    assert answer.headers["content-disposition"].startswith(f"{disposition}; filename*=UTF-8''")
    assert answer.headers["content-type"] == told_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers
    assert (await desk.client().get(f"/api/v1/files/{digest}")).status_code == 401
    for unknown in ("unknown", "ef" * 32, "%00", "..%2F..%2Fetc%2Fpasswd"):
        assert (await agent.http.get(f"/api/v1/files/{unknown}")).status_code == 404


async def test_the_brand_is_read_by_all_and_refused_with_the_field_at_fault(desk: Desk) -> None:
    manager = await desk.person(Role.MANAGER)
    agent = await desk.person(Role.AGENT)
    assert (await agent.http.get("/api/v1/brand")).json()["episode_gap_hours"] == 24
    hours = {"mon": [["09:00", "13:00"], ["14:00", "18:00"]]}
    changes = {"name": "Nova", "timezone": "Europe/Kyiv", "hours": hours, "closed": ["2026-03-09"]}
    assert (await manager.http.put("/api/v1/brand", json=changes)).status_code == 200
    kept = (await agent.http.get("/api/v1/brand")).json()
    assert (kept["name"], kept["hours"], kept["closed"]) == ("Nova", hours, ["2026-03-09"])
    for wrong, begins in [
        ({"timezone": "Europe/Kiyv"}, "timezone"),
        ({"hours": {"monday": []}}, "hours.monday"),
        ({"hours": {"\ud800": []}}, "hours."),
        ({"\ud800": 1}, "\ufffd"),
        ({"hours": {"mon": [["18:00", "09:00"]]}}, "hours.mon[0]"),
        ({"closed": ["9 March"]}, "closed[0]"),
        ({"languages": []}, "languages"),
        ({"colour": "red"}, "colour"),
        ({"badge_rate": 2}, "badge_rate"),
    ]:
        answer = await manager.http.put(
            "/api/v1/brand", content=json.dumps(wrong), headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 422, answer.text
        assert answer.json()["detail"].startswith(begins), answer.json()
    assert (await agent.http.get("/api/v1/brand")).json() == kept
