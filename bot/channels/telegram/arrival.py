"""What we note on an update when it arrives, because Telegram does not say it.

A button press and a deletion carry no date, and an update does not name the bot that got it; the pure parser needs
both. The note travels in the stored body under our own key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from bot.channels.telegram.fields import EPOCH, instant, integer, mapping, text

KEY: Final = "replydesk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """`at` is the time of arrival, UTC. `bot_id` is 0 and `bot_username` empty where they are not known."""

    at: datetime = EPOCH
    bot_id: int = 0
    bot_username: str = ""

    @classmethod
    def of_update(cls, update: Mapping[str, Any]) -> Self:
        note = mapping(update.get(KEY))
        return cls(
            at=instant(note.get("at")) or EPOCH,
            bot_id=integer(note.get("bot_id")) or 0,
            bot_username=text(note.get("bot_username")),
        )


def sign(update: Mapping[str, Any], *, arrival: Arrival) -> dict[str, Any]:
    """The update with our note on it."""
    note = {"at": arrival.at.timestamp(), "bot_id": arrival.bot_id, "bot_username": arrival.bot_username}
    return {**update, KEY: note}
