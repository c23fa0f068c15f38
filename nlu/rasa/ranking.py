"""What Rasa said about a text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Intents with Rasa's confidence (0 to 1, uncalibrated), best first."""

    intents: tuple[tuple[str, float], ...] = ()

    @classmethod
    def of_parse(cls, answer: Any) -> Self:
        """From the body of `POST /model/parse`. Raises ValueError for anything else."""
        ranking = answer.get("intent_ranking") if isinstance(answer, Mapping) else None
        if not isinstance(ranking, list):
            raise ValueError("The answer has no intent_ranking.")  # noqa: TRY004  # the answer's shape, not a type error
        try:
            found = [(str(one["name"]), float(one["confidence"])) for one in ranking if one["name"]]
        except (KeyError, TypeError) as error:
            raise ValueError("An intent has no name or no confidence.") from error
        if not all(0.0 <= confidence <= 1.0 + 1e-6 for _, confidence in found):
            raise ValueError("A confidence is no probability.")
        return cls(intents=tuple(sorted(found, key=lambda one: -one[1])))

    def entries(self, intents: Mapping[str, str]) -> list[tuple[str, float]]:
        """Entries of the known intents, best first; out of scope and intents of deleted entries are left out."""
        return [(intents[intent], confidence) for intent, confidence in self.intents if intent in intents]
