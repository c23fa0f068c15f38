"""The payloads of rating buttons, at most 64 bytes as Telegram allows: what is asked and what a press answers."""

import re
from dataclasses import dataclass
from typing import Final

_PRESS: Final = re.compile(r"rate:([1-9][0-9]{0,9}):(stop|[0-5])", re.ASCII)
_STOP: Final = "stop"
BEST: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """`score` None: he does not want to be asked again."""

    ask_id: int
    score: int | None


def payload(ask_id: int, score: int | None) -> str:
    return f"rate:{ask_id}:{_STOP if score is None else score}"


def read_press(text: str | None) -> Press | None:
    """None for any other button's payload."""
    found = _PRESS.fullmatch(text or "")
    if found is None:
        return None
    return Press(ask_id=int(found[1]), score=None if found[2] == _STOP else int(found[2]))
