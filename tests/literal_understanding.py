"""A plain understanding for tests of the pipeline: it knows a published question or phrasing only to the letter."""

from collections.abc import Mapping

from knowledge_base.search import Knowledge
from nlu.decisions import Answer, Candidate, Clarify, Decision, HandOff, Reason, SmallTalk
from nlu.understanding import Context


class LiteralUnderstanding:
    """`ask NAME`: the entry NAME; `which A or B`: a clarification; `hello`: small talk; anything else: a person.

    Several lines that are all known are answered one after the other.
    """

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known

    async def decide(self, text: str, context: Context) -> Decision:
        language = context.conversation_language or context.default_language
        if text == "hello":
            return SmallTalk(kind="greeting", language=language)
        if text == "break":
            raise RuntimeError("the understanding broke")
        if text.startswith("which ") and context.failures == 0:
            first, second = text.removeprefix("which ").split(" or ")
            return Clarify(candidates=(_candidate(first), _candidate(second)), language=language)
        asked = [self._known.get(line) for line in text.split("\n")]
        entries = tuple(_candidate(entry) for entry in asked if entry is not None)
        if len(entries) < len(asked):
            return HandOff(reason=Reason.NOT_UNDERSTOOD, priority=0, candidates=(), language=language)
        return Answer(entry=entries[0].entry, confidence=0.97, candidates=entries, language=language, also=entries[1:])


def _candidate(entry: str) -> Candidate:
    return Candidate(entry=entry, confidence=0.97, language="en", question=f"What about {entry}?")


class LiteralBuild:
    """What the product builds its understanding with in these tests."""

    generation = 0

    async def __call__(self, knowledge: Knowledge, *, max_wrong_answer_rate: float) -> LiteralUnderstanding:
        return LiteralUnderstanding({text.text: text.entry for text in knowledge.texts if text.kind != "answer"})
