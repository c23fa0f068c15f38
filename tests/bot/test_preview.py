"""How an answer will look on each channel, as the editor asks for it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.clock import utc_now
from core.roles import Role
from core.users import add_user, make_token
from tests.running_house import running_house


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with running_house(tmp_path / "data") as house:
        async with house.product.database.write() as session:
            user = await add_user(session, email="ed@shop.example", role=Role.EDITOR, at=utc_now())
            _, token = await make_token(session, user.id, at=utc_now())
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=house.url, headers=headers, trust_env=False, timeout=30) as http:
            yield http


async def shown(client: httpx.AsyncClient, **answer: Any) -> dict[str, list[dict[str, Any]]]:
    answered = await client.post("/api/v1/knowledge/preview", json=answer)
    assert answered.status_code == 200, answered.text
    return {one["title"]: one["parts"] for one in answered.json()["items"]}


async def test_a_long_answer_is_cut_as_each_channel_will_cut_it(client: httpx.AsyncClient) -> None:
    parts = await shown(client, text="A sentence of some words. " * 120)
    assert {title: len(found) > 1 for title, found in parts.items()} == {"Messenger": True, "Telegram": False}


async def test_buttons_stand_under_the_last_part_and_an_unfinished_one_is_left_out(client: httpx.AsyncClient) -> None:
    buttons = [{"title": "Map", "url": "https://shop.example"}, {"title": " ", "payload": "x"}, {"title": "More"}]
    parts = await shown(client, text="Here.", buttons=buttons)
    for found in parts.values():
        assert found[-1]["buttons"] == [{"title": "Map", "opens_page": True}, {"title": "More", "opens_page": False}]


async def test_nothing_written_yet_shows_nothing(client: httpx.AsyncClient) -> None:
    assert set(map(len, (await shown(client)).values())) == {0}
    assert (await client.post("/api/v1/knowledge/preview", json={"picture": "../x"})).status_code == 422
