"""Pages, health and documentation as a browser, a monitor and a judge see them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.outside.stranger import PASSWORD, Place

ORIGIN_ELSEWHERE = "https://evil.example"


@contextmanager
def log_in(place: Place, name: str = "agent") -> Iterator[httpx.Client]:
    """A browser with that user's session."""
    with httpx.Client(base_url=place.url, headers={"Origin": place.url}, timeout=30) as browser:
        answer = browser.post("/login", data={"email": f"{name}@example.com", "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        yield browser


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json", "/login"])
def test_what_needs_no_signing_in_answers(address: str, place: Place) -> None:
    assert place.anonymous.get(address).status_code == 200


def test_the_numbers_are_in_the_text_format_of_prometheus(place: Place) -> None:
    answer = place.anonymous.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "# TYPE replydesk_webhook_requests_total counter" in answer.text


def test_the_documentation_needs_nothing_from_elsewhere(place: Place) -> None:
    page = place.anonymous.get("/docs")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", page.text) == []
    assert "<script" not in page.text
    for path in place.anonymous.get("/openapi.json").json()["paths"]:
        assert path in page.text


def test_a_visitor_is_led_to_the_log_in_and_back(place: Place) -> None:
    answer = place.anonymous.get("/conversations/1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/conversations/1"
    assert place.anonymous.get("/").status_code == 303


@pytest.mark.parametrize("address", ["/", "/login", "/setup", "/docs", "/conversations/1"])
def test_every_page_comes_under_a_strict_policy(address: str, place: Place) -> None:
    with log_in(place) as browser:
        page = browser.get(address)
        if page.status_code == 303:
            page = place.anonymous.get(address)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"


def test_the_set_up_page_is_closed_once_there_are_users(place: Place) -> None:
    assert place.anonymous.get("/setup", params={"token": "guess"}).status_code == 404


@pytest.mark.parametrize(
    "following",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "\t//evil.example"],
)
def test_after_the_log_in_nobody_is_led_elsewhere(following: str, place: Place) -> None:
    form = {"email": "agent@example.com", "password": PASSWORD, "next": following}
    answer = httpx.post(f"{place.url}/login", data=form, headers={"Origin": place.url})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_strange_host_name_appears_nowhere(place: Place) -> None:
    for address in ("/", "/login", "/docs", "/openapi.json", "/setup"):
        answer = place.anonymous.get(address, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        assert "evil.example" not in answer.text + str(answer.headers)


def test_the_session_is_new_at_every_log_in_and_dead_after_the_log_out(place: Place) -> None:
    with httpx.Client(base_url=place.url, headers={"Origin": place.url}) as browser:
        browser.cookies.set("replydesk_session", "planted-by-somebody-else")
        browser.post("/login", data={"email": "agent@example.com", "password": PASSWORD})
        cookies = [cookie.value for cookie in browser.cookies.jar]
        assert any(value and value != "planted-by-somebody-else" for value in cookies)
    with httpx.Client(base_url=place.url, cookies={"replydesk_session": "planted-by-somebody-else"}) as planted:
        assert planted.get("/api/v1/me").status_code == 401
    with log_in(place) as browser:
        cookie = dict(browser.cookies)
        assert browser.get("/api/v1/me").status_code == 200
        browser.post("/logout")
    with httpx.Client(base_url=place.url, cookies=cookie) as old:
        assert old.get("/api/v1/me").status_code == 401


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(place: Place) -> None:
    form = {"email": "agent@example.com", "password": PASSWORD}
    answer = httpx.post(f"{place.url}/login", data=form, headers={"Origin": place.url})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie or "samesite=strict" in cookie


@pytest.mark.parametrize(
    "headers", [{"Origin": ORIGIN_ELSEWHERE}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {}]
)
def test_another_site_cannot_act_with_a_visitors_session(headers: dict[str, str], place: Place) -> None:
    with log_in(place) as browser:
        cookie = dict(browser.cookies)
    with httpx.Client(base_url=place.url, cookies=cookie, headers=headers) as elsewhere:
        assert elsewhere.post("/api/v1/tokens").status_code == 403
        assert elsewhere.post("/api/v1/conversations/1/claim", json={}).status_code == 403
        assert elsewhere.get("/api/v1/me").status_code == 200


def test_passwords_cannot_be_guessed_by_the_dozen(place: Place) -> None:
    headers = {"Origin": place.url}
    statuses = []
    for number in range(30):
        form = {"email": "admin@example.com", "password": f"guess number {number}"}
        statuses.append(httpx.post(f"{place.url}/login", data=form, headers=headers, timeout=30).status_code)
        if statuses[-1] == 429:
            break
    assert set(statuses[:-1]) == {401}
    assert statuses[-1] == 429


def test_a_known_and_an_unknown_address_are_refused_alike(place: Place) -> None:
    pages = []
    for email in ("manager@example.com", "nobody@example.com"):
        form = {"email": email, "password": "not the right one"}
        answer = httpx.post(f"{place.url}/login", data=form, headers={"Origin": place.url}, timeout=30)
        pages.append((answer.status_code, answer.text.replace(email, "")))
    assert pages[0] == pages[1]
