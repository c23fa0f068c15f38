"""Builds the understanding that this process serves with: the model is loaded, or prepared once, beside the serving."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import structlog

from bot.channel import Finding, FindingLevel
from core.errors import ModelUnavailable
from core.memory import return_free_memory
from core.settings import Settings
from knowledge_base.encoder import Encoder, open_encoder
from knowledge_base.model_files import folder_of, is_prepared, read_manifest
from knowledge_base.search import Knowledge
from knowledge_base.vectors import FileVectorStore
from knowledge_base.wording import Lexicon
from nlu.building import collection_of, encode_all, fit, gather_material, not_kept
from nlu.calibrating import Tune, Tunings, tune_in_child
from nlu.tuning import FileTuningStore
from nlu.understanding import Readers, Understanding

log = structlog.get_logger(__name__)

NO_MODEL = "none"
"""REPLYDESK_EMBEDDING_MODEL=none: go without a model on purpose."""

_ENCODED_AT_ONCE: Final = 64
"""Texts whose vectors are waited for: a quarter of a second. More of them are encoded while others serve."""
_PORTION: Final = 128

OpenModel = Callable[[Path, str], Encoder]
"""Opens the model of a name in a data folder. Raises ModelUnavailable."""


class UnderstandingBuilder:
    """Builds at once with what is known, and better once more is: `generation` grows when the model has arrived, when a
    first start's vectors are complete and when a calibration is done, so that it is built again.
    """

    def __init__(
        self, settings: Settings, *, open_model: OpenModel = open_encoder, tune_beside: Tune = tune_in_child
    ) -> None:
        self.generation = 0
        self._settings = settings
        self._open_model = open_model
        self._vectors = FileVectorStore(settings.data_dir)
        self._tunings = Tunings(FileTuningStore(settings.data_dir), tune_beside=tune_beside, learnt=self._build_again)
        self._lexicon = Lexicon()
        self._encoder: Encoder | None = None
        self._readers: Readers | None = None
        self._loading: asyncio.Task[None] | None = None
        self._encoding: asyncio.Task[None] | None = None
        self._has_served_meaning = False

    async def __call__(self, knowledge: Knowledge, *, max_wrong_answer_rate: float) -> Understanding:
        if self._loading is not None and is_prepared(
            folder_of(self._settings.data_dir, self._settings.embedding_model)
        ):
            await self._loading  # a moment; a preparation of minutes is not waited for
        if self._readers is None:
            self._readers = await asyncio.to_thread(Readers)
        encoder = await self._ready_encoder(knowledge)
        material = await asyncio.to_thread(
            gather_material, knowledge, encoder=encoder, store=self._vectors, lexicon=self._lexicon
        )
        if material is None:
            return Understanding(knowledge=knowledge, model=None, encoder=encoder, readers=self._readers)
        tuning = await self._tunings.tuning_for(
            knowledge.revision,
            material,
            max_wrong_answer_rate=max_wrong_answer_rate,
            will_last=encoder is self._encoder,
        )
        model = await asyncio.to_thread(fit, material, tuning)
        return_free_memory()
        self._has_served_meaning = self._has_served_meaning or encoder is not None
        return Understanding(knowledge=knowledge, model=model, encoder=encoder, readers=self._readers)

    def start(self) -> None:
        if self._settings.embedding_model == NO_MODEL:
            log.warning("lexical_mode", reason="REPLYDESK_EMBEDDING_MODEL=none")
            return
        self._loading = asyncio.create_task(self._load(), name="load model")

    async def stop(self) -> None:
        await self._tunings.stop()
        tasks = [task for task in (self._loading, self._encoding) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _build_again(self) -> None:
        self.generation += 1

    async def _ready_encoder(self, knowledge: Knowledge) -> Encoder | None:
        """The encoder once most texts have vectors. The very first ones are made beside a serving by words alone; a
        large import's are made before it is taken into use, while the former knowledge serves on.
        """
        encoder = self._encoder
        if encoder is None:
            return None
        missing = await asyncio.to_thread(self._without_vector, knowledge, encoder)
        if len(missing) <= _ENCODED_AT_ONCE:
            return encoder
        if self._has_served_meaning:
            await self._encode(missing, encoder)
            return encoder
        if self._encoding is None or self._encoding.done():
            self._encoding = asyncio.create_task(self._encode_beside(missing, encoder), name="encode texts")
        return None

    def _without_vector(self, knowledge: Knowledge, encoder: Encoder) -> list[str]:
        return not_kept(collection_of(knowledge).texts, self._vectors.load(encoder.identity))

    async def _encode_beside(self, texts: Sequence[str], encoder: Encoder) -> None:
        await self._encode(texts, encoder)
        self._build_again()

    async def _encode(self, texts: Sequence[str], encoder: Encoder) -> None:
        """In portions, so that questions that wait for the encoder get their turn and a stop need not wait."""
        log.info("encoding", texts=len(texts), hint="once per text; what served before serves on")
        for start in range(0, len(texts), _PORTION):
            await asyncio.to_thread(encode_all, texts[start : start + _PORTION], encoder=encoder, store=self._vectors)
        log.info("encoded", texts=len(texts))

    async def _load(self) -> None:
        model, folder = self._settings.embedding_model, self._settings.data_dir
        if not is_prepared(folder_of(folder, model)):
            log.info(
                "preparing_model", model=model, hint="once, about a minute; until then answers are found by words alone"
            )
        try:
            self._encoder = await asyncio.to_thread(self._open_model, folder, model)
        except ModelUnavailable as error:
            log.warning("lexical_mode", reason=str(error))
            return
        self.generation += 1
        log.info("model_in_use", model=model, dimensions=self._encoder.dimensions)


@asynccontextmanager
async def understanding_builder(settings: Settings) -> AsyncIterator[UnderstandingBuilder]:
    """The builder, its model on the way."""
    builder = UnderstandingBuilder(settings)
    builder.start()
    try:
        yield builder
    finally:
        await builder.stop()


def examine_model(settings: Settings) -> Sequence[Finding]:
    """For `doctor`: which model serves, and what that means for the languages."""
    model = settings.embedding_model
    if model == NO_MODEL:
        return [_warn("switched off (REPLYDESK_EMBEDDING_MODEL=none): answers are found by words alone.")]
    folder = folder_of(settings.data_dir, model)
    if not is_prepared(folder):
        return [
            _warn(
                f"{model} is not prepared yet; that happens at the next start. Until then answers are found by words alone."
            )
        ]
    try:
        manifest = read_manifest(folder)
    except ModelUnavailable as error:
        return [
            Finding(
                level=FindingLevel.BAD, sentence=f"{error} Delete the folder; it is prepared again at the next start."
            )
        ]
    served = (
        "every language by meaning and words"
        if manifest.multilingual
        else ("English by meaning and words, the other languages by words alone")
    )
    return [Finding(level=FindingLevel.GOOD, sentence=f"{model} ({manifest.dimensions} dimensions) serves {served}.")]


def _warn(sentence: str) -> Finding:
    return Finding(level=FindingLevel.WARNING, sentence=sentence)
