"""The five languages that work from the first day."""

from typing import Final

LANGUAGES: Final = ("en", "ru", "uk", "ms", "zh-Hant")
DEFAULT_LANGUAGE: Final = "en"

_ALIASES: Final = {"zh": "zh-Hant", "zh-hant": "zh-Hant", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant",
                   "zh-hans": "zh-Hant", "zh-cn": "zh-Hant", "id": "ms", "be": "ru"}  # fmt: skip


def known_language(tag: str | None) -> str | None:
    """Our code for a platform's language tag (`en-US`, `zh_TW`, `ru`), or None where we do not speak it.

    Indonesian readers get Malay, Belarusian ones Russian and Simplified Chinese readers Traditional: the nearest we have.
    """
    if not tag:
        return None
    lowered = tag.replace("_", "-").lower()
    primary = lowered.split("-")[0]
    found = _ALIASES.get(lowered) or _ALIASES.get(primary) or primary
    return found if found in LANGUAGES else None
