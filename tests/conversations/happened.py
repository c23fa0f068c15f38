"""What the bot did in one step, read from the committed rows and from the customer's screen."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.messages import Purpose
from core.models import Message
from handoff.models import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message of the bot. `entries` are its sources, or what it offered; `payloads` its buttons' by title."""

    purpose: str
    text: str
    entries: Sequence[str]
    buttons: Sequence[str]

    @classmethod
    def of(cls, message: Message) -> "Said":
        return cls(
            purpose=message.purpose or "",
            text=message.text,
            entries=[source["entry"] for source in message.sources or ()],
            buttons=[button["title"] for button in message.buttons or ()],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """The case that was opened. `priority`: 0 normal, 1 high, 2 urgent."""

    reason: str
    priority: int

    @classmethod
    def of(cls, case: Case) -> "Handed":
        return cls(reason=case.reason, priority=case.priority)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """`shown` is what appeared on the customer's screen, `status` the conversation's afterwards."""

    said: Sequence[Said]
    handed: Sequence[Handed]
    shown: Sequence[str]
    status: str

    @property
    def sent(self) -> list[Said]:
        """What left the house: drafts stay at the desk."""
        return [one for one in self.said if one.purpose != Purpose.DRAFT]

    @property
    def kind(self) -> str:
        """The decision in one word, for the figures at the end."""
        if self.handed:
            return "handed over"
        purposes = {one.purpose for one in self.said}
        names = {
            Purpose.ANSWER: "answered",
            Purpose.CLARIFICATION: "asked back",
            Purpose.SMALLTALK: "small talk",
            Purpose.DRAFT: "draft",
            Purpose.NOTICE: "welcome",
        }
        return next((name for purpose, name in names.items() if purpose in purposes), "silent")

    def in_words(self) -> str:
        """For the transcript."""
        lines = [f"[{one.purpose}{_named(one.entries)}] {one.text}{_shown_buttons(one.buttons)}" for one in self.said]
        lines += [f"(to a person: {one.reason}, {PRIORITIES[one.priority]} priority)" for one in self.handed]
        return "\n".join(lines) or "(silent)"


PRIORITIES = ("normal", "high", "urgent")


def _named(entries: Sequence[str]) -> str:
    return f": {', '.join(entries)}" if entries else ""


def _shown_buttons(buttons: Sequence[str]) -> str:
    return "".join(f"\n  [ {title} ]" for title in buttons)
