"""Signing in through an OpenID provider: who gets in, and which answers are refused."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwk
from pydantic import SecretStr
from sqlalchemy import select

from core import api
from core.access import Access
from core.database import Database
from core.errors import SettingMistake
from core.models import User
from core.open_id import OpenId
from core.open_id_provider import Provider
from core.problems import install_problem_handlers
from core.roles import Role
from core.settings import Settings
from core.users import add_user, deactivate
from core.vault import Vault
from core.web import pages
from core.web.screens import Screens
from tests.core.fake_provider import CLIENT_ID, CLIENT_SECRET, FakeProvider, fake_provider
from tests.core.people import TurnedClock, quick_passwords

OURS = "http://house.test"


@dataclass
class Door:
    database: Database
    clock: TurnedClock
    app: FastAPI
    provider: FakeProvider

    def browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=OURS)

    async def come_back(self, browser: httpx.AsyncClient, following: str = "/knowledge") -> httpx.Response:
        """To the provider, and back from it."""
        begun = await browser.get("/login/outside", params={"next": following})
        assert begun.status_code == 303, begun.text
        async with httpx.AsyncClient(trust_env=False) as outside:
            sent_back = await outside.get(begun.headers["location"])
        return await browser.get(sent_back.headers["location"].removeprefix(OURS))


@pytest.fixture
async def door(database: Database) -> AsyncIterator[Door]:
    clock, passwords, vault = TurnedClock(), quick_passwords(), Vault("a secret key for tests, long enough")
    async with fake_provider(now=int(clock().timestamp())) as provider:
        ours = Provider(
            issuer=provider.issuer,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            domains=frozenset({"nova.example"}),
            role=Role.AGENT,
        )
        app = FastAPI()
        access = Access(database=database, clock=clock, public_url=None)
        shared = {"database": database, "clock": clock, "access": access, "passwords": passwords, "vault": vault}
        app.include_router(api.create_router(**shared), prefix="/api/v1")
        open_id = OpenId(provider=ours, database=database, clock=clock, vault=vault)
        app.include_router(pages.create_pages(**shared, screens=Screens(), open_id=open_id))
        install_problem_handlers(app)
        async with database.write() as session:
            await add_user(session, email="anna@example.com", role=Role.EDITOR, at=clock())
        yield Door(database=database, clock=clock, app=app, provider=provider)
        assert provider.troubles == []


async def test_somebody_known_by_a_proved_address_gets_in_and_is_known_by_his_account_then(door: Door) -> None:
    browser = door.browser()
    assert 'href="/login/outside?next=/knowledge"' in (await browser.get("/login?next=/knowledge")).text
    back = await door.come_back(browser)
    assert (back.status_code, back.headers["location"]) == (303, "/knowledge")
    assert (await browser.get("/api/v1/me")).json()["role"] == "editor"
    door.provider.claims = {"email": "another@example.com", "email_verified": False}
    again = door.browser()
    assert (await door.come_back(again)).status_code == 303
    assert (await again.get("/api/v1/me")).json()["email"] == "anna@example.com"


async def test_people_of_an_allowed_domain_come_in_with_the_set_role_and_others_do_not(door: Door) -> None:
    door.provider.claims = {"sub": "2", "email": "Ben@nova.example", "name": "Ben Lim"}
    browser = door.browser()
    assert (await door.come_back(browser)).status_code == 303
    myself = (await browser.get("/api/v1/me")).json()
    assert (myself["email"], myself["name"], myself["role"]) == ("ben@nova.example", "Ben Lim", "agent")
    for claims in (
        {"sub": "3", "email": "eve@evil.example"},
        {"sub": "4", "email": "eve@nova.example.evil.example"},
        {"sub": "5", "email": "carl@nova.example", "email_verified": False},
        {"sub": "6", "email": "carl@nova.example", "email_verified": "true"},
        {"sub": "7", "email": "no address"},
    ):
        door.provider.claims = claims
        refused = await door.come_back(door.browser())
        assert refused.status_code == 401
        assert "An administrator can add you" in refused.text
    async with door.database.read() as session:
        assert len((await session.scalars(select(User))).all()) == 2


async def test_somebody_who_is_out_stays_out(door: Door) -> None:
    assert (await door.come_back(door.browser())).status_code == 303
    async with door.database.write() as session:
        await deactivate(session, (await session.scalars(select(User))).one(), at=door.clock())
    assert (await door.come_back(door.browser())).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "somebody else"},
        {"aud": [CLIENT_ID, "somebody else"]},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": None},
        {"iat": 99_999_999_999},
        {"sub": ""},
    ],
)
async def test_an_identity_token_that_is_not_for_us_and_now_is_refused(door: Door, claims: dict[str, Any]) -> None:
    door.provider.claims = claims
    browser = door.browser()
    refused = await door.come_back(browser)
    assert refused.status_code == 401
    assert "did not work" in refused.text
    assert (await browser.get("/api/v1/me")).status_code == 401


async def test_a_token_signed_by_another_key_is_refused(door: Door) -> None:
    door.provider.signing_key = jwk.RSAKey.generate_key(2048, {"kid": "one"})
    assert (await door.come_back(door.browser())).status_code == 401


async def test_an_answer_to_somebody_elses_question_or_a_late_one_is_refused(door: Door) -> None:
    victim, thief = door.browser(), door.browser()
    begun = await thief.get("/login/outside")
    async with httpx.AsyncClient(trust_env=False) as outside:
        answer = (await outside.get(begun.headers["location"])).headers["location"].removeprefix(OURS)
    assert (await victim.get(answer)).status_code == 401, "no cookie of ours"
    await victim.get("/login/outside")
    assert (await victim.get(answer)).status_code == 401, "another state"
    door.clock.forward(minutes=10, seconds=1)
    assert (await thief.get(answer)).status_code == 401, "too late"
    assert (await door.browser().get("/login/outside/back?error=access_denied")).status_code == 401


async def test_after_signing_in_only_our_own_paths_are_gone_to(door: Door) -> None:
    back = await door.come_back(door.browser(), following="https://evil.example/")
    assert back.headers["location"] == "/"


def test_half_a_provider_in_the_settings_is_told_plainly() -> None:
    assert Provider.from_settings(Settings()) is None
    with pytest.raises(SettingMistake, match="REPLYDESK_OIDC_CLIENT_ID"):
        Provider.from_settings(Settings(oidc_issuer="https://id.example"))
    whole = Provider.from_settings(
        Settings(
            oidc_issuer="https://id.example/",
            oidc_client_id="x",
            oidc_client_secret=SecretStr("y"),
            oidc_domains="Nova.example, tea.example",
        )
    )
    assert whole is not None
    assert (whole.issuer, whole.domains) == ("https://id.example", {"nova.example", "tea.example"})
