"""The judge itself: what the bot does wrong is told, and a badly written file says where."""

from collections.abc import Sequence
from typing import Any

import pytest

from bot.phrases import handoff_notice, phrases
from core.messages import ConversationStatus, Purpose
from tests.conversations.expectation import Expectation
from tests.conversations.happened import Handed, Happened, Said
from tests.conversations.known import Known
from tests.conversations.mistake import ScriptMistakeError
from tests.conversations.script import parse

KNOWN = Known.read()
COST, TIME = KNOWN.answer("delivery-cost", "en"), KNOWN.answer("delivery-time", "en")


def answered(text: str, *entries: str) -> Happened:
    said = Said(purpose=Purpose.ANSWER, text=text, entries=entries, buttons=())
    return happened([said])


def asked_back(*entries: str) -> Happened:
    buttons = [*(KNOWN.question(entry, "en") for entry in entries), phrases("en")["person_button"]]
    text = phrases("en")["clarification"]
    return happened([Said(purpose=Purpose.CLARIFICATION, text=text, entries=entries, buttons=buttons)])


def handed_over(reason: str, *, priority: int = 0, language: str = "en") -> Happened:
    notice = Said(purpose=Purpose.NOTICE, text=handoff_notice(reason, language), entries=(), buttons=())
    return happened([notice], handed=[Handed(reason=reason, priority=priority)], status=ConversationStatus.WAITING)


def happened(said: Sequence[Said], *, handed: Sequence[Handed] = (), status: str = ConversationStatus.BOT) -> Happened:
    return Happened(said=said, handed=handed, shown=[one.text for one in said], status=status)


def judge(bot: Any, what: Happened) -> str | None:
    return Expectation.parse(bot, where="here", language="en").complaint(what, KNOWN)


@pytest.mark.parametrize(
    ("bot", "what"),
    [
        ({"answer": "delivery-cost"}, answered(COST, "delivery-cost")),
        ({"finds": "delivery-cost"}, asked_back("delivery-time", "delivery-cost")),
        ({"not_wrong": "delivery-cost"}, handed_over("low_confidence")),
        ({"clarify": ["delivery-cost"]}, asked_back("delivery-cost", "delivery-time")),
        ("no answer", handed_over("not_understood")),
        ({"handoff": "angry", "priority": "high"}, handed_over("angry", priority=1)),
        ("silent", happened([])),
    ],
)
def test_what_is_as_expected_is_not_complained_about(bot: Any, what: Happened) -> None:
    assert judge(bot, what) is None


@pytest.mark.parametrize(
    ("bot", "what"),
    [
        ({"answer": "delivery-cost"}, answered(TIME, "delivery-time")),
        ({"answer": "delivery-cost"}, answered(COST + " Promise!", "delivery-cost")),
        ({"answer": "delivery-cost"}, answered(COST, "delivery-time")),
        ({"answer": "delivery-cost", "in": "ru"}, answered(COST, "delivery-cost")),
        ({"answer": "delivery-cost"}, asked_back("delivery-cost")),
        ({"finds": "delivery-cost"}, asked_back("delivery-time", "returns")),
        ({"finds": "delivery-cost"}, handed_over("low_confidence")),
        ({"not_wrong": "delivery-cost"}, answered(TIME, "delivery-time")),
        ({"clarify": ["delivery-cost"]}, answered(COST, "delivery-cost")),
        ("no answer", answered(COST, "delivery-cost")),
        ({"handoff": "angry"}, handed_over("low_confidence")),
        ({"handoff": "angry", "priority": "high"}, handed_over("angry")),
        ({"handoff": "angry"}, handed_over("angry", language="ms")),
        ({"smalltalk": "thanks"}, answered(COST, "delivery-cost")),
        ({"draft": "delivery-cost"}, answered(COST, "delivery-cost")),
        ("silent", answered(COST, "delivery-cost")),
        ("welcome", happened([])),
    ],
)
def test_what_is_not_as_expected_is_told(bot: Any, what: Happened) -> None:
    assert judge(bot, what) is not None


HEAD = "- name: A guest\n  channel: telegram\n  language: uk\n  turns:\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: A guest", "a file is a list"),
        ("- name: A guest\n  turns: []", "en/asking, 'A guest': a conversation has exactly"),
        (HEAD.replace("telegram", "pigeon") + "    - customer: hi\n      bot: silent", "channel is one of"),
        (HEAD + "    - customer: hi", "'A guest', turn 1: what should the bot do?"),
        (HEAD + "    - customer: hi\n      bot: {anwser: returns}", "turn 1: 'bot: {'anwser': 'returns'}'"),
        (HEAD + "    - agent: sleeps", "turn 1: 'agent: sleeps' is not understood"),
        (HEAD + "    - customer sends: money\n      bot: silent", "customer sends: money"),
        (HEAD + "    - customer: hi\n      bot: {handoff: any, priority: top}", "priority is one of"),
    ],
)
def test_a_badly_written_conversation_is_refused_with_its_place(text: str, told: str) -> None:
    with pytest.raises(ScriptMistakeError) as refused:
        parse(text, file="en/asking")
    assert told in str(refused.value)
