from typing import Any

import pytest
from sqlalchemy import select

from core.messages import ConversationStatus
from core.models import AuditEntry, Conversation
from core.roles import Role
from handoff.models import Case
from handoff.routing.models import CaseRoute
from tests.handoff.conftest import Desk


async def test_a_team_is_kept_with_its_members_hours_and_level_and_noted_in_the_audit_log(desk: Desk) -> None:
    manager, agent = await desk.person(Role.MANAGER), await desk.person(Role.AGENT)
    new = {
        "name": "Kyiv",
        "languages": ["uk", "ru"],
        "channels": ["telegram"],
        "members": [agent.actor.id],
        "hours": {"hours": {"mon": [["09:00", "13:00"], ["14:00", "18:00"]]}, "closed": ["2026-03-09"]},
        "level": {"first_response_minutes": 15},
        "silent_minutes": 10,
    }
    made = await manager.http.post("/api/v1/teams", json=new)
    assert made.status_code == 201, made.text
    [team] = (await agent.http.get("/api/v1/teams")).json()["items"]
    assert team["hours"]["hours"] == new["hours"]["hours"]  # type: ignore[index]
    assert (team["members"], team["problem"]) == ([agent.actor.id], None)
    emptied = await manager.http.put(f"/api/v1/teams/{team['id']}", json={"name": "Kyiv"})
    assert emptied.json()["problem"] == "The team has no members: no case is given to it."
    assert (await manager.http.delete(f"/api/v1/teams/{team['id']}")).status_code == 204
    async with desk.database.read() as session:
        actions = list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["team.added", "team.changed", "team.removed"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"hours": {"hours": {"mon": [["09:00", "13:00"], ["12:00", "15:00"]]}}}, "hours.mon: 09:00–13:00 and"),
        ({"hours": {"hours": {"mon": [["18:00", "09:00"]]}}}, "hours.mon[0]: closes at 09:00"),
        ({"hours": {"hours": {}, "timezone": "Europe/Kiew"}}, "timezone: 'Europe/Kiew' is not a known time zone"),
        ({"hours": {"hours": {}, "holidays": "XX"}}, "holidays: 'XX' is not a country"),
        ({"members": [4711]}, "members: there is no active user 4711."),
        ({"languages": ["tlh"]}, "languages.0: "),
        ({"name": "   "}, "name: a team needs a name."),
        ({"silent_minutes": 0}, "silent_minutes: "),
        ({"level": {"first_response_minutes": -1}}, "level.first_response_minutes: "),
    ],
)
async def test_a_team_that_cannot_be_meant_is_refused_with_its_fault(
    desk: Desk, wrong: dict[str, Any], sentence: str
) -> None:
    manager = await desk.person(Role.MANAGER)
    refused = await manager.http.post("/api/v1/teams", json={"name": "Kyiv"} | wrong)
    assert refused.status_code == 422, refused.text
    assert refused.json()["detail"].startswith(sentence)
    assert (await manager.http.get("/api/v1/teams")).json()["items"] == []


async def test_two_teams_cannot_have_one_name(desk: Desk) -> None:
    manager = await desk.person(Role.MANAGER)
    assert (await manager.http.post("/api/v1/teams", json={"name": "Kyiv"})).status_code == 201
    assert (await manager.http.post("/api/v1/teams", json={"name": " Kyiv "})).status_code == 409


async def test_a_conversation_can_be_put_into_a_teams_queue(desk: Desk) -> None:
    manager, agent = await desk.person(Role.MANAGER), await desk.person(Role.AGENT)
    team = (await manager.http.post("/api/v1/teams", json={"name": "Kyiv", "members": [agent.actor.id]})).json()
    conversation_id = await desk.conversation(ConversationStatus.OPEN, owner=agent.actor)
    address = f"/api/v1/conversations/{conversation_id}/transfer"
    moved = await agent.http.post(address, json={"team_id": team["id"]})
    assert (moved.json()["status"], moved.json()["assignee"]) == ("waiting", None), moved.text
    assert moved.json()["team"] == {"id": team["id"], "name": "Kyiv"}
    async with desk.database.read() as session:
        route = (await session.scalars(select(CaseRoute))).one()
        case = await session.get_one(Case, route.case_id)
    assert (case.reason, route.team_id) == ("transferred", team["id"])
    for body in ({}, {"team_id": team["id"], "user_id": agent.actor.id}):
        assert (await agent.http.post(address, json=body)).status_code == 422
    assert (await agent.http.post(address, json={"team_id": 4711})).status_code == 404


async def test_nothing_can_be_put_into_the_queue_of_a_team_without_members(desk: Desk) -> None:
    manager = await desk.person(Role.MANAGER)
    team = (await manager.http.post("/api/v1/teams", json={"name": "Nobody"})).json()
    conversation_id = await desk.conversation(ConversationStatus.OPEN, owner=manager.actor)
    address = f"/api/v1/conversations/{conversation_id}/transfer"
    refused = await manager.http.post(address, json={"team_id": team["id"]})
    assert (refused.status_code, refused.json()["detail"]) == (409, "The team Nobody has no members.")
    async with desk.database.read() as session:
        kept = await session.get_one(Conversation, conversation_id)
    assert (kept.status, kept.assignee_id) == (ConversationStatus.OPEN, manager.actor.id)


async def test_presence_is_chosen_and_goes_away_by_itself(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)

    async def now() -> str:
        return str((await agent.http.get("/api/v1/availability")).json()["items"][0]["now"])

    assert await now() == "offline", "who never opened the desk is not there"
    await agent.http.post("/api/v1/availability/me", json={})
    assert await now() == "online"
    desk.clock.forward(minutes=11)
    assert await now() == "away"
    desk.clock.forward(minutes=60)
    assert await now() == "offline"
    await agent.http.post("/api/v1/availability/me", json={"chosen": "away"})
    assert await now() == "away"
    await agent.http.post("/api/v1/availability/me", json={})
    assert await now() == "away", "a sign of life changes no choice"


async def test_capacity_is_set_by_managers(desk: Desk) -> None:
    manager, agent = await desk.person(Role.MANAGER), await desk.person(Role.AGENT)
    address = f"/api/v1/availability/{agent.actor.id}"
    assert (await manager.http.put(address, json={"capacity": 2})).json()["capacity"] == 2
    assert (await manager.http.put(address, json={"capacity": -1})).status_code == 422
    assert (await agent.http.put(address, json={"capacity": 9})).status_code == 403
    assert (await manager.http.put("/api/v1/availability/4711", json={"capacity": 2})).status_code == 404
