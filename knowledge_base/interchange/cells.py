"""How lists and buttons stand in one cell, and how a spreadsheet is kept from taking a text for a formula."""

import re
from collections.abc import Sequence
from typing import Final

from core.errors import UserMistake
from core.messages import Button

_WEB_START: Final = re.compile(r"https?://", re.IGNORECASE)
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r＝＋－＠]")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet computes: an apostrophe stands before what would begin a formula (FIGURES.md C1)."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell as it was before `guarded`."""
    return cell[1:] if _GUARDED.match(cell) else cell


def joined(parts: Sequence[str]) -> str:
    r"""The parts with `|` between them; a `|` or `\` inside a part gets a `\` before it."""
    return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)


def divided(cell: str, separators: str = "|") -> list[str]:
    r"""The parts of a cell, stripped; empty ones are left out. `\|` and `\\` stand for the character itself."""
    parts = [""]
    position = 0
    while position < len(cell):
        character = cell[position]
        if character == "\\" and cell[position + 1 : position + 2] in {"\\", "|"}:
            parts[-1] += cell[position + 1]
            position += 1
        elif character in separators:
            parts.append("")
        else:
            parts[-1] += character
        position += 1
    return [part.strip() for part in parts if part.strip()]


def button_cell(button: Button) -> str:
    """`Title = https://…` or `Title = payload`."""
    return f"{button.title} = {button.url or button.payload or ''}"


def read_button(text: str) -> Button:
    """A button from `Title = target`. Raises `UserMistake`."""
    title, divider, target = (part.strip() for part in text.partition("="))
    if not divider or not title or not target:
        raise UserMistake(f"The button '{text[:60]}' is not of the form 'Title = https://…' or 'Title = payload'.")
    return button_of(title, target)


def button_of(title: str, target: str) -> Button:
    if _WEB_START.match(target):
        return Button(title=title, url=target)
    return Button(title=title, payload=target)
