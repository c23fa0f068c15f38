"""One's own account: the second factor, sessions, passwords, and links that administrators make."""

import re
from datetime import timedelta

import httpx
import pyotp
import pytest
from sqlalchemy import select

from core.models import BrowserSession, User
from core.roles import Role
from core.sign_in_models import PasswordLink, RecoveryCode, SecondFactor
from core.users import add_user, make_token
from tests.core.conftest import House
from tests.core.people import quick_passwords

PASSWORD = "correct horse battery"
EMAIL = "anna@example.com"
DIGITS = re.compile(r'name="ticket" value="([^"]+)"')


@pytest.fixture
async def anna(house: House) -> httpx.AsyncClient:
    """Signed in with her password, on a first browser."""
    async with house.database.write() as session:
        hashed = await quick_passwords().hash(PASSWORD)
        await add_user(session, email=EMAIL, role=Role.AGENT, password_hash=hashed, at=house.clock())
    browser = house.browser(**{"User-Agent": "Firefox on Linux"})
    assert (await sign_in(browser)).status_code == 303
    return browser


async def sign_in(browser: httpx.AsyncClient, password: str = PASSWORD) -> httpx.Response:
    return await browser.post("/login", data={"email": EMAIL, "password": password, "next": "/knowledge"})


async def with_code(browser: httpx.AsyncClient, page: httpx.Response, code: str) -> httpx.Response:
    ticket = DIGITS.search(page.text)
    assert ticket, page.text
    return await browser.post("/login/code", data={"ticket": ticket[1], "code": code, "next": "/knowledge"})


async def switch_on(house: House, browser: httpx.AsyncClient) -> tuple[pyotp.TOTP, list[str]]:
    made = (await browser.post("/api/v1/me/second-factor", json={"password": PASSWORD})).json()
    app = pyotp.parse_uri(made["address"])
    assert isinstance(app, pyotp.TOTP)
    answer = await browser.put("/api/v1/me/second-factor", json={"code": app.at(house.clock())})
    assert answer.status_code == 200, answer.text
    house.clock.forward(seconds=30)
    return app, answer.json()["recovery_codes"]


async def status(browser: httpx.AsyncClient) -> int:
    return (await browser.get("/api/v1/me")).status_code


async def test_the_second_factor_is_drawn_proved_once_and_then_asked_for(house: House, anna: httpx.AsyncClient) -> None:
    refused = await anna.post("/api/v1/me/second-factor", json={"password": "not my password"})
    assert refused.status_code == 422
    made = (await anna.post("/api/v1/me/second-factor", json={"password": PASSWORD})).json()
    assert made["address"].startswith("otpauth://totp/Our%20brand:anna%40example.com?secret=" + made["secret"])
    assert re.fullmatch(r"(M\d+ \d+h1v1h-1z)+", made["path"])
    assert (await sign_in(house.browser())).status_code == 303, "what was never proved is not asked for"
    assert (await anna.put("/api/v1/me/second-factor", json={"code": "000000"})).status_code == 422
    _, codes = await switch_on(house, anna)
    assert len(set(codes)) == 10
    assert (await anna.post("/api/v1/me/second-factor", json={"password": PASSWORD})).status_code == 409
    state = (await anna.get("/api/v1/me/second-factor")).json()
    assert state == {"on": True, "recovery_codes_left": 10, "has_password": True}
    page = await sign_in(house.browser())
    assert page.status_code == 200
    assert "session" not in page.headers.get("set-cookie", "")


async def test_a_code_lets_in_once_and_neither_it_nor_an_earlier_one_again(
    house: House, anna: httpx.AsyncClient
) -> None:
    app, _ = await switch_on(house, anna)
    earlier, code = app.at(house.clock() - timedelta(seconds=30)), app.at(house.clock())
    first = house.browser()
    done = await with_code(first, await sign_in(first), code)
    assert (done.status_code, done.headers["location"]) == (303, "/knowledge")
    assert await status(first) == 200
    for used in (code, earlier):
        second = house.browser()
        refused = await with_code(second, await sign_in(second), used)
        assert refused.status_code == 401
        assert 'role="alert"' in refused.text
        assert await status(second) == 401


async def test_a_recovery_code_lets_in_once_in_any_spelling(house: House, anna: httpx.AsyncClient) -> None:
    _, codes = await switch_on(house, anna)
    spelled = codes[0].upper().replace("-", " ")
    first, second = house.browser(), house.browser()
    assert (await with_code(first, await sign_in(first), spelled)).status_code == 303
    assert (await with_code(second, await sign_in(second), codes[0])).status_code == 401
    assert (await anna.get("/api/v1/me/second-factor")).json()["recovery_codes_left"] == 9
    async with house.database.read() as session:
        kept = str([row.digest for row in await session.scalars(select(RecoveryCode))])
        factor = (await session.scalars(select(SecondFactor))).one()
    assert not any(code in kept for code in codes)
    assert b"otpauth" not in factor.secret


async def test_codes_are_throttled_and_even_the_right_one_waits_then(house: House, anna: httpx.AsyncClient) -> None:
    app, _ = await switch_on(house, anna)
    thief = house.browser()
    page = await sign_in(thief)
    for guess in range(5):
        assert (await with_code(thief, page, f"00000{guess}")).status_code == 401
    assert (await with_code(thief, page, app.at(house.clock()))).status_code == 429
    house.clock.forward(seconds=61)
    assert (await with_code(thief, page, app.at(house.clock()))).status_code == 303


async def test_a_ticket_lapses_ends_with_another_password_and_cannot_be_made_up(
    house: House, anna: httpx.AsyncClient
) -> None:
    app, _ = await switch_on(house, anna)
    page = await sign_in(house.browser())
    forged = await house.browser().post("/login/code", data={"ticket": "made up", "code": app.at(house.clock())})
    assert forged.status_code == 401
    house.clock.forward(minutes=5, seconds=1)
    assert (await with_code(house.browser(), page, app.at(house.clock()))).status_code == 401
    page = await sign_in(house.browser())
    changed = {"current": PASSWORD, "new": "another good password"}
    assert (await anna.put("/api/v1/me/password", json=changed)).status_code == 204
    assert (await with_code(house.browser(), page, app.at(house.clock()))).status_code == 401


async def test_switching_off_needs_the_password_and_an_administrator_can_help(
    house: House, anna: httpx.AsyncClient
) -> None:
    await switch_on(house, anna)
    assert (await anna.post("/api/v1/me/second-factor/off", json={"password": "wrong password"})).status_code == 422
    assert (await anna.post("/api/v1/me/second-factor/off", json={"password": PASSWORD})).status_code == 204
    assert (await sign_in(house.browser())).status_code == 303
    await switch_on(house, anna)
    admin, user_id = await administrator(house)
    assert (await admin.delete(f"/api/v1/users/{user_id}/second-factor")).status_code == 204
    assert await status(anna) == 401
    assert (await sign_in(house.browser())).status_code == 303


async def administrator(house: House) -> tuple[httpx.AsyncClient, int]:
    """An administrator with a token, and Anna's id."""
    async with house.database.write() as session:
        admin = await add_user(session, email="boss@example.com", role=Role.ADMIN, at=house.clock())
        _, token = await make_token(session, admin.id, at=house.clock())
        anna = (await session.scalars(select(User).where(User.email == EMAIL))).one()
    return house.browser(Authorization=f"Bearer {token}"), anna.id


async def test_one_sees_ones_own_browsers_and_ends_one_all_others_or_all(house: House, anna: httpx.AsyncClient) -> None:
    phone, tablet = house.browser(**{"User-Agent": "Safari on a phone"}), house.browser()
    for browser in (phone, tablet):
        house.clock.forward(seconds=1)
        await sign_in(browser)
    items = (await anna.get("/api/v1/me/sessions")).json()["items"]
    assert [one["current"] for one in items] == [False, False, True]
    assert [one["device"] for one in items][1:] == ["Safari on a phone", "Firefox on Linux"]
    async with house.database.read() as session:
        digests = {one.digest for one in await session.scalars(select(BrowserSession))}
    assert not digests & {one["id"] for one in items}
    assert (await anna.delete(f"/api/v1/me/sessions/{items[1]['id']}")).status_code == 204
    assert (await status(phone), await status(tablet)) == (401, 200)
    assert (await anna.delete(f"/api/v1/me/sessions/{items[1]['id']}")).status_code == 404
    assert (await anna.post("/api/v1/me/sessions/end", json={"keep_this": True})).status_code == 204
    assert (await status(tablet), await status(anna)) == (401, 200)
    assert (await anna.post("/api/v1/me/sessions/end", json={})).status_code == 204
    assert await status(anna) == 401


async def test_another_password_ends_all_other_log_ins_and_needs_the_present_one(
    house: House, anna: httpx.AsyncClient
) -> None:
    phone = house.browser()
    await sign_in(phone)
    for wrong in ({"current": "wrong password", "new": "another good password"}, {"current": PASSWORD, "new": "short"}):
        assert (await anna.put("/api/v1/me/password", json=wrong)).status_code == 422
    assert await status(phone) == 200
    changed = {"current": PASSWORD, "new": "another good password"}
    assert (await anna.put("/api/v1/me/password", json=changed)).status_code == 204
    assert (await status(anna), await status(phone)) == (200, 401)
    assert (await sign_in(house.browser())).status_code == 401
    assert (await sign_in(house.browser(), "another good password")).status_code == 303


async def test_the_present_password_is_not_guessed_by_the_thousand(house: House, anna: httpx.AsyncClient) -> None:
    wrong = {"current": "wrong password", "new": "another good password"}
    assert [(await anna.put("/api/v1/me/password", json=wrong)).status_code for _ in range(6)] == [422] * 5 + [429]


async def test_an_administrators_link_sets_a_password_once_and_ends_every_log_in(
    house: House, anna: httpx.AsyncClient
) -> None:
    admin, user_id = await administrator(house)
    old = (await admin.post(f"/api/v1/users/{user_id}/password-link")).json()["path"]
    path = (await admin.post(f"/api/v1/users/{user_id}/password-link")).json()["path"]
    token = path.partition("token=")[2]
    async with house.database.read() as session:
        assert token not in str([one.digest for one in await session.scalars(select(PasswordLink))])
    visitor = house.browser()
    assert (await visitor.get(old)).status_code == 404, "a new link ends the earlier one"
    page = await visitor.get(path)
    assert (page.status_code, EMAIL in page.text) == (200, True)
    short = await visitor.post("/password", data={"token": token, "password": "short"})
    assert short.status_code == 422
    done = await visitor.post("/password", data={"token": token, "password": "another good password"})
    assert (done.status_code, done.headers["location"]) == (303, "/login")
    assert await status(anna) == 401
    again = await visitor.post("/password", data={"token": token, "password": "a third good password"})
    assert again.status_code == 404
    assert (await sign_in(house.browser(), "another good password")).status_code == 303


async def test_a_link_lapses_after_a_day_and_is_nothing_for_somebody_who_is_out(
    house: House, anna: httpx.AsyncClient
) -> None:
    admin, user_id = await administrator(house)
    path = (await admin.post(f"/api/v1/users/{user_id}/password-link")).json()["path"]
    house.clock.forward(hours=24)
    assert (await anna.get(path)).status_code == 404
    path = (await admin.post(f"/api/v1/users/{user_id}/password-link")).json()["path"]
    await admin.post(f"/api/v1/users/{user_id}/deactivate")
    assert (await anna.get(path)).status_code == 404
    assert (await admin.post(f"/api/v1/users/{user_id}/password-link")).status_code == 404
    for made_up in ("/password", "/password?token=", "/password?token=made-up"):
        assert (await anna.get(made_up)).status_code == 404


async def test_a_link_from_another_site_sets_nothing(house: House, anna: httpx.AsyncClient) -> None:
    admin, user_id = await administrator(house)
    path = (await admin.post(f"/api/v1/users/{user_id}/password-link")).json()["path"]
    form = {"token": path.partition("token=")[2], "password": "another good password"}
    assert (await house.browser(Origin="http://evil.test").post("/password", data=form)).status_code == 403
    assert (await anna.get(path)).status_code == 200
