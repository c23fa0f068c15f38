"""What agents know of a customer: fields, time zone, notes; and blocking him."""

import pytest

from core.messages import ConversationStatus
from core.models import Contact, Conversation
from core.roles import Role
from tests.handoff.conftest import Desk, Person


async def contact_of(desk: Desk, conversation_id: int) -> int:
    async with desk.database.read() as session:
        return (await session.get_one(Conversation, conversation_id)).contact_id


async def agent_and_contact(desk: Desk) -> tuple[Person, str]:
    agent = await desk.person(Role.AGENT)
    return agent, f"/api/v1/contacts/{await contact_of(desk, await desk.conversation())}"


async def test_the_card_shows_who_he_is_and_what_was_with_him_before(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation()
    await agent.http.put(f"/api/v1/conversations/{conversation_id}/tags", json={"tags": ["vip"]})
    card = (await agent.http.get(f"/api/v1/contacts/{await contact_of(desk, conversation_id)}")).json()
    assert card["handles"] == [{"channel": "telegram", "account": "main", "handle": None, "external_id": "customer-1"}]
    assert [(one["id"], one["tags"]) for one in card["conversations"]] == [(conversation_id, ["vip"])]
    assert (card["timezone"], card["fields"], card["notes"], card["blocked_at"]) == (None, [], [], None)


async def test_fields_have_the_names_that_managers_chose_and_keep_values_of_names_that_went(desk: Desk) -> None:
    agent, address = await agent_and_contact(desk)
    manager = await desk.person(Role.MANAGER)
    names = {"names": ["Order", " Company  name ", "Order"]}
    assert (await agent.http.put("/api/v1/contact-fields", json=names)).status_code == 403
    assert (await manager.http.put("/api/v1/contact-fields", json=names)).json()["names"] == ["Order", "Company name"]
    card = (await agent.http.put(address, json={"fields": {"Order": " 17 "}})).json()
    assert card["fields"] == [{"name": "Order", "value": "17"}, {"name": "Company name", "value": ""}]
    await manager.http.put("/api/v1/contact-fields", json={"names": ["Company name"]})
    card = (await agent.http.get(address)).json()
    assert card["fields"] == [{"name": "Company name", "value": ""}, {"name": "Order", "value": "17"}]
    card = (await agent.http.put(address, json={"fields": {"Order": ""}})).json()
    assert card["fields"] == [{"name": "Company name", "value": ""}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"timezone": "Mars/Phobos"},
        {"timezone": "../etc/passwd"},
        {"fields": {"Nobody made this": "x"}},
        {"fields": {"Order": "x" * 2001}},
        {"name": "Olha"},
    ],
)
async def test_what_cannot_be_known_is_refused_and_nothing_changes(desk: Desk, wrong: dict[str, object]) -> None:
    agent, address = await agent_and_contact(desk)
    manager = await desk.person(Role.MANAGER)
    await manager.http.put("/api/v1/contact-fields", json={"names": ["Order"]})
    before = (await agent.http.put(address, json={"timezone": "Europe/Kyiv", "fields": {"Order": "1"}})).json()
    assert (await agent.http.put(address, json=wrong)).status_code == 422
    assert (await agent.http.get(address)).json() == before


async def test_notes_stay_with_the_customer_and_are_deleted_by_their_author_or_a_manager(desk: Desk) -> None:
    agent, address = await agent_and_contact(desk)
    other, manager = await desk.person(Role.AGENT), await desk.person(Role.MANAGER)
    for text in ("First", "<b>Second</b>"):
        card = (await agent.http.post(f"{address}/notes", json={"text": text})).json()
    first, second = reversed(card["notes"])
    assert (first["text"], second["text"], second["user"]["name"]) == ("First", "<b>Second</b>", "The agent")
    assert (await agent.http.post(f"{address}/notes", json={"text": " "})).status_code == 422
    assert (await other.http.delete(f"{address}/notes/{first['id']}")).status_code == 403
    assert (await agent.http.delete(f"{address}/notes/{first['id']}")).status_code == 204
    assert (await manager.http.delete(f"{address}/notes/{second['id']}")).status_code == 204
    assert (await agent.http.delete(f"{address}/notes/{second['id']}")).status_code == 404


async def test_blocking_ends_his_case_and_leaves_somebody_elses_alone(desk: Desk) -> None:
    owner, other = await desk.person(Role.AGENT), await desk.person(Role.AGENT)
    conversation_id = await desk.conversation(ConversationStatus.OPEN, owner=owner.actor)
    contact_id = await contact_of(desk, conversation_id)
    assert (await other.http.post(f"/api/v1/contacts/{contact_id}/block")).status_code == 403
    async with desk.database.read() as session:
        assert (await session.get_one(Contact, contact_id)).blocked_at is None
    card = (await owner.http.post(f"/api/v1/contacts/{contact_id}/block")).json()
    assert card["blocked_at"] is not None
    assert [one["status"] for one in card["conversations"]] == ["resolved"]
    card = (await owner.http.post(f"/api/v1/contacts/{contact_id}/unblock")).json()
    assert card["blocked_at"] is None
