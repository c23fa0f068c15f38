"""The audit log: what is written with a change, who reads it, and its file for spreadsheets."""

import csv
import io

import httpx

from core.audit import difference, record
from core.roles import GRANTS, Permission, Role
from core.users import add_user, make_token
from tests.core.conftest import House


async def somebody(house: House, role: Role, email: str) -> httpx.AsyncClient:
    async with house.database.write() as session:
        user = await add_user(session, email=email, role=role, at=house.clock())
        _, token = await make_token(session, user.id, at=house.clock())
    return house.browser(Authorization=f"Bearer {token}")


async def test_each_change_to_people_and_tokens_is_on_the_log_with_who_and_what(house: House) -> None:
    admin = await somebody(house, Role.ADMIN, "anna@example.com")
    added = (await admin.post("/api/v1/users", json={"email": "ben@example.com", "role": "agent"})).json()
    await admin.put(f"/api/v1/users/{added['id']}", json={"role": "manager"})
    await admin.post(f"/api/v1/users/{added['id']}/deactivate")
    token = (await admin.post("/api/v1/tokens")).json()
    await admin.delete(f"/api/v1/tokens/{token['id']}")
    items = (await admin.get("/api/v1/audit")).json()["items"]
    assert [one["action"] for one in reversed(items)] == [
        "user.added",
        "user.changed",
        "user.deactivated",
        "token.made",
        "token.revoked",
    ]
    assert {one["who"] for one in items} == {"anna@example.com"}
    changed = items[3]
    assert (changed["subject"], changed["details"]) == ("ben@example.com", {"role": ["agent", "manager"]})
    assert token["token"] not in (await admin.get("/api/v1/audit")).text


async def test_a_refused_change_leaves_no_entry(house: House) -> None:
    admin = await somebody(house, Role.ADMIN, "anna@example.com")
    assert (await admin.post("/api/v1/users", json={"email": "nobody", "role": "agent"})).status_code == 422
    assert (await admin.put("/api/v1/users/1", json={"role": "agent"})).status_code == 422
    assert (await admin.get("/api/v1/audit")).json()["items"] == []


async def test_the_log_is_filtered_by_topic_words_and_time_and_read_page_by_page(house: House) -> None:
    admin = await somebody(house, Role.ADMIN, "anna@example.com")
    for number in range(3):
        await admin.post("/api/v1/users", json={"email": f"b{number}@example.com", "role": "agent"})
        house.clock.forward(hours=1)
    await admin.post("/api/v1/tokens")

    async def found(**asked: str) -> list[str]:
        answer = await admin.get("/api/v1/audit", params=asked)
        return [one["subject"] for one in answer.json()["items"]]

    assert await found(action="user") == ["b2@example.com", "b1@example.com", "b0@example.com"]
    assert await found(action="use") == []
    assert await found(words="B1@") == ["b1@example.com"]
    assert await found(words="100%") == []
    assert await found(action="user.added", since="2026-03-02T10:00:00Z", until="2026-03-02T11:00:00Z") == [
        "b1@example.com"
    ]
    first = (await admin.get("/api/v1/audit", params={"limit": 3})).json()
    second = (await admin.get("/api/v1/audit", params={"limit": 3, "before": first["next"]})).json()
    assert [one["subject"] for one in second["items"]] == ["b0@example.com"]
    assert second["next"] is None
    assert (await admin.get("/api/v1/audit", params={"since": "yesterday"})).status_code == 422


async def test_the_file_holds_the_same_lines_and_no_formula(house: House) -> None:
    admin = await somebody(house, Role.ADMIN, "anna@example.com")
    async with house.database.write() as session:
        record(
            session, None, "brand.changed", subject='=HYPERLINK("x")', details={"name": ["a", "b"]}, at=house.clock()
        )
    answer = await admin.get("/api/v1/audit.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    header, line = csv.reader(io.StringIO(answer.text))
    assert header == ["at", "who", "action", "subject", "details"]
    assert line == [house.clock().isoformat(), "", "brand.changed", '\'=HYPERLINK("x")', "name: ['a', 'b']"]


async def test_the_table_of_roles_is_the_one_the_routes_ask(house: House) -> None:
    for role in Role:
        person = await somebody(house, role, f"{role}@example.com")
        items = (await person.get("/api/v1/roles")).json()["items"]
        told = {Permission(one["permission"]) for one in items if role in one["roles"]}
        assert told == GRANTS[role]
        assert (await person.get("/api/v1/audit")).status_code == (200 if Permission.READ_AUDIT in told else 403)


def test_only_what_differs_is_noted() -> None:
    assert difference({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == {"b": [2, 3], "c": [None, 4]}
