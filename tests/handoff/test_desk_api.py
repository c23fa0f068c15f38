"""What the desk's screen asks for: whole threads, the inbox in order, drafts, tags, canned replies, who is there."""

from datetime import timedelta

from sqlalchemy import select

from core.messages import Author, ConversationStatus, MessageState
from core.models import Message
from core.roles import Role
from handoff.models import Draft
from tests.handoff.conftest import Desk

API = "/api/v1/conversations"


async def test_the_longest_wait_stands_first_page_by_page(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    waiting = []
    for _ in range(5):
        waiting.append(await desk.conversation())
        desk.clock.forward(minutes=3)
    seen: list[int] = []
    cursor = ""
    while cursor is not None:
        query = {"view": "waiting", "order": "wait", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await agent.http.get(API, params=query)).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert seen == waiting


async def test_mine_holds_what_i_own_and_counts_agree(desk: Desk) -> None:
    agent, other = await desk.person(Role.AGENT), await desk.person(Role.AGENT)
    mine = await desk.conversation(ConversationStatus.OPEN, owner=agent.actor)
    await desk.conversation(ConversationStatus.OPEN, owner=other.actor)
    await desk.conversation(ConversationStatus.RESOLVED)
    found = (await agent.http.get(API, params={"view": "mine"})).json()["items"]
    assert [one["id"] for one in found] == [mine]
    assert (await agent.http.get(f"{API}/counts")).json() == {"mine": 1, "waiting": 0, "all": 3}


async def test_a_thread_comes_in_one_answer_with_ones_own_draft(desk: Desk) -> None:
    agent, other = await desk.person(Role.AGENT), await desk.person(Role.AGENT)
    one = await desk.conversation(texts=("First", "Second"))
    kept = await agent.http.put(f"{API}/{one}/draft", json={"text": "Dear Olha", "note": True})
    assert kept.status_code == 200
    thread = (await agent.http.get(f"{API}/{one}/thread")).json()
    assert [message["text"] for message in thread["messages"]["items"]] == ["First", "Second"]
    assert thread["draft"] == {"text": "Dear Olha", "note": True}
    assert (await other.http.get(f"{API}/{one}/thread")).json()["draft"] is None


async def test_a_sent_reply_forgets_the_draft(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    one = await desk.conversation()
    await agent.http.put(f"{API}/{one}/draft", json={"text": "Dear Olha"})
    await agent.http.post(f"{API}/{one}/messages", json={"text": "Dear Olha, yes."})
    async with desk.database.read() as session:
        assert (await session.scalars(select(Draft))).all() == []


async def test_read_is_each_agents_own_and_ends_with_the_next_message(desk: Desk) -> None:
    agent, other = await desk.person(Role.AGENT), await desk.person(Role.AGENT)
    one = await desk.conversation()
    assert (await agent.http.get(f"{API}/{one}")).json()["unread"] is True
    assert (await agent.http.put(f"{API}/{one}/read")).status_code == 204
    assert (await agent.http.get(f"{API}/{one}")).json()["unread"] is False
    assert (await other.http.get(f"{API}/{one}")).json()["unread"] is True


async def test_a_held_reply_waits_and_a_note_does_not(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    one = await desk.conversation()
    held = await agent.http.post(f"{API}/{one}/messages", json={"text": "Yes", "hold_seconds": 5})
    assert held.json()["sendable_at"] is not None
    note = await agent.http.post(f"{API}/{one}/messages", json={"text": "Hm", "note": True, "hold_seconds": 5})
    assert note.json()["sendable_at"] is None
    async with desk.database.read() as session:
        stored = (await session.scalars(select(Message).where(Message.author == Author.AGENT))).all()
    assert [message.next_attempt_at for message in stored] == [desk.clock() + timedelta(seconds=5), None]
    assert stored[0].state == MessageState.PENDING


async def test_a_transfer_makes_the_other_the_owner(desk: Desk) -> None:
    agent, other = await desk.person(Role.AGENT), await desk.person(Role.AGENT)
    one = await desk.conversation(ConversationStatus.OPEN, owner=agent.actor)
    moved = await agent.http.post(f"{API}/{one}/transfer", json={"user_id": other.actor.id})
    assert moved.json()["assignee"]["id"] == other.actor.id
    again = await agent.http.post(f"{API}/{one}/transfer", json={"user_id": agent.actor.id})
    assert again.status_code == 403
    assert (await other.http.post(f"{API}/{one}/transfer", json={"user_id": 4711})).status_code == 404


async def test_tags_are_cleaned_and_can_be_filtered_by(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    one = await desk.conversation()
    await desk.conversation()
    tagged = await agent.http.put(f"{API}/{one}/tags", json={"tags": [" vip ", "vip", "late  parcel", ""]})
    assert tagged.json()["tags"] == ["late parcel", "vip"]
    found = (await agent.http.get(API, params={"tag": "vip"})).json()["items"]
    assert [item["id"] for item in found] == [one]
    assert (await agent.http.put(f"{API}/{one}/tags", json={"tags": ["x" * 41]})).status_code == 422


async def test_canned_replies_have_one_shortcut_each_and_need_words(desk: Desk) -> None:
    editor, agent = await desk.person(Role.EDITOR), await desk.person(Role.AGENT)
    made = await editor.http.post(
        "/api/v1/canned-replies", json={"shortcut": "/Hello", "texts": {"en": "Hi {customer}"}}
    )
    assert (made.status_code, made.json()["shortcut"]) == (201, "hello")
    twice = await editor.http.post("/api/v1/canned-replies", json={"shortcut": "hello", "texts": {"en": "Hi"}})
    assert twice.status_code == 409
    for wrong in (
        {"shortcut": "a b", "texts": {"en": "x"}},
        {"shortcut": "a", "texts": {}},
        {"shortcut": "a", "texts": {"xx": "x"}},
    ):
        assert (await editor.http.post("/api/v1/canned-replies", json=wrong)).status_code == 422
    assert len((await agent.http.get("/api/v1/canned-replies")).json()["items"]) == 1


async def test_others_see_who_looks_and_who_types_until_he_leaves(desk: Desk) -> None:
    agent, other = await desk.person(Role.AGENT), await desk.person(Role.AGENT)
    path = f"{API}/{await desk.conversation()}/presence"
    await agent.http.post(path, json={"typing": True})
    seen = (await other.http.post(path, json={})).json()["items"]
    assert [(one["id"], one["typing"]) for one in seen] == [(agent.actor.id, True)]
    desk.clock.forward(seconds=10)
    assert (await other.http.get(path)).json()["items"][0]["typing"] is False
    await agent.http.post(path, json={"leaving": True})
    assert (await other.http.get(path)).json()["items"] == []


async def test_the_last_administrator_keeps_the_role(desk: Desk) -> None:
    admin = await desk.person(Role.ADMIN)
    answer = await admin.http.put(f"/api/v1/users/{admin.actor.id}", json={"role": "agent"})
    assert answer.status_code == 422
