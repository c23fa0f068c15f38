"""Set-up by the one-time link, signing in and out."""

import asyncio
import json
import re

import httpx
import pytest
from sqlalchemy import select

from core.languages import LANGUAGES
from core.models import BrowserSession, User
from core.preferences import load_brand
from core.setup_link import make_setup_token
from core.users import add_user, set_password
from core.web.screens import WEB, safe_next
from tests.core.conftest import House
from tests.core.people import quick_passwords

PASSWORD = "correct horse battery"
FORM = {"email": "Anna@Example.com", "name": "Anna", "password": PASSWORD, "brand": "Nova"}


async def setup_token(house: House) -> str:
    async with house.database.write() as session:
        token = await make_setup_token(session)
    assert token
    return token


async def add(house: House, email: str = "anna@example.com") -> User:
    async with house.database.write() as session:
        hashed = await quick_passwords().hash(PASSWORD)
        return await add_user(session, email=email, role="agent", password_hash=hashed, at=house.clock())


async def sign_in(browser: httpx.AsyncClient, password: str = PASSWORD, **more: str) -> httpx.Response:
    return await browser.post("/login", data={"email": "anna@example.com", "password": password, **more})


async def test_the_link_makes_the_first_administrator_signs_in_and_works_once(house: House) -> None:
    token = await setup_token(house)
    browser = house.browser()
    page = await browser.get("/setup", params={"token": token})
    assert page.status_code == 200
    done = await browser.post("/setup", data={**FORM, "token": token})
    assert (done.status_code, done.headers["location"]) == (303, "/setup/brand")
    myself = (await browser.get("/api/v1/me")).json()
    assert (myself["email"], myself["role"]) == ("anna@example.com", "admin")
    async with house.database.write() as session:
        assert (await load_brand(session)).name == "Nova"
        assert await make_setup_token(session) is None
    for answer in (
        await house.browser().get("/setup", params={"token": token}),
        await house.browser().post("/setup", data={**FORM, "email": "b@example.com", "token": token}),
    ):
        assert answer.status_code == 404
        assert "not valid" in answer.text


async def test_the_link_used_twice_at_the_same_moment_makes_one_administrator(house: House) -> None:
    token = await setup_token(house)
    forms = [{**FORM, "email": f"user{number}@example.com", "token": token} for number in range(4)]
    answers = await asyncio.gather(*(house.browser().post("/setup", data=form) for form in forms))
    assert sorted(answer.status_code for answer in answers) == [303, 404, 404, 404]
    async with house.database.read() as session:
        assert len((await session.scalars(select(User))).all()) == 1


async def test_a_wrong_or_replaced_link_shows_a_plain_page_and_makes_nobody(house: House) -> None:
    old = await setup_token(house)
    await setup_token(house)
    for token in ("", "wrong", old, "\ud800".encode("utf-16", "surrogatepass").decode("latin-1")):
        assert (await house.browser().get("/setup", params={"token": token})).status_code == 404
        assert (await house.browser().post("/setup", data={**FORM, "token": token})).status_code == 404
    async with house.database.read() as session:
        assert (await session.scalars(select(User))).all() == []


async def test_a_user_made_on_the_command_line_ends_the_link(house: House) -> None:
    token = await setup_token(house)
    await add(house)
    assert (await house.browser().get("/setup", params={"token": token})).status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"email": "nobody"}, {"password": "short"}, {"password": "x" * 1025}, {"brand": " "}, {"name": "x" * 201}]
)
async def test_a_mistake_in_the_form_is_told_and_the_link_still_works(house: House, wrong: dict[str, str]) -> None:
    token = await setup_token(house)
    refused = await house.browser().post("/setup", data={**FORM, "token": token, **wrong})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert PASSWORD not in refused.text
    async with house.database.read() as session:
        assert (await session.scalars(select(User))).all() == []
    assert (await house.browser().post("/setup", data={**FORM, "token": token})).status_code == 303


async def test_signing_in_gives_a_new_session_and_ends_the_browsers_old_one(house: House) -> None:
    await add(house)
    browser = house.browser()
    first = await sign_in(browser, next="/conversations/5")
    assert (first.status_code, first.headers["location"]) == (303, "/conversations/5")
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    old = browser.cookies["replydesk_session"]
    await sign_in(browser)
    assert browser.cookies["replydesk_session"] != old
    stale = house.browser(Cookie=f"replydesk_session={old}")
    assert (await stale.get("/api/v1/me")).status_code == 401
    assert (await browser.get("/api/v1/me")).status_code == 200


async def test_over_https_the_cookie_is_secure_and_bound_to_the_host(house: House) -> None:
    await add(house)
    behind_proxy = house.browser("http://internal:8000", Origin="https://desk.example.com")
    cookie = (await sign_in(behind_proxy)).headers["set-cookie"]
    assert cookie.startswith("__Host-replydesk_session=")
    assert "Secure" in cookie


async def test_unknown_user_wrong_password_and_no_password_look_the_same(house: House) -> None:
    await add(house)
    async with house.database.write() as session:
        await add_user(session, email="token-only@example.com", role="agent", at=house.clock())
    pages = []
    for email in ("anna@example.com", "nobody@example.com", "token-only@example.com", "\x00", "'; drop table users"):
        answer = await house.browser().post("/login", data={"email": email, "password": "wrong password"})
        assert answer.status_code == 401
        pages.append(re.sub(r'name="email"[^>]*', "", answer.text))
    assert len(set(pages)) == 1


async def test_five_tries_a_minute_then_even_the_right_password_waits(house: House) -> None:
    await add(house)
    browser = house.browser()
    for _ in range(5):
        assert (await sign_in(browser, "wrong password")).status_code == 401
    refused = await sign_in(browser)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    house.clock.forward(seconds=61)
    assert (await sign_in(browser)).status_code == 303


async def test_a_password_of_ten_megabytes_is_refused_unread(house: House) -> None:
    await add(house)
    assert (await sign_in(house.browser(), "x" * 10_000_000)).status_code == 422
    assert (await sign_in(house.browser(), "x" * 2_000)).status_code == 401


async def test_signing_in_from_another_site_is_refused(house: House) -> None:
    await add(house)
    for headers in ({"Origin": "http://evil.test"}, {"Origin": "null"}):
        assert (await sign_in(house.browser(**headers))).status_code == 403


async def test_signing_out_ends_the_session_on_the_server(house: House) -> None:
    await add(house)
    browser = house.browser()
    await sign_in(browser)
    kept = browser.cookies["replydesk_session"]
    assert (await browser.get("/logout")).headers["location"] == "/"
    assert (await browser.get("/api/v1/me")).status_code == 200, "a link alone signs nobody out"
    assert (await browser.post("/logout")).headers["location"] == "/login"
    assert (await house.browser(Cookie=f"replydesk_session={kept}").get("/api/v1/me")).status_code == 401


async def test_a_session_lapses_after_14_idle_days_and_lives_on_while_used(house: House) -> None:
    await add(house)
    browser = house.browser()
    await sign_in(browser)
    cookie = browser.cookies["replydesk_session"]
    fresh = house.browser(Cookie=f"replydesk_session={cookie}")
    for _ in range(5):
        house.clock.forward(days=13)
        assert (await fresh.get("/api/v1/me")).status_code == 200
    house.clock.forward(days=14, seconds=1)
    assert (await fresh.get("/api/v1/me")).status_code == 401


async def test_however_busy_a_session_ends_after_90_days(house: House) -> None:
    await add(house)
    browser = house.browser()
    await sign_in(browser)
    fresh = house.browser(Cookie=f"replydesk_session={browser.cookies['replydesk_session']}")
    for _ in range(8):
        house.clock.forward(days=10)
        assert (await fresh.get("/api/v1/me")).status_code == 200
    house.clock.forward(days=10)
    assert (await fresh.get("/api/v1/me")).status_code == 401


async def test_a_new_password_ends_every_log_in(house: House) -> None:
    user = await add(house)
    browser = house.browser()
    await sign_in(browser)
    async with house.database.write() as session:
        await set_password(
            session, await session.get_one(User, user.id), await quick_passwords().hash("another password")
        )
    assert (await browser.get("/api/v1/me")).status_code == 401
    async with house.database.read() as session:
        assert (await session.scalars(select(BrowserSession))).all() == []


@pytest.mark.parametrize(
    ("given", "goes_to"),
    [
        ("/", "/"),
        ("/conversations/5?x=1", "/conversations/5?x=1"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("https://evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
        ("/\tx", "/"),
        ("", "/"),
        ("/пошта", "/"),
    ],
)
def test_after_signing_in_only_our_own_paths_are_gone_to(given: str, goes_to: str) -> None:
    assert safe_next(given) == goes_to


async def test_a_surprise_is_a_500_without_its_details(house: House) -> None:
    answer = await house.browser().get("/api/v1/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "SECRET" not in answer.text


def test_every_word_has_all_languages_and_every_template_key_has_words() -> None:
    folders = [WEB, WEB.parent.parent / "handoff" / "web"]
    words = {}
    for folder in folders:
        words.update(json.loads((folder / "words.json").read_text("utf-8")))
    assert {key for key, texts in words.items() if set(texts) != set(LANGUAGES) or not all(texts.values())} == set()
    used = {
        key
        for folder in folders
        for template in folder.glob("*.html")
        for key in re.findall(r'\bt\("([a-z_.]+)"\)', template.read_text("utf-8"))
    }
    assert used
    assert used <= set(words)


async def test_the_style_sheet_is_served_and_pages_ask_for_nothing_else(house: House) -> None:
    browser = house.browser()
    assert (await browser.get("/web/replydesk.css")).headers["content-type"].startswith("text/css")
    page = (await browser.get("/setup")).text
    assert re.findall(r'(?:src|href)="(?!/)[^"]*"', page) == []
