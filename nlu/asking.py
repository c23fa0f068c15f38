"""One question, decided as the product decides it live, told in full: `kb ask` and `POST knowledge/ask`."""

from dataclasses import asdict
from typing import Any, Final, Protocol, runtime_checkable

from core.preferences import Brand
from nlu.calibration import Cutoffs
from nlu.decisions import Answer, Candidate, Clarify, Decision, HandOff, SmallTalk
from nlu.people import brand_words
from nlu.serving import InUse
from nlu.understanding import Context, Understands

_MOST_ALTERNATIVES: Final = 3
_WORDS: Final = {Answer: "answer", Clarify: "clarify", SmallTalk: "smalltalk", HandOff: "handoff"}


def decision_word(decision: Decision) -> str:
    """`answer`, `clarify`, `smalltalk` or `handoff` (DESIGN.md section 4)."""
    return _WORDS[type(decision)]


@runtime_checkable
class Suggests(Protocol):
    """An understanding that names the best entries for a text whatever it would decide about it."""

    async def candidates(self, text: str, context: Context) -> tuple[Candidate, ...]: ...


@runtime_checkable
class Limits(Protocol):
    """An understanding whose confidences are calibrated: it says from which of them on it does what."""

    def cutoffs_of(self, language: str) -> Cutoffs | None: ...


async def asked(text: str, *, in_use: InUse, brand: Brand) -> dict[str, Any]:
    """`decision`, `label` (the best entry whatever was decided), `confidence`, `alternatives`, what would be said, and
    the `cutoffs` that the decision follows from.
    """
    context = Context(default_language=brand.default_language, languages=brand.languages, words=brand_words(brand))
    decision = await in_use.understanding.decide(text, context)
    candidates = decision.candidates or await _suggested(in_use.understanding, text, context)
    best = candidates[0] if candidates else None
    found = in_use.snapshot.answer_of(best.entry, decision.language, brand.languages) if best is not None else None
    return {
        "sentence": text,
        "decision": decision_word(decision),
        "label": best.entry if best else None,
        "confidence": round(best.confidence, 4) if best else 0.0,
        "alternatives": [one.entry for one in candidates[:_MOST_ALTERNATIVES]],
        "candidates": [
            {"label": one.entry, "question": one.question, "confidence": round(one.confidence, 4)} for one in candidates
        ],
        "cutoffs": _cutoffs(in_use.understanding, decision.language),
        "language": decision.language,
        "reason": decision.reason if isinstance(decision, HandOff) else None,
        "smalltalk": decision.kind if isinstance(decision, SmallTalk) else None,
        "question": best.question if best else None,
        "answer": found.text if found and isinstance(decision, Answer) else None,
        "answer_language": found.language if found and isinstance(decision, Answer) else None,
    }


def _cutoffs(understanding: Understands, language: str) -> dict[str, float] | None:
    found = understanding.cutoffs_of(language) if isinstance(understanding, Limits) else None
    return None if found is None else {name: round(value, 4) for name, value in asdict(found).items()}


async def _suggested(understanding: Understands, text: str, context: Context) -> tuple[Candidate, ...]:
    """For small talk and calls for a person, where the decision itself did not need the entries."""
    return await understanding.candidates(text, context) if isinstance(understanding, Suggests) else ()
