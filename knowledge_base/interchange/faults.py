"""What is wrong with a file, line by line: it is refused whole, and all faults are told at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from core.errors import UserMistake

_SHOWN: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    """One sentence about one line, counted from 1 as editors and spreadsheets do."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}"


class FileRefused(UserMistake):
    """Nothing of the file was taken. `faults` are in the order of the lines; the text shows the first 50."""

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        self.name = name
        self.faults = tuple(sorted(faults))
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        lines = [str(fault) for fault in self.faults[:_SHOWN]]
        if len(faults) > _SHOWN:
            lines.append(f"… and {len(faults) - _SHOWN} more.")
        super().__init__("\n".join([f"{name} was not imported: {count}.", *lines]))


@dataclass(slots=True, kw_only=True)
class FaultList:
    """Collects faults while a file is read."""

    name: str
    faults: dict[Fault, None] = field(default_factory=dict)

    def add(self, line: int, sentence: str) -> None:
        self.faults[Fault(line=line, sentence=sentence)] = None

    def add_all(self, line: int, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self.add(line, sentence)

    def refuse_if_any(self) -> None:
        """Raises `FileRefused` when there is at least one fault."""
        if self.faults:
            raise FileRefused(self.name, list(self.faults))
