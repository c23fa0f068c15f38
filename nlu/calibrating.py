"""Calibrates beside the serving: in a child process of low priority, one at a time per data folder.

What is handed over are texts and vectors, what comes back is a tuning as JSON. Learning takes seconds of processor
time and scipy's optimiser; neither belongs into a process that answers customers.
"""

import asyncio
import fcntl
import json
import os
import pickle
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from core.errors import ReplydeskError
from nlu.beside import NICENESS, ChildFailed, work_beside
from nlu.building import Material, material_of, tune, usual_shares
from nlu.tuning import FileTuningStore, Tuning, cautious_tuning, tuning_from_json, tuning_key, tuning_to_json

log = structlog.get_logger(__name__)

_LOOK_EVERY_SECONDS: Final = 0.2
_LOCK: Final = "calibrating.lock"

Tune = Callable[[Material, float], Awaitable[Tuning]]
"""Learns from a material under a highest rate of wrong answers (0 to 1)."""


class CalibrationFailed(ReplydeskError):
    """The child process ended without a result."""


class Tunings:
    """Gives the best tuning there is at once, and learns the right one beside: one calibration at a time, the newest
    knowledge next. Processes that share the data folder share what was learnt.
    """

    def __init__(self, store: FileTuningStore, *, tune_beside: Tune, learnt: Callable[[], None]) -> None:
        """`learnt` is called when `tuning_for` would give a better one than before."""
        self._store, self._tune, self._tell = store, tune_beside, learnt
        self._wanted: _Wanted | None = None
        self._underway: str | None = None
        self._learning: asyncio.Task[None] | None = None
        self._last: tuple[str, Tuning] | None = None

    async def tuning_for(
        self, revision: str, material: Material, *, max_wrong_answer_rate: float, will_last: bool = True
    ) -> Tuning:
        """Learnt from this very knowledge; else, at once, the last one of this model, or a cautious one. Unless it will
        not last, the right one is learnt meanwhile.
        """
        key = tuning_key(revision=revision, model=material.model, max_wrong_answer_rate=max_wrong_answer_rate)
        if self._last is None or self._last[0] != key:
            kept = await asyncio.to_thread(self._store.load, key)
            if kept is None:
                if will_last:
                    self._learn(_Wanted(key=key, material=material, max_wrong_answer_rate=max_wrong_answer_rate))
                return await asyncio.to_thread(self._provisional, material, max_wrong_answer_rate)
            self._last = (key, kept)
        return self._last[1]

    async def stop(self) -> None:
        if self._learning is not None:
            self._learning.cancel()
            await asyncio.gather(self._learning, return_exceptions=True)

    def _provisional(self, material: Material, max_wrong_answer_rate: float) -> Tuning:
        last = self._last[1] if self._last is not None else None
        if last is None or last.model != material.model:
            last = self._store.latest(material.model)
        return last or cautious_tuning(
            model=material.model, shares=usual_shares(material), max_wrong_answer_rate=max_wrong_answer_rate
        )

    def _learn(self, wanted: "_Wanted") -> None:
        self._wanted = wanted if wanted.key != self._underway else None
        if self._learning is None or self._learning.done():
            self._learning = asyncio.create_task(self._learn_what_is_wanted(), name="calibrate")

    async def _learn_what_is_wanted(self) -> None:
        while (wanted := self._wanted) is not None:
            self._wanted, self._underway = None, wanted.key
            try:
                self._last = (wanted.key, await self._learn_once(wanted))
            except Exception:  # an edge: what serves serves on
                log.exception("calibration_failed")
                continue
            finally:
                self._underway = None
            log.info("calibrated", key=wanted.key, texts=len(wanted.material.texts))
            self._tell()

    async def _learn_once(self, wanted: "_Wanted") -> Tuning:
        async with _alone(self._store.folder):
            known = await asyncio.to_thread(self._store.load, wanted.key)
            if known is None:
                known = await self._tune(wanted.material, wanted.max_wrong_answer_rate)
                await asyncio.to_thread(self._store.save, wanted.key, known)
            return known


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    key: str
    material: Material
    max_wrong_answer_rate: float


async def tune_in_child(material: Material, max_wrong_answer_rate: float) -> Tuning:
    """Ends with the task that waits for it. Raises CalibrationFailed."""
    order = (material.collection, material.texts.vectors, material.model, material.meaning_known, max_wrong_answer_rate)
    try:
        told = await work_beside("nlu.calibrating", pickle.dumps(order))
    except ChildFailed as failed:
        raise CalibrationFailed(str(failed)) from failed
    return tuning_from_json(json.loads(told))


@asynccontextmanager
async def _alone(folder: Path) -> AsyncIterator[None]:
    """Holds the folder's lock, waiting for it without holding up the event loop."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    with (folder / _LOCK).open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                await asyncio.sleep(_LOOK_EVERY_SECONDS)
            else:
                break
        yield


def main() -> None:
    """The child's side: an order in on standard input, a tuning out on standard output."""
    os.nice(NICENESS)
    order = pickle.load(sys.stdin.buffer)  # noqa: S301  # from our own parent, never from outside
    collection, vectors, model, meaning_known, rate = order
    material = material_of(collection, vectors=vectors, model=model, meaning_known=meaning_known)
    json.dump(tuning_to_json(tune(material, max_wrong_answer_rate=rate)), sys.stdout)


if __name__ == "__main__":
    main()
