"""Limits on every request and headers on every answer."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

from core.guards import Guards
from core.problems import install_problem_handlers


class Words(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    install_problem_handlers(app)
    app.add_middleware(Guards, largest_body=1000)

    @app.post("/words")
    async def words(given: Words) -> int:
        return len(given.text)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house.test") as client:
        yield client


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    yield b'{"text": "'
    for _ in range(size // 100):
        yield b"x" * 100
    yield b'"}'


async def test_a_body_within_the_limit_passes_and_the_answer_is_not_kept_by_browsers(client: httpx.AsyncClient) -> None:
    answer = await client.post("/words", json={"text": "x" * 900})
    assert answer.json() == 900
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_body_over_the_limit_is_413_whether_or_not_its_length_is_told(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    told = await client.post("/words", json={"text": "x" * 1000})
    untold = await client.post("/words", content=in_pieces(5000), headers=headers)
    lying = await client.post("/words", content=b"{}", headers={**headers, "Content-Length": "9" * 30})
    for answer in (told, untold, lying):
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
    within = await client.post("/words", content=in_pieces(500), headers=headers)
    assert within.json() == 500


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe", b"[" * 900, b'{"text": "x", "\\ud800": 1}', b"", b'{"text": 1e999}']
)
async def test_json_that_cannot_be_read_is_422_and_told_plainly(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/words", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]
