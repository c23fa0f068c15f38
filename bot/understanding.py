"""Builds the understanding that this process serves with: the model is loaded, or prepared once, beside the serving."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog

from bot.channel import Finding, FindingLevel
from bot.encoders import Encoders, OpenModel
from core.errors import ModelUnavailable
from core.languages import LANGUAGES
from core.memory import return_free_memory
from core.settings import Settings
from knowledge_base.encoder import open_encoder
from knowledge_base.model_choice import AUTOMATIC, MULTILINGUAL_MODEL, model_now
from knowledge_base.model_files import folder_of, is_prepared, read_manifest
from knowledge_base.search import Knowledge
from knowledge_base.vectors import FileVectorStore
from knowledge_base.wording import Lexicon
from nlu.building import fit, gather_material
from nlu.calibrating import Tune, Tunings, tune_in_child
from nlu.tuning import FileTuningStore
from nlu.understanding import Readers, Understanding

log = structlog.get_logger(__name__)

NO_MODEL = "none"
"""REPLYDESK_EMBEDDING_MODEL=none: go without a model on purpose."""


class UnderstandingBuilder:
    """Builds at once with what is known, and better once more is: `generation` grows when the model has arrived, when a
    first start's vectors are complete and when a calibration is done, so that it is built again.
    """

    def __init__(
        self, settings: Settings, *, open_model: OpenModel = open_encoder, tune_beside: Tune = tune_in_child
    ) -> None:
        self.generation = 0
        self._settings = settings
        self._vectors = FileVectorStore(settings.data_dir)
        self._encoders = Encoders(
            data_dir=settings.data_dir,
            model=settings.embedding_model,
            open_model=open_model,
            store=self._vectors,
            better=self._build_again,
        )
        self._tunings = Tunings(FileTuningStore(settings.data_dir), tune_beside=tune_beside, learnt=self._build_again)
        self._lexicon = Lexicon()
        self._readers: Readers | None = None

    async def __call__(self, knowledge: Knowledge, *, max_wrong_answer_rate: float) -> Understanding:
        if self._readers is None:
            self._readers = await asyncio.to_thread(Readers)
        encoder, will_last = await self._encoders.encoder_for(knowledge)
        material = await asyncio.to_thread(
            gather_material, knowledge, encoder=encoder, store=self._vectors, lexicon=self._lexicon
        )
        if material is None:
            return Understanding(knowledge=knowledge, model=None, encoder=encoder, readers=self._readers)
        tuning = await self._tunings.tuning_for(
            knowledge.revision,
            material,
            max_wrong_answer_rate=max_wrong_answer_rate,
            will_last=will_last,
        )
        model = await asyncio.to_thread(fit, material, tuning)
        return_free_memory()
        return Understanding(knowledge=knowledge, model=model, encoder=encoder, readers=self._readers)

    def start(self) -> None:
        if self._settings.embedding_model == NO_MODEL:
            log.warning("lexical_mode", reason="REPLYDESK_EMBEDDING_MODEL=none")
            return
        self._encoders.start()

    async def stop(self) -> None:
        await self._tunings.stop()
        await self._encoders.stop()

    def _build_again(self) -> None:
        self.generation += 1


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
    """For `doctor`: which model serves, and what that means for the brand's languages."""
    if settings.embedding_model == NO_MODEL:
        return [_warn("switched off (REPLYDESK_EMBEDDING_MODEL=none): answers are found by words alone.")]
    model = model_now(settings.data_dir, settings.embedding_model)
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
    served = _served(manifest.languages)
    findings = [
        Finding(level=FindingLevel.GOOD, sentence=f"{model} ({manifest.dimensions} dimensions) serves {served}")
    ]
    if settings.embedding_model == AUTOMATIC and model != MULTILINGUAL_MODEL:
        findings.append(
            _warn(
                f"{MULTILINGUAL_MODEL.partition('@')[0]} would serve all languages by meaning; it is fetched at a start "
                "that can reach a model hub (some 500 MB, once)."
            )
        )
    return findings


def _served(languages: Sequence[str]) -> str:
    by_words = [language for language in LANGUAGES if language not in languages]
    meant = f"{', '.join(languages)} by meaning and words"
    return f"{meant}, {', '.join(by_words)} by words alone." if by_words else f"{meant}."


def _warn(sentence: str) -> Finding:
    return Finding(level=FindingLevel.WARNING, sentence=sentence)
