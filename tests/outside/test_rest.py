"""The REST routes literally as DESIGN.md section 4 writes them, against the running product."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.outside.stranger import Place, wait_until

CONVERSATION_KEYS = {
    "id",
    "status",
    "channel",
    "account",
    "contact",
    "assignee",
    "waiting_since",
    "last_message",
    "version",
}
MESSAGE_KEYS = {"id", "author", "purpose", "text", "attachments", "at", "state", "sources"}
ASKED_KEYS = {"sentence", "decision", "label", "confidence", "alternatives"}
WANTS_A_PERSON = "I want to talk to a person"


def messages(place: Place, conversation: dict[str, Any]) -> list[dict[str, Any]]:
    answer = place.as_user("agent").get(f"/conversations/{conversation['id']}/messages")
    return list(answer.json()["items"])


def is_problem(answer: httpx.Response, status: int) -> bool:
    told = answer.json()
    return (
        answer.status_code == status
        and answer.headers["content-type"] == "application/problem+json"
        and told["status"] == status
        and {"type", "title"} <= set(told)
    )


@pytest.mark.parametrize("channel", ["telegram", "messenger"])
def test_a_question_is_answered_and_told_with_its_source_and_state(channel: str, place: Place) -> None:
    conversation = place.asks(channel, f"Answered {channel}", "When are you open?")
    assert set(conversation) >= CONVERSATION_KEYS
    assert (conversation["status"], conversation["channel"], conversation["account"]) == ("bot", channel, "main")
    assert set(conversation["contact"]) >= {"id", "name"}

    def settled() -> list[dict[str, Any]] | None:
        said = messages(place, conversation)
        return said if {one["state"] for one in said} <= {"handled", "sent", "delivered", "read"} else None

    question, *_, answer = wait_until(settled, what="a sent answer")
    assert set(question) >= MESSAGE_KEYS
    assert (question["author"], question["text"], question["state"]) == ("customer", "When are you open?", "handled")
    assert (answer["author"], answer["purpose"], answer["text"]) == ("bot", "answer", "We are open from 9 to 6.")
    assert "opening-hours" in json.dumps(answer["sources"])


def test_a_person_is_asked_for_takes_over_and_gives_back(place: Place) -> None:
    customer = place.customer("messenger", "Handed Off")
    place.act(customer, "write", text=WANTS_A_PERSON)
    waiting = wait_until(
        lambda: (found := place.conversation("Handed Off")) and found["status"] == "waiting" and found, what="waiting"
    )
    assert waiting["waiting_since"] is not None
    agent, colleague, address = place.as_user("agent"), place.as_user("colleague"), f"/conversations/{waiting['id']}"
    stale = agent.post(f"{address}/claim", json={"version": waiting["version"] - 1})
    assert is_problem(stale, 409)
    claimed = agent.post(f"{address}/claim", json={"version": waiting["version"]}).json()
    assert (claimed["status"], claimed["assignee"]["name"]) == ("open", "Agent")
    assert is_problem(colleague.post(f"{address}/messages", json={"text": "Me too", "note": False}), 403)
    assert is_problem(colleague.post(f"{address}/resolve", json={}), 403)
    written = agent.post(f"{address}/messages", json={"text": "Here I am.", "note": False, "client_id": "one"})
    again = agent.post(f"{address}/messages", json={"text": "Here I am.", "note": False, "client_id": "one"})
    assert (written.status_code, again.status_code) == (201, 200)
    assert written.json()["id"] == again.json()["id"]
    agent.post(f"{address}/messages", json={"text": "A secret note", "note": True}).raise_for_status()
    wait_until(lambda: "Here I am." in place.sees(customer), what="the agent's message at the customer")
    place.act(customer, "write", text="When are you open?")
    wait_until(lambda: messages(place, waiting)[-1]["text"] == "When are you open?", what="the customer's message")
    assert "We are open from 9 to 6." not in place.sees(customer)
    handed = agent.post(f"{address}/handback", json={}).json()
    assert (handed["status"], handed["assignee"]) == ("bot", None)
    wait_until(lambda: "We are open from 9 to 6." in place.sees(customer), what="the answer to what was left open")
    place.act(customer, "write", text="How long does delivery take?")
    wait_until(lambda: "Two to four days." in place.sees(customer), what="the bot's answer")
    shown = place.sees(customer)
    assert shown.count("Here I am.") == 1
    assert "A secret note" not in shown


def test_every_action_leads_to_its_status(place: Place) -> None:
    conversation = place.asks("telegram", "All Actions", WANTS_A_PERSON)
    agent, address = place.as_user("agent"), f"/conversations/{conversation['id']}"
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    steps = [("claim", {}, "open"), ("snooze", {"until": soon}, "snoozed"), ("claim", {}, "open")]
    steps += [("release", {}, "waiting"), ("claim", {}, "open"), ("resolve", {}, "resolved")]
    for action, body, status in steps:
        answer = agent.post(f"{address}/{action}", json=body)
        assert answer.status_code == 200, (action, answer.text)
        assert answer.json()["status"] == status
        listed = agent.get("/conversations", params={"status": status, "channel": "telegram"}).json()["items"]
        assert conversation["id"] in [item["id"] for item in listed]


def test_pages_of_conversations_follow_each_other_without_gaps(place: Place) -> None:
    for number in range(3):
        place.asks("telegram", f"Paged {number}", "When are you open?")
    agent = place.as_user("agent")
    whole = [item["id"] for item in agent.get("/conversations", params={"limit": 200}).json()["items"]]
    found: list[int] = []
    cursor = None
    while True:
        page = agent.get("/conversations", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        found += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == whole


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/conversations/99999", 404),
        ("GET", "/conversations/99999/messages", 404),
        ("POST", "/conversations/99999/claim", 404),
        ("GET", "/conversations?status=asleep", 422),
        ("GET", "/conversations?cursor=nonsense", 422),
        ("GET", "/conversations?limit=0", 422),
        ("GET", "/knowledge/entries/nothing", 404),
        ("DELETE", "/conversations", 405),
        ("GET", "/nowhere", 404),
        ("GET", "/metrics/report?since=yesterday", 422),
    ],
)
def test_what_cannot_be_done_is_told_as_a_problem(method: str, path: str, status: int, place: Place) -> None:
    assert is_problem(place.as_user("admin").request(method, path), status)


@pytest.mark.parametrize(
    "path", ["/conversations", "/conversations/1", "/events", "/knowledge/entries", "/metrics/report"]
)
def test_nobody_comes_in_without_a_token(path: str, place: Place) -> None:
    for headers in ({}, {"Authorization": "Bearer guess"}, {"Authorization": "Basic YTpi"}):
        answer = place.anonymous.get(f"/api/v1{path}", headers=headers)
        assert is_problem(answer, 401)
        assert "www-authenticate" in answer.headers


def test_a_body_that_is_too_big_is_refused(place: Place) -> None:
    answer = place.as_user("editor").post("/knowledge/entries", content=b"x" * 10_000_001)
    assert is_problem(answer, 413)


def test_entries_are_made_read_changed_and_deleted(place: Place) -> None:
    editor, agent = place.as_user("editor"), place.as_user("agent")
    text = {"question": "Do you sell gift cards?", "answer": "Yes.", "phrasings": ["gift card?"]}
    entry = {"id": "gift-cards", "tags": ["shop"], "translations": {"en": text}}
    assert is_problem(agent.post("/knowledge/entries", json=entry), 403)
    made = editor.post("/knowledge/entries", json=entry)
    assert made.status_code == 201
    version = made.json()["version"]
    changed = {**entry, "translations": {"en": {**text, "answer": "Yes, from 10 up."}}, "version": version}
    assert editor.put("/knowledge/entries/gift-cards", json=changed).status_code == 200
    assert is_problem(editor.put("/knowledge/entries/gift-cards", json=changed), 409)
    read = agent.get("/knowledge/entries/gift-cards").json()
    assert read["translations"]["en"]["answer"] == "Yes, from 10 up."
    assert "gift-cards" in [item["id"] for item in agent.get("/knowledge/entries").json()["items"]]
    assert editor.delete("/knowledge/entries/gift-cards").status_code == 204
    assert is_problem(agent.get("/knowledge/entries/gift-cards"), 404)


def test_the_knowledge_base_is_asked_as_by_the_command(place: Place) -> None:
    told = place.as_user("agent").post("/knowledge/ask", json={"text": "When are you open?"}).json()
    assert set(told) >= ASKED_KEYS
    assert (told["decision"], told["label"]) == ("answer", "opening-hours")
    assert place.as_user("agent").post("/knowledge/ask", json={"text": "hello"}).json()["label"] is not None


def test_the_report_has_the_shape_of_its_definition_and_is_for_managers(place: Place) -> None:
    figures = place.as_user("manager").get("/metrics/report").json()
    assert figures["definition"] == 1
    assert set(figures["first_response"]) == {"any", "bot", "human"}
    assert figures["episodes"] > 0
    assert is_problem(place.as_user("agent").get("/metrics/report"), 403)


def test_events_tell_at_once_that_somebody_wrote(place: Place) -> None:
    agent = place.as_user("agent")
    with agent.stream("GET", "/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("event:")) == "event: hello"
        place.act(place.customer("telegram", "Live"), "write", text="When are you open?")
        kinds = {next(line for line in lines if line.startswith("event:")).removeprefix("event: ") for _ in range(4)}
    assert {"conversation", "message"} & kinds


def test_a_revoked_token_and_a_deactivated_user_are_out_at_once(place: Place) -> None:
    admin = place.as_user("admin")
    made = admin.post("/tokens").json()
    with httpx.Client(base_url=f"{place.url}/api/v1", headers={"Authorization": f"Bearer {made['token']}"}) as client:
        assert client.get("/me").status_code == 200
        assert admin.delete(f"/tokens/{made['id']}").status_code == 204
        assert is_problem(client.get("/me"), 401)


def test_no_secret_has_been_logged(place: Place) -> None:
    said = place.log.read_text(encoding="utf-8")
    assert "listening" in said
    secrets = ["demo-telegram-token-not-secret", "demo-page-token", "demo-app-secret", "demo-verify-token"]
    secrets += ["canary-webhook-secret", "correct horse battery", *place.tokens.values()]
    assert [secret for secret in secrets if secret in said] == []
    assert "Traceback" not in said
