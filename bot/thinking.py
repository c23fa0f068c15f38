"""What a turn is made of and what the bot thinks of it; nothing here reads or writes the database."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import structlog

from bot.buttons import PERSON_PAYLOAD, START_PAYLOADS, entry_of_payload
from core.languages import DEFAULT_LANGUAGE
from core.messages import Attachment, AttachmentKind
from core.models import Contact, Conversation, Message
from core.preferences import Brand
from nlu.decisions import Answer, Candidate, Decision, HandOff, Reason
from nlu.people import brand_words
from nlu.serving import InUse
from nlu.understanding import Context

log = structlog.get_logger(__name__)

_THINK_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """The customer opened the chat and asked nothing: greet him."""

    language: str


Thought = Decision | Welcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One burst of a customer's messages, and what is known of him."""

    text: str
    press: str | None
    has_attachments: bool
    conversation_language: str | None
    profile_language: str | None
    failures: int
    offered: tuple[str, ...]

    @classmethod
    def of(cls, messages: Sequence[Message], conversation: Conversation, contact: Contact) -> Self:
        pressed = [message.press for message in messages if message.press is not None]
        attachments = [Attachment.from_json(data) for message in messages for data in message.attachments]
        texts = [message.text for message in messages if message.text.strip()]
        return cls(
            text="\n".join(texts) or "".join(_emoji(attachment) for attachment in attachments),
            press=pressed[-1] if pressed else None,
            has_attachments=bool(attachments),
            conversation_language=conversation.language,
            profile_language=contact.language,
            failures=conversation.failures,
            offered=tuple(conversation.offered),
        )

    def language(self, brand: Brand) -> str:
        """Where no words tell it: the conversation's, else the profile's, else the brand's."""
        return self.conversation_language or self.profile_language or brand.default_language or DEFAULT_LANGUAGE


def _emoji(attachment: Attachment) -> str:
    """A sticker says what its emoji says."""
    if attachment.kind != AttachmentKind.STICKER or attachment.details is None:
        return ""
    return str(attachment.details.get("emoji") or "")


def first_turn(messages: Sequence[Message]) -> Sequence[Message]:
    """What is thought about together: words up to the next pressed button, or one press alone (it has its own answer)."""
    for place, message in enumerate(messages):
        if message.press is not None:
            return messages[: max(place, 1)]
    return messages


def lost_thought(language: str) -> Thought:
    """We could not think: a person gets it."""
    return HandOff(reason=Reason.ERROR, priority=0, candidates=(), language=language)


class Thinker:
    """From material to thought; whatever goes wrong, a person gets it."""

    async def think(self, material: Material, in_use: InUse, brand: Brand) -> Thought:
        language = material.language(brand)
        try:
            async with asyncio.timeout(_THINK_SECONDS):
                return await self._think(material, in_use, brand, language)
        except Exception:  # an edge: doubt, error and overload go to a person
            log.exception("thinking_failed")
            return lost_thought(language)

    async def _think(self, material: Material, in_use: InUse, brand: Brand, language: str) -> Thought:
        if material.press is not None:
            pressed = _pressed(material.press, in_use, language)
            if pressed is not None:
                return pressed
        if not material.text.strip():
            if material.press is not None and not material.has_attachments:
                return Welcome(language=language)  # the chat was opened by a link with a payload of its own
            return HandOff(reason=Reason.MEDIA_ONLY, priority=0, candidates=(), language=language)
        return await in_use.understanding.decide(
            material.text,
            Context(
                conversation_language=material.conversation_language,
                profile_language=material.profile_language,
                default_language=brand.default_language,
                languages=brand.languages,
                failures=material.failures,
                offered=material.offered,
                words=brand_words(brand),
            ),
        )


def _pressed(press: str, in_use: InUse, language: str) -> Thought | None:
    """What a button of ours means; None for one that only its words can explain."""
    if press == PERSON_PAYLOAD:
        return HandOff(reason=Reason.ASKED_FOR_HUMAN, priority=0, candidates=(), language=language)
    if press in START_PAYLOADS:
        return Welcome(language=language)
    entry = entry_of_payload(press, in_use.snapshot)
    if entry is None:
        return None
    question = in_use.snapshot.question_of(entry, language) or entry
    chosen = Candidate(entry=entry, confidence=1.0, language=language, question=question)
    return Answer(entry=entry, confidence=1.0, candidates=(chosen,), language=language)
