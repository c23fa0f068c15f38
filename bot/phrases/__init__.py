"""Every sentence the bot itself says, by language; answers come from the knowledge base and never from here."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Final

import yaml

from core.languages import DEFAULT_LANGUAGE, LANGUAGES

Phrases = Mapping[str, str]
OwnPhrases = Mapping[str, Phrases]
"""What the brand says in other words than ours, by language (bot/phrases/own.py)."""

NOTHING_OWN: Final[OwnPhrases] = {}
_WEEK: Final = 7
_FALLBACK_SMALLTALK: Final = "acknowledgement"


def phrases(language: str | None, own: OwnPhrases = NOTHING_OWN) -> Phrases:
    """The phrases of a language, the brand's own before ours; English for one we do not speak."""
    chosen = language if language in LANGUAGES else DEFAULT_LANGUAGE
    return {**_read(chosen), **own.get(chosen, {})}


@cache
def _read(language: str) -> Phrases:
    text = resources.files(__package__).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    loaded: Phrases = yaml.safe_load(text)
    return loaded


def smalltalk(kind: str, language: str | None, *, brand: str, own: OwnPhrases = NOTHING_OWN) -> str:
    """The answer in kind to small talk; a kind without words of its own is acknowledged."""
    known = phrases(language, own)
    return known.get(f"smalltalk_{kind}", known[f"smalltalk_{_FALLBACK_SMALLTALK}"]).format(brand=brand)


def promise(until: datetime, *, now: datetime, language: str | None, own: OwnPhrases = NOTHING_OWN) -> str:
    """When to expect a person; both instants in the brand's time zone."""
    known = phrases(language, own)
    days = (until.date() - now.date()).days
    kind = "today" if days == 0 else "tomorrow" if days == 1 else "weekday" if days < _WEEK else "date"
    return known[f"promise_{kind}"].format(
        time=f"{until:%H:%M}", weekday=known[f"weekday_{until.weekday()}"], date=f"{until:%Y-%m-%d}"
    )


def handoff_notice(reason: str, language: str | None, own: OwnPhrases = NOTHING_OWN) -> str:
    """What the customer is told when a person will answer."""
    known = phrases(language, own)
    return known.get(f"handoff_{reason}", known["handoff"])
