"""The embedding model that this process serves with: opened, or prepared once, beside the serving, and swapped for a
better one when that one's vectors are complete.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import structlog

from core.errors import ModelUnavailable
from knowledge_base.encoder import Encoder
from knowledge_base.model_choice import last_served, model_now, models_in_turn, note_served
from knowledge_base.model_files import folder_of, is_prepared
from knowledge_base.search import Knowledge
from knowledge_base.vectors import VectorStore
from nlu.building import collection_of, encode_all, not_kept

log = structlog.get_logger(__name__)

_ENCODED_AT_ONCE: Final = 64
"""Texts whose vectors are waited for: a quarter of a second. More of them are encoded while others serve."""
_PORTION: Final = 128

OpenModel = Callable[[Path, str], Encoder]
"""Opens the model of a name in a data folder. Raises ModelUnavailable."""


class Encoders:
    """Opens the wanted models in their turn. `better` is called when `encoder_for` would give another one than before."""

    def __init__(
        self, *, data_dir: Path, model: str, open_model: OpenModel, store: VectorStore, better: Callable[[], None]
    ) -> None:
        self._data_dir, self._model = data_dir, model
        self._open, self._store, self._tell = open_model, store, better
        self._opened: list[tuple[str, Encoder]] = []
        self._in_use: Encoder | None = None
        self._opening: asyncio.Future[None] | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self) -> None:
        candidates = (model_now(self._data_dir, self._model), last_served(self._data_dir))
        if any(model and is_prepared(folder_of(self._data_dir, model)) for model in candidates):
            self._opening = asyncio.get_running_loop().create_future()
        self._tasks["open"] = asyncio.create_task(self._open_in_turn(), name="open models")

    async def stop(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def encoder_for(self, knowledge: Knowledge) -> tuple[Encoder | None, bool]:
        """The best encoder that has vectors for (nearly) all of this, and whether it is the last word. None before the
        first one has; then the first texts' are made beside a serving by words alone. A large import's are made before
        it is taken into use, while the former knowledge serves on.
        """
        if self._opening is not None:
            await asyncio.wait([self._opening])  # a moment; a preparation of minutes is not waited for
        opened = self._opened[-2:]  # what served last, and what is wanted
        for place, (name, encoder) in enumerate(reversed(opened)):
            missing = await asyncio.to_thread(self._without_vector, knowledge, encoder)
            if len(missing) > _ENCODED_AT_ONCE and encoder is self._in_use and place == 0:
                await self._encode(missing, encoder)
            elif len(missing) > _ENCODED_AT_ONCE:
                self._encode_beside(missing, encoder)
                continue
            if encoder is not self._in_use:
                await asyncio.to_thread(note_served, self._data_dir, name)
            self._in_use = encoder
            if place == 0:
                self._opened = self._opened[-1:]
            return encoder, place == 0
        return None, not opened

    async def _open_in_turn(self) -> None:
        turns = models_in_turn(self._data_dir, self._model)
        while (model := await asyncio.to_thread(next, turns, None)) is not None:
            if not is_prepared(folder_of(self._data_dir, model)):
                log.info("preparing_model", model=model, hint="once, a minute or more; what served before serves on")
            try:
                encoder = await asyncio.to_thread(self._open, self._data_dir, model)
            except ModelUnavailable as error:
                log.warning("model_unavailable" if self._opened else "lexical_mode", reason=str(error))
            else:
                self._opened.append((model, encoder))
                log.info("model_opened", model=model, dimensions=encoder.dimensions)
                self._tell()
            finally:
                if self._opening is not None:
                    self._opening.set_result(None)
                    self._opening = None

    def _without_vector(self, knowledge: Knowledge, encoder: Encoder) -> list[str]:
        return not_kept(collection_of(knowledge).texts, self._store.load(encoder.identity))

    def _encode_beside(self, texts: Sequence[str], encoder: Encoder) -> None:
        running = self._tasks.get("encode")
        if running is None or running.done():
            self._tasks["encode"] = asyncio.create_task(self._encode_and_tell(texts, encoder), name="encode texts")

    async def _encode_and_tell(self, texts: Sequence[str], encoder: Encoder) -> None:
        await self._encode(texts, encoder)
        self._tell()

    async def _encode(self, texts: Sequence[str], encoder: Encoder) -> None:
        """In portions, so that questions that wait for the encoder get their turn and a stop need not wait."""
        log.info("encoding", texts=len(texts), hint="once per text; what served before serves on")
        for start in range(0, len(texts), _PORTION):
            portion = texts[start : start + _PORTION]
            await asyncio.to_thread(encode_all, portion, encoder=encoder, store=self._store)
            log.info("encoded", texts=start + len(portion), of=len(texts))
