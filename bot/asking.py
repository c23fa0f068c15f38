"""What `replydesk kb ask` does: one question, decided as the running product decides it once it is calibrated."""

import asyncio
import json
import logging
import sys
from collections.abc import Mapping
from typing import Any

from bot.understanding import NO_MODEL
from core.errors import ModelUnavailable
from core.logs import Scrubber, configure_logs
from core.preferences import load_brand
from core.runtime import open_database
from core.settings import Settings
from knowledge_base.encoder import Encoder, open_encoder
from knowledge_base.search import Knowledge
from knowledge_base.snapshot import load_snapshot
from knowledge_base.vectors import FileVectorStore
from nlu.asking import asked
from nlu.building import fit, gather_material, tune
from nlu.rasa.serving import RasaBuild, with_rasa
from nlu.serving import InUse
from nlu.tuning import FileTuningStore, tuning_key
from nlu.understanding import Readers, Understanding


async def ask(text: str, *, as_json: bool) -> None:
    """Prints the decision: as JSON with the keys of `POST knowledge/ask`, or in a few lines to read."""
    settings = Settings.load()
    configure_logs(
        log_format=settings.log_format, scrubber=Scrubber(), level=logging.WARNING
    )  # answers alone go to stdout
    async with open_database(settings) as database:
        async with database.read() as session:
            brand = await load_brand(session)
        snapshot = await load_snapshot(database)
    rate = brand.max_wrong_answer_rate
    async with with_rasa(settings, _Builtin(settings)) as build:
        if isinstance(build, RasaBuild):
            await build.look()
        understanding = await build(snapshot.knowledge, max_wrong_answer_rate=rate)
        told = await asked(text, in_use=InUse(understanding=understanding, snapshot=snapshot), brand=brand)
    sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) if as_json else _in_words(told))
    sys.stdout.write("\n")


class _Builtin:
    """The built-in engine as a `Build`, for one question."""

    generation = 0

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def __call__(self, knowledge: Knowledge, *, max_wrong_answer_rate: float) -> Understanding:
        return await asyncio.to_thread(
            _understanding, self._settings, knowledge, max_wrong_answer_rate=max_wrong_answer_rate
        )


def _understanding(settings: Settings, knowledge: Knowledge, *, max_wrong_answer_rate: float) -> Understanding:
    """With the calibration that a serving process has kept in the data folder, else with one made now and kept."""
    encoder = _encoder(settings)
    material = gather_material(knowledge, encoder=encoder, store=FileVectorStore(settings.data_dir))
    if material is None:
        return Understanding(knowledge=knowledge, model=None, encoder=encoder, readers=Readers())
    kept = FileTuningStore(settings.data_dir)
    key = tuning_key(revision=knowledge.revision, model=material.model, max_wrong_answer_rate=max_wrong_answer_rate)
    tuning = kept.load(key)
    if tuning is None:
        tuning = tune(material, max_wrong_answer_rate=max_wrong_answer_rate)
        kept.save(key, tuning)
    return Understanding(knowledge=knowledge, model=fit(material, tuning), encoder=encoder, readers=Readers())


def _encoder(settings: Settings) -> Encoder | None:
    """None where there is none on purpose, or, said on the error stream, where it cannot be had."""
    if settings.embedding_model == NO_MODEL:
        return None
    try:
        return open_encoder(settings.data_dir, settings.embedding_model)
    except ModelUnavailable as error:
        sys.stderr.write(f"{error} Going on lexically.\n")
        return None


def _in_words(told: Mapping[str, Any]) -> str:
    why = told["reason"] or told["smalltalk"]
    lines = [f"{told['decision']}{f' ({why})' if why else ''}, language {told['language']}"]
    lines += [f"  {one['confidence']:.2f}  {one['label']}: {one['question']}" for one in told["candidates"]]
    if told["answer"] is not None:
        lines += ["", told["answer"]]
    return "\n".join(lines)
