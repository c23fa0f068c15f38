"""Our keys of Telegram chats and messages.

A thread is `chat`, `chat@connection` for a chat of a connected business account (replies must carry the connection,
CHANNELS.md 1.5) and `chat#topic` for a forum topic. A message is `chat:message_id` or `chat@connection:message_id`: a
business account counts its messages apart from the bot's own chat with the same person.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from bot.channels.telegram.fields import integer, mapping, text
from core.errors import NotSendable, Unreadable

_THREAD: Final = re.compile(r"(?P<chat>-?[0-9]{1,20})(?:@(?P<connection>[^@#:\s]{1,128}))?(?:#(?P<topic>[0-9]{1,20}))?")
_CONNECTION: Final = re.compile(r"[^@#:\s]{1,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a message was written, and where an answer goes."""

    chat: int
    connection: str | None = None
    topic: int | None = None

    @classmethod
    def of_message(cls, message: Mapping[str, Any]) -> Self:
        """Raises `Unreadable` when the chat has no id."""
        chat = integer(mapping(message.get("chat")).get("id"))
        if chat is None:
            raise Unreadable("The update names no chat.")
        connection = text(message.get("business_connection_id"))
        topic = integer(message.get("message_thread_id")) if message.get("is_topic_message") is True else None
        return cls(
            chat=chat,
            connection=connection if _CONNECTION.fullmatch(connection) else None,
            topic=topic if topic is not None and topic > 0 else None,
        )

    @classmethod
    def of_thread(cls, thread: str) -> Self:
        """Raises `NotSendable` for a key that is not one of ours."""
        match = _THREAD.fullmatch(thread)
        if match is None:
            raise NotSendable("This conversation has no Telegram chat.")
        topic = match["topic"]
        return cls(chat=int(match["chat"]), connection=match["connection"], topic=int(topic) if topic else None)

    @property
    def thread(self) -> str:
        topic = f"#{self.topic}" if self.topic is not None else ""
        return f"{self._chat_key}{topic}"

    @property
    def private(self) -> bool:
        """People have positive ids, groups and channels negative ones."""
        return self.chat >= 0

    def message(self, message_id: int) -> str:
        """The external id of a message here."""
        return f"{self._chat_key}:{message_id}"

    def moved_to(self, chat: int) -> "Address":
        return replace(self, chat=chat)

    @property
    def _chat_key(self) -> str:
        return f"{self.chat}@{self.connection}" if self.connection else str(self.chat)


def message_id_of(external_id: str | None) -> int | None:
    """Telegram's number of a message that our external id names; None for a press or a foreign id."""
    return integer(external_id.rpartition(":")[2]) if external_id and not external_id.startswith("press:") else None


def required_message_id(message: Mapping[str, Any]) -> int:
    """Raises `Unreadable` when it is missing."""
    found = integer(message.get("message_id"))
    if found is None:
        raise Unreadable("The message has no number.")
    return found
