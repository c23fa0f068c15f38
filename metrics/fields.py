"""Typed values out of foreign JSON; whatever is wrong is refused with its place."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Final, TypeVar

from core.errors import UserMistake
from metrics.instants import read_instant

_TYPING_ERROR: Final = 0.85
"""Similarity from which an unknown key is taken for a misspelt one."""

Choice = TypeVar("Choice", bound=StrEnum)


class TimelineMistake(UserMistake):
    """A timeline that cannot be meant; the sentence begins with the place of the fault, such as `events[3].at: …`."""


class Fields:
    """The members of one JSON object. A member that is null is as good as absent."""

    def __init__(self, data: Any, *, place: str) -> None:
        """Takes the object at `place` ("" for the whole file).

        Raises:
            TimelineMistake: `data` is no JSON object. (So do all methods, for what they say they cannot read.)

        """
        if not isinstance(data, Mapping):
            raise TimelineMistake(f"{place or 'timeline'}: must be a JSON object.")
        self._data = data
        self._place = place

    def mistake(self, key: str, sentence: str) -> TimelineMistake:
        return TimelineMistake(f"{self._place}.{key}: {sentence}" if self._place else f"{key}: {sentence}")

    def get(self, key: str) -> Any:
        return self._data.get(key)

    def refuse_misspelt(self, known: Iterable[str]) -> None:
        """Refuses keys that look like a known one; others are somebody's remarks and do not count."""
        for key in self._data:
            if key not in known and (similar := get_close_matches(key, known, n=1, cutoff=_TYPING_ERROR)):
                raise self.mistake(key, f"is unknown; did you mean {similar[0]}?")

    def refuse_unknown(self, known: Iterable[str]) -> None:
        for key in self._data:
            if key not in known:
                similar = get_close_matches(key, known, n=1)
                advice = f"did you mean {similar[0]}?" if similar else f"known are {', '.join(known)}."
                raise self.mistake(key, f"is unknown; {advice}")

    def instant(self, key: str) -> datetime:
        text = self._required(key)
        if not isinstance(text, str):
            raise self.mistake(key, f"{text!r} is not an ISO 8601 date and time such as 2026-03-02T08:00:00Z.")
        try:
            return read_instant(text)
        except ValueError as error:
            raise self.mistake(key, str(error)) from None

    def text(self, key: str) -> str:
        self._required(key)
        return self.optional_text(key) or ""

    def optional_text(self, key: str) -> str | None:
        value = self._data.get(key)
        if value is not None and not (isinstance(value, str) and value):
            raise self.mistake(key, f"{value!r} is not a text.")
        return value

    def flag(self, key: str) -> bool:
        value = self._required(key)
        if not isinstance(value, bool):
            raise self.mistake(key, f"{value!r} is neither true nor false.")
        return value

    def whole(self, key: str, *, low: int, high: int) -> int:
        value = self._required(key)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.mistake(key, f"{value!r} is not a whole number from {low} to {high}.")
        return value

    def items(self, key: str) -> list[Any]:
        value = self._required(key)
        if not isinstance(value, list):
            raise self.mistake(key, "must be a list.")
        return value

    def choice(self, key: str, choices: type[Choice]) -> Choice:
        value = self._required(key)
        if not isinstance(value, str) or value not in list(choices):
            raise self.mistake(key, f"{value!r} is unknown; known are {', '.join(choices)}.")
        return choices(value)

    def _required(self, key: str) -> Any:
        value = self._data.get(key)
        if value is None:
            raise self.mistake(key, "is missing.")
        return value
