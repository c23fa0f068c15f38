"""Every route for every role and owner: generated from the application itself, so that a new route must take a stand."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from core.messages import ConversationStatus
from core.models import Conversation, StoredFile
from core.roles import GRANTS, Permission, Role
from handoff.automations.models import Automation
from handoff.models import CannedReply, ContactNote
from handoff.teams.models import Team
from handoff.webhooks.models import Webhook
from tests.handoff.conftest import Desk, Person
from tests.knowledge_base.pictures_made import png

ANYBODY = "anybody signed in"
CONVERSATION = "/api/v1/conversations/{conversation_id}"
CONTACT = "/api/v1/contacts/{contact_id}"
STANDS: dict[tuple[str, str], Permission | str] = {
    ("GET", "/api/v1/me"): ANYBODY,
    ("GET", "/api/v1/tokens"): ANYBODY,
    ("POST", "/api/v1/tokens"): ANYBODY,
    ("DELETE", "/api/v1/tokens/{token_id}"): ANYBODY,
    ("GET", "/api/v1/roles"): ANYBODY,
    ("GET", "/api/v1/me/sessions"): ANYBODY,
    ("DELETE", "/api/v1/me/sessions/{session_id}"): ANYBODY,
    ("POST", "/api/v1/me/sessions/end"): ANYBODY,
    ("PUT", "/api/v1/me/password"): ANYBODY,
    ("GET", "/api/v1/me/second-factor"): ANYBODY,
    ("POST", "/api/v1/me/second-factor"): ANYBODY,
    ("PUT", "/api/v1/me/second-factor"): ANYBODY,
    ("POST", "/api/v1/me/second-factor/off"): ANYBODY,
    ("POST", "/api/v1/users/{user_id}/password-link"): Permission.MANAGE_USERS,
    ("DELETE", "/api/v1/users/{user_id}/second-factor"): Permission.MANAGE_USERS,
    ("GET", "/api/v1/audit"): Permission.READ_AUDIT,
    ("GET", "/api/v1/audit.csv"): Permission.READ_AUDIT,
    ("GET", "/api/v1/users"): Permission.MANAGE_USERS,
    ("POST", "/api/v1/users"): Permission.MANAGE_USERS,
    ("POST", "/api/v1/users/{user_id}/deactivate"): Permission.MANAGE_USERS,
    ("GET", "/api/v1/conversations"): Permission.ANSWER,
    ("GET", CONVERSATION): Permission.ANSWER,
    ("GET", f"{CONVERSATION}/messages"): Permission.ANSWER,
    ("POST", f"{CONVERSATION}/messages"): Permission.ANSWER,
    ("POST", f"{CONVERSATION}/claim"): Permission.ANSWER,
    ("POST", f"{CONVERSATION}/release"): Permission.ANSWER,
    ("POST", f"{CONVERSATION}/resolve"): Permission.ANSWER,
    ("POST", f"{CONVERSATION}/snooze"): Permission.ANSWER,
    ("POST", f"{CONVERSATION}/handback"): Permission.ANSWER,
    ("PUT", "/api/v1/users/{user_id}"): Permission.MANAGE_USERS,
    ("GET", "/api/v1/agents"): Permission.ANSWER,
    ("GET", "/api/v1/conversations/counts"): Permission.ANSWER,
    ("GET", f"{CONVERSATION}/thread"): Permission.ANSWER,
    ("PUT", f"{CONVERSATION}/draft"): Permission.ANSWER,
    ("PUT", f"{CONVERSATION}/read"): Permission.ANSWER,
    ("PUT", f"{CONVERSATION}/tags"): Permission.ANSWER,
    ("POST", f"{CONVERSATION}/transfer"): Permission.ANSWER,
    ("GET", f"{CONVERSATION}/presence"): Permission.ANSWER,
    ("POST", f"{CONVERSATION}/presence"): Permission.ANSWER,
    ("GET", "/api/v1/canned-replies"): Permission.ANSWER,
    ("POST", "/api/v1/canned-replies"): Permission.EDIT_KNOWLEDGE,
    ("PUT", "/api/v1/canned-replies/{reply_id}"): Permission.EDIT_KNOWLEDGE,
    ("DELETE", "/api/v1/canned-replies/{reply_id}"): Permission.EDIT_KNOWLEDGE,
    ("POST", "/api/v1/files"): Permission.ANSWER,
    ("GET", CONTACT): Permission.ANSWER,
    ("PUT", CONTACT): Permission.ANSWER,
    ("POST", f"{CONTACT}/notes"): Permission.ANSWER,
    ("DELETE", f"{CONTACT}/notes/{{note_id}}"): Permission.ANSWER,
    ("POST", f"{CONTACT}/block"): Permission.ANSWER,
    ("POST", f"{CONTACT}/unblock"): Permission.ANSWER,
    ("GET", f"{CONTACT}/export"): Permission.MANAGE_CONTACTS,
    ("POST", f"{CONTACT}/erase"): Permission.MANAGE_CONTACTS,
    ("GET", "/api/v1/contact-fields"): Permission.ANSWER,
    ("PUT", "/api/v1/contact-fields"): Permission.EDIT_BRAND,
    ("GET", "/api/v1/files/{digest}"): Permission.ANSWER,
    ("GET", "/api/v1/events"): Permission.ANSWER,
    ("GET", "/api/v1/webhooks"): Permission.EDIT_BRAND,
    ("POST", "/api/v1/webhooks"): Permission.MANAGE_CHANNELS,
    ("GET", "/api/v1/webhooks/{webhook_id}/calls"): Permission.MANAGE_CHANNELS,
    ("POST", "/api/v1/webhooks/{webhook_id}/test"): Permission.MANAGE_CHANNELS,
    ("DELETE", "/api/v1/webhooks/{webhook_id}"): Permission.MANAGE_CHANNELS,
    ("GET", "/api/v1/automations"): Permission.EDIT_BRAND,
    ("POST", "/api/v1/automations"): Permission.EDIT_BRAND,
    ("POST", "/api/v1/automations/try"): Permission.EDIT_BRAND,
    ("PUT", "/api/v1/automations/{automation_id}"): Permission.EDIT_BRAND,
    ("POST", "/api/v1/automations/{automation_id}/switch"): Permission.EDIT_BRAND,
    ("GET", "/api/v1/automations/{automation_id}/runs"): Permission.EDIT_BRAND,
    ("DELETE", "/api/v1/automations/{automation_id}"): Permission.EDIT_BRAND,
    ("GET", "/api/v1/teams"): Permission.ANSWER,
    ("POST", "/api/v1/teams"): Permission.EDIT_BRAND,
    ("PUT", "/api/v1/teams/{team_id}"): Permission.EDIT_BRAND,
    ("DELETE", "/api/v1/teams/{team_id}"): Permission.EDIT_BRAND,
    ("GET", "/api/v1/desk-rules"): Permission.ANSWER,
    ("PUT", "/api/v1/desk-rules"): Permission.EDIT_BRAND,
    ("GET", "/api/v1/availability"): Permission.ANSWER,
    ("POST", "/api/v1/availability/me"): Permission.ANSWER,
    ("PUT", "/api/v1/availability/{user_id}"): Permission.EDIT_BRAND,
    ("GET", "/api/v1/hours/countries"): Permission.READ_BRAND,
    ("GET", "/api/v1/hours/holidays"): Permission.READ_BRAND,
    ("GET", "/api/v1/brand"): Permission.READ_BRAND,
    ("PUT", "/api/v1/brand"): Permission.EDIT_BRAND,
}
PROVED = {
    ("DELETE", "/api/v1/me/sessions/{session_id}"),
    ("PUT", "/api/v1/me/password"),
    ("POST", "/api/v1/me/second-factor"),
    ("PUT", "/api/v1/me/second-factor"),
    ("POST", "/api/v1/me/second-factor/off"),
}
"""Refused for want of a password, a code or a session, which people of these tests have not; tests/core has them."""
ENDLESS = ("GET", "/api/v1/events")  # tests/handoff/test_live.py reads it


def routes(app: FastAPI) -> set[tuple[str, str]]:
    paths = app.openapi()["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods}


async def call(client: httpx.AsyncClient, desk: Desk, method: str, path: str, **ids: object) -> httpx.Response:
    body: dict[str, Any] | None = None
    if method != "GET":
        body = {
            "messages": {"text": "Hello"},
            "snooze": {"until": (desk.clock() + timedelta(hours=1)).isoformat()},
            "users": {"email": "new@example.com", "role": "agent"},
            "brand": {"name": "Nova"},
            "{contact_id}": {"timezone": "Europe/Kyiv"},
            "notes": {"text": "Likes tea"},
            "erase": {"confirm": f"Olha {desk.written}"},
            "password": {"current": "not my password", "new": "another password"},
            "second-factor": {"password": "not my password"} if method == "POST" else {"code": "000000"},
            "off": {"password": "not my password"},
            "end": {"keep_this": True},
            "contact-fields": {"names": ["Order"]},
            "draft": {"text": "Hel"},
            "presence": {"typing": True},
            "tags": {"tags": ["vip"]},
            "teams": {"name": f"A new team {ids.get('team_id', 0)}"},
            "{team_id}": {"name": f"Team {ids.get('team_id', 0)}"},
            "desk-rules": {"away_minutes": 5},
            "me": {},
            "transfer": {"user_id": ids.get("me", 1)},
            "{user_id}": {"name": "Somebody"},
            "canned-replies": {"shortcut": f"s{ids.get('reply_id', 0)}n", "texts": {"en": "Hello"}},
            "{reply_id}": {"shortcut": f"s{ids.get('reply_id', 0)}", "texts": {"en": "Hello"}},
        }.get(path.rsplit("/", 1)[1])
    known = {
        "conversation_id": 1,
        "token_id": 1,
        "session_id": "0" * 16,
        "user_id": 1,
        "reply_id": 1,
        "contact_id": 1,
        "note_id": 1,
        "team_id": 1,
        "automation_id": 1,
        "webhook_id": 1,
        "digest": "ab" * 32,
    } | ids
    if "automations" in path or "webhooks" in path:
        body = automation_body(path, ids.get("automation_id", 0))
    if "availability/{" in path:
        body, known["user_id"] = {"capacity": 3}, ids.get("me", 1)
    if path.endswith(("pictures", "/files")):
        return await client.request(method, path, content=png())
    if path.endswith("holidays"):
        return await client.request(method, path, params={"country": "MY", "year": 2026})
    return await client.request(method, path.format(**known), json=body if body is None or method != "DELETE" else None)


def automation_body(path: str, number: object) -> dict[str, Any] | None:
    rule = {"trigger": {"kind": "new_case"}, "actions": [{"kind": "tag", "tag": "new"}]}
    return {
        "webhooks": {"name": f"Hook {number}", "url": "https://example.com/hook"},
        "automations": {"name": f"New {number}", "rule": rule},
        "{automation_id}": {"name": f"Changed {number}", "rule": rule},
        "switch": {"active": True},
        "try": rule,
    }.get(path.rsplit("/", 1)[1])


async def test_every_route_of_the_interface_has_taken_a_stand(desk: Desk) -> None:
    assert routes(desk.app) == set(STANDS)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer rd_wrong"},
        {"Authorization": "Basic TOKEN"},
        {"Authorization": "Bearer"},
        {"Cookie": "replydesk_session=wrong"},
        {"Cookie": "replydesk_session=TOKEN"},
    ],
)
async def test_nobody_gets_in_without_a_good_credential(desk: Desk, headers: dict[str, str]) -> None:
    person = await desk.person(Role.ADMIN)
    await desk.conversation()
    token = person.http.headers["authorization"].removeprefix("Bearer ")
    stranger = desk.client(**{name: value.replace("TOKEN", token) for name, value in headers.items()})
    for method, path in STANDS:
        answer = await call(stranger, desk, method, path)
        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("role", Role)
async def test_each_role_reaches_what_the_table_grants_and_nothing_else(desk: Desk, role: Role) -> None:
    spare = await desk.person(Role.AGENT, "spare@example.com")
    person = await desk.person(role)
    async with desk.database.write() as session:
        session.add(StoredFile(digest="ab" * 32, media_type="x/y", name="x", content=b"x", created_at=desk.clock()))
    for (method, path), needed in STANDS.items():
        if (method, path) == ENDLESS:
            continue
        made = (await person.http.post("/api/v1/tokens")).json()["id"]
        conversation_id = await desk.conversation(ConversationStatus.OPEN, owner=person.actor)
        async with desk.database.write() as session:
            canned = CannedReply(shortcut=f"made{conversation_id}", texts={"en": "Hello"})
            team = Team(name=f"Made {conversation_id}", created_at=desk.clock())
            contact_id = (await session.get_one(Conversation, conversation_id)).contact_id
            note = ContactNote(contact_id=contact_id, user_id=person.actor.id, text="Likes tea", at=desk.clock())
            rule = {"trigger": {"kind": "new_case"}, "actions": [{"kind": "resolve"}]}
            automation = Automation(name=f"Made {conversation_id}", created_at=desk.clock(), **rule)
            webhook = Webhook(
                name=f"Made {conversation_id}", url="https://example.com", secret=b"sealed", created_at=desk.clock()
            )
            session.add_all([canned, team, note, automation, webhook])
        answer = await call(
            person.http,
            desk,
            method,
            path,
            conversation_id=conversation_id,
            token_id=made,
            user_id=spare.actor.id,
            reply_id=canned.id,
            team_id=team.id,
            automation_id=automation.id,
            webhook_id=webhook.id,
            contact_id=contact_id,
            note_id=note.id,
            me=person.actor.id,
        )
        if needed == ANYBODY or needed in GRANTS[role]:
            reached = {404, 422} if (method, path) in PROVED else {200, 201, 204}
            assert answer.status_code in reached, (method, path, answer.text)
        else:
            assert answer.status_code == 403, (method, path, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("role", Role)
async def test_anothers_conversation_is_touched_only_by_those_who_may_take_over(desk: Desk, role: Role) -> None:
    owner = await desk.person(Role.AGENT, "owner@example.com")
    person = await desk.person(role)
    reaches = 200 if Permission.TAKE_OVER in GRANTS[role] else 403
    for action in ("messages", "claim", "release", "resolve", "snooze", "handback"):
        for status in (ConversationStatus.OPEN, ConversationStatus.SNOOZED):
            conversation_id = await desk.conversation(status, owner=owner.actor)
            answer = await call(person.http, desk, "POST", f"{CONVERSATION}/{action}", conversation_id=conversation_id)
            expected = {"claim": 409, "messages": 403}.get(action, reaches)
            assert answer.status_code == expected, (action, status, answer.text)
            async with desk.database.read() as session:
                kept = await session.get_one(Conversation, conversation_id)
            if expected != 200:
                assert (kept.status, kept.assignee_id, kept.version) == (status, owner.actor.id, 1)


@pytest.mark.parametrize("role", Role)
async def test_taking_over_by_force_is_for_managers(desk: Desk, role: Role) -> None:
    owner = await desk.person(Role.AGENT, "owner@example.com")
    person = await desk.person(role)
    conversation_id = await desk.conversation(ConversationStatus.OPEN, owner=owner.actor)
    answer = await person.http.post(f"/api/v1/conversations/{conversation_id}/claim", json={"force": True})
    assert answer.status_code == (200 if Permission.TAKE_OVER in GRANTS[role] else 403)


async def _signed_in_browser(desk: Desk, person: Person, **headers: str) -> httpx.AsyncClient:
    browser = await desk.browser(person.actor)
    if "Origin" not in headers:
        del browser.headers["origin"]
    browser.headers.update(headers)
    return browser


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://desk.test"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({}, 403),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_a_cookie_changes_things_only_from_our_own_pages(
    desk: Desk, headers: dict[str, str], status: int
) -> None:
    person = await desk.person(Role.AGENT)
    browser = await _signed_in_browser(desk, person, **headers)
    conversation_id = await desk.conversation()
    assert (await browser.get("/api/v1/conversations")).status_code == 200
    answer = await browser.post(f"/api/v1/conversations/{conversation_id}/claim")
    assert answer.status_code == status


async def test_a_shown_token_decides_alone_even_beside_a_good_cookie(desk: Desk) -> None:
    person = await desk.person(Role.AGENT)
    browser = await desk.browser(person.actor, Authorization="Bearer rd_wrong")
    assert (await browser.get("/api/v1/me")).status_code == 401


async def test_another_users_token_is_403_an_unknown_one_404(desk: Desk) -> None:
    owner, thief = await desk.person(Role.AGENT), await desk.person(Role.ADMIN)
    made = (await owner.http.post("/api/v1/tokens")).json()
    assert (await thief.http.delete(f"/api/v1/tokens/{made['id']}")).status_code == 403
    assert (await desk.client(Authorization=f"Bearer {made['token']}").get("/api/v1/me")).status_code == 200
    assert (await thief.http.delete("/api/v1/tokens/4711")).status_code == 404
    assert (await owner.http.delete(f"/api/v1/tokens/{made['id']}")).status_code == 204
    assert (await desk.client(Authorization=f"Bearer {made['token']}").get("/api/v1/me")).status_code == 401
    assert (await owner.http.delete(f"/api/v1/tokens/{made['id']}")).status_code == 404


async def test_a_deactivated_user_is_out_at_once_by_token_and_by_cookie(desk: Desk) -> None:
    admin, person = await desk.person(Role.ADMIN), await desk.person(Role.AGENT)
    browser = await desk.browser(person.actor)
    assert (await browser.get("/api/v1/me")).status_code == 200
    answer = await admin.http.post(f"/api/v1/users/{person.actor.id}/deactivate")
    assert answer.json()["active"] is False
    assert (await person.http.get("/api/v1/me")).status_code == 401
    assert (await browser.get("/api/v1/me")).status_code == 401
    last = await admin.http.post(f"/api/v1/users/{admin.actor.id}/deactivate")
    assert last.status_code == 422, "the last administrator stays"


async def test_unknown_paths_and_methods_are_problems_too(desk: Desk) -> None:
    person = await desk.person(Role.AGENT)
    for method, path, status in [("GET", "/api/v1/nothing", 404), ("PATCH", "/api/v1/conversations", 405)]:
        answer = await person.http.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json()) >= {"type", "title", "status"}
