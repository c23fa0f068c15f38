"""What the bot should do, in a support lead's words, held against what it did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.phrases import handoff_notice, phrases, smalltalk
from core.messages import ConversationStatus, Purpose
from knowledge_base.demo import DEMO_BRAND
from tests.conversations.happened import PRIORITIES, Handed, Happened, Said
from tests.conversations.known import Known
from tests.conversations.mistake import ScriptMistakeError

BOT_WORDS: Final = (
    "answer", "clarify", "finds", "not_wrong", "no answer", "smalltalk", "handoff", "welcome", "draft", "silent",
)  # fmt: skip
_BESIDE: Final = frozenset({"in", "priority"})
ANY_REASON: Final = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """`kind` is one of BOT_WORDS, `names` the entries, kinds or reasons behind it; `language` of what is said."""

    kind: str
    names: Sequence[str]
    language: str
    priority: str | None

    @classmethod
    def parse(cls, data: Any, *, where: str, language: str) -> "Expectation":
        given: Any = {data: ()} if isinstance(data, str) else data
        kinds = [key for key in given if key in BOT_WORDS] if isinstance(given, Mapping) else []
        if len(kinds) != 1 or set(given) - set(kinds) - _BESIDE:
            raise ScriptMistakeError(f"{where}: 'bot: {data}' should be one of {', '.join(BOT_WORDS)}.")
        value = given[kinds[0]]
        names = [value] if isinstance(value, str) else list(value or ())
        priority = given.get("priority")
        if priority not in (None, *PRIORITIES):
            raise ScriptMistakeError(f"{where}: priority is one of {', '.join(PRIORITIES)}.")
        return cls(kind=kinds[0], names=names, language=given.get("in", language), priority=priority)

    def in_words(self) -> str:
        names = f" {', '.join(self.names)}" if self.names else ""
        priority = f", {self.priority} priority" if self.priority else ""
        return f"{self.kind}{names} in {self.language}{priority}"

    def complaint(self, happened: Happened, known: Known) -> str | None:
        """One sentence on what is not as expected; None when all is."""
        judges = {
            "answer": self._answered,
            "clarify": self._clarified,
            "finds": self._found,
            "not_wrong": self._not_wrong,
            "no answer": self._not_answered,
            "smalltalk": self._talked_small,
            "handoff": self._handed_over,
            "welcome": self._welcomed,
            "draft": self._drafted,
            "silent": self._silent,
        }
        return judges[self.kind](happened, known)

    def _answered(self, happened: Happened, known: Known) -> str | None:
        """All of them and nothing else, in whichever order."""
        answers = {known.answer(name, self.language): [name] for name in self.names}
        if sorted(one.text for one in happened.sent) != sorted(answers):
            return "The answer is not, word for word, the knowledge base's."
        if any(list(one.entries) != answers[one.text] for one in happened.sent):
            return "The answer does not name its entry as its source."
        if any(not any(shown.startswith(answer) for shown in happened.shown) for answer in answers):
            return "The customer does not see the answer on the screen."
        return _must_stay(happened, ConversationStatus.BOT)

    def _clarified(self, happened: Happened, known: Known) -> str | None:
        if len(happened.sent) != 1 or happened.sent[0].purpose != Purpose.CLARIFICATION:
            return "The bot does not ask back."
        (asked,) = happened.sent
        spoken = phrases(self.language)
        if asked.text != spoken["clarification"] or asked.buttons[-1] != spoken["person_button"]:
            return f"It does not ask back in {self.language}, with a person as the last button."
        if set(self.names) - set(asked.entries):
            return f"It does not offer {', '.join(sorted(set(self.names) - set(asked.entries)))}."
        wanted = [known.question(entry, self.language) for entry in asked.entries]
        if list(asked.buttons[:-1]) != wanted:
            return "Its buttons are not the entries' questions."
        return _must_stay(happened, ConversationStatus.BOT)

    def _found(self, happened: Happened, known: Known) -> str | None:
        """Answered, or one press away."""
        if _asked_back(happened):
            return self._clarified(happened, known)
        return self._answered(happened, known)

    def _not_wrong(self, happened: Happened, known: Known) -> str | None:
        if happened.handed:
            return self._told_of_a_person(happened, happened.handed[0])
        return self._found(happened, known)

    def _not_answered(self, happened: Happened, known: Known) -> str | None:
        if happened.handed:
            return self._told_of_a_person(happened, happened.handed[0])
        if _asked_back(happened):
            return self._clarified(happened, known)
        return "Nothing of ours answers this; only a question back or a person is right."

    def _talked_small(self, happened: Happened, known: Known) -> str | None:
        wanted = [smalltalk(kind, self.language, brand=DEMO_BRAND.name) for kind in self.names]
        if [one.text for one in happened.sent] != wanted:
            return "That is not our answer to this small talk."
        if any(one.entries or one.purpose != Purpose.SMALLTALK for one in happened.sent):
            return "Small talk must not count as an answer."
        return _must_stay(happened, ConversationStatus.BOT)

    def _handed_over(self, happened: Happened, known: Known) -> str | None:
        if len(happened.handed) != 1:
            return "No person was fetched."
        (handed,) = happened.handed
        if ANY_REASON not in self.names and handed.reason not in self.names:
            return f"A person was fetched, but because of {handed.reason}."
        if self.priority is not None and PRIORITIES[handed.priority] != self.priority:
            return f"The case has {PRIORITIES[handed.priority]} priority."
        return self._told_of_a_person(happened, handed)

    def _told_of_a_person(self, happened: Happened, handed: Handed) -> str | None:
        notice = handoff_notice(handed.reason, self.language)  # a promise may follow it
        if len(happened.sent) != 1 or not happened.sent[0].text.startswith(notice):
            return f"The customer is not told in {self.language}, once and plainly, that a person will answer."
        return _must_stay(happened, ConversationStatus.WAITING)

    def _welcomed(self, happened: Happened, known: Known) -> str | None:
        wanted = phrases(self.language)["welcome"].format(brand=DEMO_BRAND.name)
        return None if [one.text for one in happened.sent] == [wanted] else "The customer is not welcomed."

    def _drafted(self, happened: Happened, known: Known) -> str | None:
        wanted = [Said(purpose=Purpose.DRAFT, text=known.answer(name, self.language), entries=[name], buttons=[])
                  for name in self.names]  # fmt: skip
        if list(happened.said) != wanted or happened.shown:
            return "The bot's answer is not just a draft for the agent."
        return None

    def _silent(self, happened: Happened, known: Known) -> str | None:
        return "The bot is not silent." if happened.said or happened.shown or happened.handed else None


def _asked_back(happened: Happened) -> bool:
    return len(happened.sent) == 1 and happened.sent[0].purpose == Purpose.CLARIFICATION


def _must_stay(happened: Happened, status: str) -> str | None:
    if happened.status != status:
        return f"The conversation is {happened.status} afterwards, not {status}."
    if status == ConversationStatus.BOT and happened.handed:
        return "A person was fetched as well."
    return None
