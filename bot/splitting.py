"""Cuts a long text into parts that fit a platform's message, where a reader would cut it.

Paragraphs first, then lines, sentences, words and at last graphemes: what a reader takes for one letter (an emoji
family, a letter with its marks) is never cut, unless it alone is longer than a message (CHANNELS.md 1.6).
"""

from collections.abc import Callable, Iterator
from typing import Final

import regex

# Flags come first: to pair regional indicators `\X` counts all that stand before, letter by letter, for each of them.
_GRAPHEME: Final = regex.compile(r"\p{Regional_Indicator}{2}[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*+|\X")
# Runs are possessive, so that a megabyte of spaces costs no more than a megabyte of words.
_CANDIDATE: Final = regex.compile(r"(?P<space>\s++)|(?P<stop>[。！？…]++[」』）”’》]*+)|(?P<pause>[，、；：]++)")
_SENTENCE_END: Final = (
    ".",
    "!",
    "?",
    "…",
    "。",
    "！",
    "？",
    '."',
    '!"',
    '?"',
    ".”",
    "!”",
    "?”",
    ".»",
    "!»",
    "?»",
    ".)",
    "!)",
    "?)",
)
_PARAGRAPH, _LINE, _SENTENCE, _WORD = range(4)
_WORTHWHILE: Final = 4
"""A better kind of cut is taken when the part keeps at least this fraction (one in four) of the room."""


def split_text(text: str, *, limit: int, measure: Callable[[str], int]) -> list[str]:
    """The text in parts, each neither blank nor longer than `limit` by `measure`; only white space at the cuts is lost.

    `measure` must never shrink when text is added (UTF-16 units, bytes, letters). A blank text has no parts. Takes
    time in proportion to the text. Raises `ValueError` when the limit is too small for one letter.
    """
    return list(_parts(text, limit=limit, measure=measure))


def _parts(text: str, *, limit: int, measure: Callable[[str], int]) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = _furthest(text, start, limit=limit, measure=measure)
        cut = end if end == len(text) else _best_cut(text, start, end)
        if part := text[start:cut]:
            if part.isspace():
                start = _after_space(text, start)
                continue
            yield part
        start = _after_space(text, cut)


def _furthest(text: str, start: int, *, limit: int, measure: Callable[[str], int]) -> int:
    """The greatest end such that the text from `start` to it fits."""
    fits, size = 0, limit
    while start + fits < len(text) and measure(text[start : start + size]) <= limit:
        fits, size = size, size * 2
    if start + fits >= len(text):
        return len(text)
    too_long = size
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if measure(text[start : start + middle]) <= limit:
            fits = middle
        else:
            too_long = middle
    if fits == 0:
        raise ValueError(f"A limit of {limit} is too small for {text[start]!r}.")
    return start + fits


def _best_cut(text: str, start: int, end: int) -> int:
    """Where the part ends: at or before `end`, after `start`."""
    boundaries = _boundaries(text, start, end)
    if not boundaries:
        return end  # one grapheme is longer than a whole message: the last resort
    found = _last_candidates(text, start, end, allowed=frozenset(boundaries))
    for kind in (_PARAGRAPH, _LINE, _SENTENCE, _WORD):
        if found.get(kind, start) - start >= (end - start) / _WORTHWHILE:
            return found[kind]
    return max(found.values(), default=boundaries[-1])


def _boundaries(text: str, start: int, end: int) -> list[int]:
    """The ends of the graphemes that fit whole. Whether one ends is decided by the next letter, so one more is read."""
    ends = (grapheme.end() for grapheme in _GRAPHEME.finditer(text, start, end + 1))
    return [found for found in ends if found <= end]


def _last_candidates(text: str, start: int, end: int, *, allowed: frozenset[int]) -> dict[int, int]:
    """The last possible cut of each kind."""
    found: dict[int, int] = {}
    for match in _CANDIDATE.finditer(text, start, min(end + 2, len(text))):
        cut = match.start() if match.lastgroup == "space" else match.end()
        if start < cut <= end and cut in allowed:
            found[_kind(text, match)] = cut
    return found


def _kind(text: str, match: regex.Match[str]) -> int:
    if match.lastgroup != "space":
        return _SENTENCE if match.lastgroup == "stop" else _WORD
    breaks = match.group().count("\n")
    if breaks:
        return _PARAGRAPH if breaks > 1 else _LINE
    before = text[max(match.start() - 2, 0) : match.start()]
    return _SENTENCE if before.endswith(_SENTENCE_END) else _WORD


def _after_space(text: str, start: int) -> int:
    """Past the white space; a space that carries a mark of its own is a grapheme and stays."""
    while (grapheme := _GRAPHEME.match(text, start, start + 2)) and grapheme.group().isspace():
        start = grapheme.end()
    return start
