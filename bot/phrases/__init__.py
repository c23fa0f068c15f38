"""Every sentence the bot itself says, by language; answers come from the knowledge base and never from here."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

import yaml

from core.languages import DEFAULT_LANGUAGE, LANGUAGES

Phrases = Mapping[str, str]
_FALLBACK_SMALLTALK: Final = "acknowledgement"


@cache
def phrases(language: str | None) -> Phrases:
    """The phrases of a language; English for one we do not speak."""
    chosen = language if language in LANGUAGES else DEFAULT_LANGUAGE
    text = resources.files(__package__).joinpath(f"{chosen}.yaml").read_text(encoding="utf-8")
    loaded: Phrases = yaml.safe_load(text)
    return loaded


def smalltalk(kind: str, language: str | None, *, brand: str) -> str:
    """The answer in kind to small talk; a kind without words of its own is acknowledged."""
    known = phrases(language)
    return known.get(f"smalltalk_{kind}", known[f"smalltalk_{_FALLBACK_SMALLTALK}"]).format(brand=brand)


def handoff_notice(reason: str, language: str | None) -> str:
    """What the customer is told when a person will answer."""
    known = phrases(language)
    return known.get(f"handoff_{reason}", known["handoff"])
