from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.messages import Author, ConversationStatus, EventKind, Purpose
from core.models import AuditEntry, Event, Message
from core.roles import Role
from handoff.automations.models import AutomationRun
from handoff.automations.running import MOST_RUNS, Automations
from handoff.cases import customer_wrote, load, release, take
from handoff.models import CannedReply, Case, ConversationTag
from tests.handoff.conftest import customer_message
from tests.handoff.floor import Floor

WINDOWS = {"telegram": timedelta(hours=24), "messenger": timedelta(hours=24)}


def machine(floor: Floor) -> Automations:
    return Automations(database=floor.desk.database, clock=floor.desk.clock, windows=WINDOWS)


async def switched_on(floor: Floor, trigger: dict[str, Any], *actions: dict[str, Any], name: str = "One") -> int:
    manager = floor.people.get("manager") or await floor.desk.person(Role.MANAGER, f"m{name}@example.com")
    body = {"name": name, "rule": {"trigger": trigger, "actions": list(actions)}}
    made = await manager.http.post("/api/v1/automations", json=body)
    assert made.status_code == 201, made.text
    address = f"/api/v1/automations/{made.json()['id']}"
    assert (await manager.http.post(f"{address}/switch", json={"active": True})).json()["active"] is True
    return int(made.json()["id"])


async def runs(floor: Floor) -> list[AutomationRun]:
    async with floor.desk.database.read() as session:
        return list(await session.scalars(select(AutomationRun).order_by(AutomationRun.id)))


async def writes(floor: Floor, conversation_id: int, text: str) -> None:
    async with floor.desk.database.write() as session:
        conversation = await load(session, conversation_id)
        session.add(customer_message(conversation, text, at=floor.desk.clock()))
        conversation.last_customer_at = floor.desk.clock()
        await customer_wrote(session, conversation, at=floor.desk.clock())


async def test_a_new_case_is_acted_on_once_and_the_run_is_on_the_audit_log(floor: Floor) -> None:
    actions = (
        {"kind": "priority", "priority": 2},
        {"kind": "tag", "tag": "vip"},
        {"kind": "note", "text": "Look at this first."},
    )
    await switched_on(floor, {"kind": "new_case"}, *actions)
    floor.desk.clock.forward(seconds=5)
    case = await floor.case()
    floor.desk.clock.forward(seconds=5)
    for _ in range(3):
        await machine(floor).run_once()
    [run] = await runs(floor)
    assert run.outcome == "priority 2, tagged vip, wrote a note"
    async with floor.desk.database.read() as session:
        assert (await session.scalars(select(Case))).one().priority == 2
        assert (await session.scalars(select(ConversationTag.tag))).all() == ["vip"]
        [note] = (await session.scalars(select(Message).where(Message.purpose == Purpose.NOTE))).all()
        audited = await session.scalar(select(AuditEntry).where(AuditEntry.action == "automation.ran"))
    assert (note.author, note.conversation_id) == (Author.BOT, case)
    assert audited is not None
    assert audited.details["conversation"] == case


async def test_what_happened_before_it_was_switched_on_does_not_set_it_off_but_shows_in_the_trial(floor: Floor) -> None:
    await floor.case()
    floor.desk.clock.forward(minutes=1)
    rule = {"trigger": {"kind": "new_case"}, "actions": [{"kind": "resolve"}]}
    manager = await floor.desk.person(Role.MANAGER)
    tried = (await manager.http.post("/api/v1/automations/try", json=rule)).json()
    assert (tried["count"], tried["items"][0]["contact"]) == (1, "Olha 1")
    await switched_on(floor, rule["trigger"], *rule["actions"])  # type: ignore[arg-type]
    floor.desk.clock.forward(minutes=1)
    await machine(floor).run_once()
    assert await runs(floor) == []
    assert (await floor.conversation(1)).status == ConversationStatus.WAITING, "a trial does nothing"


@pytest.mark.parametrize(
    ("text", "matches"),
    [("I want a REFUND now", True), ("refunded already", False), ("我要退款！", True), ("hello", False)],
)
async def test_keywords_are_whole_words_and_parts_of_han_text(floor: Floor, text: str, matches: bool) -> None:
    await switched_on(floor, {"kind": "keyword", "words": ["refund", "退款"]}, {"kind": "tag", "tag": "money"})
    case = await floor.case()
    floor.desk.clock.forward(minutes=1)
    await writes(floor, case, text)
    floor.desk.clock.forward(seconds=1)
    await machine(floor).run_once()
    assert len(await runs(floor)) == matches


async def test_a_silent_assignee_sets_it_off_once_for_each_wait(floor: Floor) -> None:
    ann, ben = await floor.agent("ann"), await floor.agent("ben")
    await switched_on(floor, {"kind": "silent_assignee", "minutes": 10}, {"kind": "assign", "user_id": ben.actor.id})
    case = await floor.case()
    floor.desk.clock.forward(minutes=1)
    async with floor.desk.database.write() as session:
        take(session, await load(session, case), ann.actor, at=floor.desk.clock())
    floor.desk.clock.forward(minutes=9)
    await machine(floor).run_once()
    assert await floor.owner(case) == "ann"
    floor.desk.clock.forward(minutes=2)
    await machine(floor).run_once()
    await machine(floor).run_once()
    assert await floor.owner(case) == "ben"
    assert len(await runs(floor)) == 1


async def test_an_answered_or_released_customer_is_nobodys_silence(floor: Floor) -> None:
    ann = await floor.agent("ann")
    await switched_on(floor, {"kind": "silent_assignee", "minutes": 10}, {"kind": "tag", "tag": "late"})
    answered, released = await floor.case(), await floor.case()
    floor.desk.clock.forward(minutes=1)
    async with floor.desk.database.write() as session:
        for one in (answered, released):
            take(session, await load(session, one), ann.actor, at=floor.desk.clock())
    floor.desk.clock.forward(minutes=5)
    await floor.replies("ann", answered)
    async with floor.desk.database.write() as session:
        await release(session, released, ann.actor, at=floor.desk.clock())
    floor.desk.clock.forward(minutes=20)
    await machine(floor).run_once()
    assert await runs(floor) == []


async def test_a_closing_window_is_told_before_it_closes_and_not_where_somebody_answered(floor: Floor) -> None:
    await floor.agent("ann")
    await switched_on(floor, {"kind": "closing_window", "minutes": 60}, {"kind": "priority", "priority": 2})
    waiting, answered = await floor.case(), await floor.case()
    floor.desk.clock.forward(minutes=5)
    await floor.replies("ann", answered)
    floor.desk.clock.forward(hours=22)
    await machine(floor).run_once()
    assert await runs(floor) == []
    floor.desk.clock.forward(hours=1)
    await machine(floor).run_once()
    assert [one.conversation_id for one in await runs(floor)] == [waiting]


async def test_a_bad_rating_and_only_a_bad_one_sets_it_off(floor: Floor) -> None:
    await switched_on(floor, {"kind": "rating", "at_most": 2}, {"kind": "tag", "tag": "unhappy"})
    case = await floor.case()
    floor.desk.clock.forward(seconds=1)
    async with floor.desk.database.write() as session:
        for score in (5, 2):
            details = {"about": "human", "score": score}
            session.add(Event(conversation_id=case, kind=EventKind.RATING, at=floor.desk.clock(), details=details))
    floor.desk.clock.forward(seconds=1)
    await machine(floor).run_once()
    assert len(await runs(floor)) == 1


async def test_conditions_narrow_it_to_channels_languages_and_urgency(floor: Floor) -> None:
    trigger = {"kind": "new_case", "channels": ["telegram"], "languages": ["uk"], "least_priority": 1}
    await switched_on(floor, trigger, {"kind": "tag", "tag": "hit"})
    await floor.case(language="en", priority=2)
    await floor.case(language="uk", priority=0)
    meant = await floor.case(language="uk", priority=1)
    floor.desk.clock.forward(seconds=1)
    await machine(floor).run_once()
    assert [one.conversation_id for one in await runs(floor)] == [meant]


async def test_automations_that_feed_each_other_are_stopped(floor: Floor) -> None:
    await switched_on(floor, {"kind": "keyword", "words": ["again"]}, {"kind": "tag", "tag": "loop"})
    case = await floor.case()
    for _ in range(MOST_RUNS + 3):
        floor.desk.clock.forward(seconds=30)
        await writes(floor, case, "again")
    floor.desk.clock.forward(seconds=1)
    await machine(floor).run_once()
    outcomes = [one.outcome for one in await runs(floor)]
    assert outcomes.count("tagged loop") == MOST_RUNS
    assert sum(one.startswith("Held back") for one in outcomes) == 3


async def test_one_that_cannot_be_done_does_nothing_of_it_and_says_why(floor: Floor) -> None:
    missing = {"kind": "canned", "reply_id": 4711}
    await switched_on(floor, {"kind": "new_case"}, {"kind": "tag", "tag": "half"}, missing)
    await floor.case()
    floor.desk.clock.forward(seconds=1)
    await machine(floor).run_once()
    assert [one.outcome for one in await runs(floor)] == ["Not done: There is no such canned reply."]
    async with floor.desk.database.read() as session:
        assert (await session.scalars(select(ConversationTag))).all() == []


async def test_a_canned_reply_speaks_the_customers_language_and_a_resolve_ends_the_case(floor: Floor) -> None:
    async with floor.desk.database.write() as session:
        canned = CannedReply(shortcut="wait", texts={"en": "Hello {customer}", "uk": "Вітаємо, {customer}"})
        session.add(canned)
    await switched_on(floor, {"kind": "new_case"}, {"kind": "canned", "reply_id": canned.id}, {"kind": "resolve"})
    case = await floor.case(language="uk")
    floor.desk.clock.forward(seconds=1)
    await machine(floor).run_once()
    async with floor.desk.database.read() as session:
        [said] = (await session.scalars(select(Message).where(Message.purpose == Purpose.NOTICE))).all()
    assert said.text == "Вітаємо, Olha 1"
    assert (await floor.conversation(case)).status == ConversationStatus.RESOLVED


async def test_changing_one_switches_it_off_until_it_was_tried_again(floor: Floor) -> None:
    identity = await switched_on(floor, {"kind": "new_case"}, {"kind": "resolve"})
    manager = await floor.desk.person(Role.MANAGER)
    body = {"name": "One", "rule": {"trigger": {"kind": "new_case"}, "actions": [{"kind": "tag", "tag": "x"}]}}
    assert (await manager.http.put(f"/api/v1/automations/{identity}", json=body)).json()["active"] is False


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({"trigger": {"kind": "full_moon"}, "actions": [{"kind": "resolve"}]}, "rule.trigger"),
        ({"trigger": {"kind": "new_case"}, "actions": []}, "rule.actions"),
        ({"trigger": {"kind": "new_case"}, "actions": [{"kind": "assign"}]}, "rule.actions.0.assign"),
        ({"trigger": {"kind": "keyword", "words": []}, "actions": [{"kind": "resolve"}]}, "rule.trigger.keyword.words"),
        (
            {"trigger": {"kind": "rating", "at_most": 9}, "actions": [{"kind": "resolve"}]},
            "rule.trigger.rating.at_most",
        ),
    ],
)
async def test_a_rule_that_cannot_be_meant_is_refused_with_its_place(
    floor: Floor, rule: dict[str, Any], place: str
) -> None:
    manager = await floor.desk.person(Role.MANAGER)
    refused = await manager.http.post("/api/v1/automations", json={"name": "Odd", "rule": rule})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"].startswith(place), refused.text
