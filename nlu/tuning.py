"""What a knowledge base taught about itself, kept as JSON: a restart and other processes need not learn it again."""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from nlu.calibration import ASKING_PAYS, Calibration, Curve, Cutoffs
from nlu.evidence import SIGNS
from nlu.experience import read_prior
from nlu.logistic import Belief

FORMAT: Final = 3
"""Another number makes every process learn anew: raise it when the trials or their meaning change."""
_MOST_KEPT: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """`shares` of meaning by language; `answered` are the bundled strange texts that this knowledge base does answer;
    `model` the identity of the encoder it was learnt with, "" without one.
    """

    model: str
    shares: Mapping[str, float]
    answered: frozenset[str]
    calibration: Calibration


def cautious_tuning(*, model: str, shares: Mapping[str, float], max_wrong_answer_rate: float) -> Tuning:
    """Before anything was learnt: what other knowledge bases taught, and answers only when next to certain."""
    certain, prior = 1 - max_wrong_answer_rate, read_prior()
    nothing = np.zeros(0)
    curve = Curve(
        confidence=nothing,
        right=nothing.astype(bool),
        answerable=nothing.astype(bool),
        weights=nothing,
        languages=nothing.astype(np.str_),
    )
    calibration = Calibration(
        beliefs={"": prior.wording.belief} | dict.fromkeys(shares, prior.meaning.belief),
        cutoffs={"": Cutoffs(sure=certain, answer=certain, clarify=ASKING_PAYS)},
        rescue=0.0,
        curve=curve,
        meaning_known=frozenset(shares),
    )
    return Tuning(model=model, shares=shares, answered=frozenset(), calibration=calibration)


def tuning_key(*, revision: str, model: str, max_wrong_answer_rate: float) -> str:
    """Equal wherever the same would be learnt."""
    parts = (FORMAT, revision, model, max_wrong_answer_rate, SIGNS, read_prior().fingerprint())
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


class TuningStore(Protocol):
    """Keeps tunings by `tuning_key`."""

    def load(self, key: str) -> Tuning | None:
        """None for what is not kept or cannot be read."""
        ...

    def latest(self, model: str) -> Tuning | None:
        """The one that was kept last with this model, of whatever knowledge."""
        ...

    def save(self, key: str, tuning: Tuning) -> None: ...


class FileTuningStore:
    """`<data_dir>/calibrations/<key>.json`, written whole; the oldest are forgotten."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "calibrations"

    def load(self, key: str) -> Tuning | None:
        return _read(self.folder / f"{key}.json")

    def latest(self, model: str) -> Tuning | None:
        found = (_read(path) for path in self._newest_first())
        return next((tuning for tuning in found if tuning is not None and tuning.model == model), None)

    def save(self, key: str, tuning: Tuning) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=self.folder, suffix=".partial")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(tuning_to_json(tuning), file)
            Path(partial).replace(self.folder / f"{key}.json")
        except OSError:  # a full disk costs learning again, nothing else
            with contextlib.suppress(OSError):
                Path(partial).unlink()
        for old in self._newest_first()[_MOST_KEPT:]:
            old.unlink(missing_ok=True)

    def _newest_first(self) -> list[Path]:
        dated = []
        for path in self.folder.glob("*.json"):
            with contextlib.suppress(OSError):  # another process forgot it
                dated.append((path.stat().st_mtime_ns, path))
        return [path for _, path in sorted(dated, reverse=True)]


def _read(path: Path) -> Tuning | None:
    try:
        return tuning_from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def tuning_to_json(tuning: Tuning) -> dict[str, Any]:
    calibration = tuning.calibration
    return {
        "format": FORMAT,
        "signs": list(SIGNS),
        "model": tuning.model,
        "shares": dict(tuning.shares),
        "answered": sorted(tuning.answered),
        "beliefs": {language: _rows(asdict(belief)) for language, belief in calibration.beliefs.items()},
        "cutoffs": {language: asdict(cutoffs) for language, cutoffs in calibration.cutoffs.items()},
        "rescue": calibration.rescue,
        "curve": _rows(asdict(calibration.curve)),
        "meaning_known": sorted(calibration.meaning_known),
    }


def tuning_from_json(stored: Mapping[str, Any]) -> Tuning:
    """Raises ValueError, KeyError or TypeError for anything else."""
    if stored["format"] != FORMAT or stored["signs"] != list(SIGNS):
        raise ValueError("Kept by another version.")
    calibration = Calibration(
        beliefs={language: Belief(**_arrays(belief)) for language, belief in stored["beliefs"].items()},
        cutoffs={language: Cutoffs(**cutoffs) for language, cutoffs in stored["cutoffs"].items()},
        rescue=float(stored["rescue"]),
        curve=Curve(**_arrays(stored["curve"])),
        meaning_known=frozenset(stored["meaning_known"]),
    )
    return Tuning(
        model=stored["model"],
        shares=dict(stored["shares"]),
        answered=frozenset(stored["answered"]),
        calibration=calibration,
    )


def _rows(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    return {name: {"type": array.dtype.str, "values": array.tolist()} for name, array in arrays.items()}


def _arrays(rows: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    return {name: np.array(row["values"], dtype=row["type"]) for name, row in rows.items()}
