"""A conversation as a support lead writes it down (README.md), read from YAML; a mistake names its file and line of talk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from core.languages import LANGUAGES
from tests.conversations.expectation import BOT_WORDS, Expectation
from tests.conversations.mistake import ScriptMistakeError

FOLDER: Final = Path(__file__).parent
CHANNELS: Final = ("telegram", "messenger")
SENDABLE: Final = ("photo", "album", "voice", "sticker", "location", "document", "video", "contact")
AGENT_ACTS: Final = {"claims": "claim", "resolves": "resolve", "hands back": "handback"}
_CUSTOMER_KEYS: Final = ("customer", "customer sends", "customer presses", "customer edits", "customer starts")
_CUSTOMER_KEYS_BESIDE: Final = ("with", "forwarded", "meanwhile")
_HEAD: Final = {"name", "channel", "language", "turns"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that somebody does. `verb` is the key in the file, `words` what stands behind it."""

    verb: str
    words: str = ""
    emoji_or_caption: str = ""

    @property
    def by_agent(self) -> bool:
        return self.verb.startswith("agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens at once (a burst, or one act of an agent), and what the bot must then have done; None: not looked at."""

    acts: Sequence[Act]
    expected: Expectation | None
    meanwhile: bool = False
    """An agent takes over while the bot still thinks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    file: str
    number: int
    name: str
    channel: str
    language: str
    steps: Sequence[Step]

    @property
    def id(self) -> str:
        """Such as `uk/asking-3`: the file and the place in it."""
        return f"{self.file}-{self.number}"


def read_scripts() -> list[Script]:
    """Every conversation of every language's folder. Raises ScriptMistakeError."""
    return [script for path in sorted(FOLDER.glob("*/*.yaml")) for script in read_file(path)]


def read_file(path: Path) -> list[Script]:
    return parse(path.read_text(encoding="utf-8"), file=f"{path.parent.name}/{path.stem}")


def parse(text: str, *, file: str) -> list[Script]:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ScriptMistakeError(f"{file}: {error}") from error
    if not isinstance(found, list):
        raise ScriptMistakeError(f"{file}: a file is a list of conversations, each beginning with '- name:'.")
    return [_script(one, file, number) for number, one in enumerate(found, 1)]


def _script(data: Any, file: str, number: int) -> Script:
    where = f"{file}, {data.get('name') if isinstance(data, Mapping) else data!r}"
    if not isinstance(data, Mapping) or set(data) != _HEAD:
        raise ScriptMistakeError(f"{where}: a conversation has exactly name, channel, language and turns.")
    if data["channel"] not in CHANNELS or data["language"] not in LANGUAGES:
        raise ScriptMistakeError(f"{where}: channel is one of {CHANNELS}, language one of {LANGUAGES}.")
    steps = [_step(turn, f"{where}, turn {place}", data["language"]) for place, turn in enumerate(data["turns"], 1)]
    head = {key: data[key] for key in ("name", "channel", "language")}
    return Script(file=file, number=number, **head, steps=steps)


def _step(turn: Any, where: str, language: str) -> Step:
    if not isinstance(turn, Mapping):
        raise ScriptMistakeError(f"{where}: a turn says who does what.")
    given = {key: value for key, value in turn.items() if key != "bot"}
    acts = [act for key, value in given.items() for act in _acts(key, value, given, where)]
    if not acts:
        raise ScriptMistakeError(f"{where}: nobody does anything.")
    expected = Expectation.parse(turn["bot"], where=where, language=language) if "bot" in turn else None
    if expected is None and not acts[0].by_agent:
        raise ScriptMistakeError(f"{where}: what should the bot do? 'bot:' takes {', '.join(BOT_WORDS)}.")
    return Step(acts=acts, expected=expected, meanwhile=given.get("meanwhile") == "an agent claims")


def _acts(key: str, value: Any, given: Mapping[str, Any], where: str) -> list[Act]:
    if key in _CUSTOMER_KEYS_BESIDE:
        return []
    if key == "agent" and value in AGENT_ACTS:
        return [Act(verb="agent", words=AGENT_ACTS[value])]
    if key == "agent replies":
        return [Act(verb=key, words=str(value))]
    if key == "customer sends" and value in SENDABLE:
        return [Act(verb=key, words=value, emoji_or_caption=str(given.get("with", "")))]
    if key == "customer" and given.get("forwarded"):
        return [Act(verb="customer forwards", words=str(value))]
    if key in _CUSTOMER_KEYS and key != "customer sends":
        return [Act(verb=key, words=str(one)) for one in (value if isinstance(value, list) else [value])]
    raise ScriptMistakeError(
        f"{where}: '{key}: {value}' is not understood. Customers: {', '.join(_CUSTOMER_KEYS)} "
        f"(sends: {', '.join(SENDABLE)}). Agents: agent ({', '.join(AGENT_ACTS)}), agent replies."
    )
