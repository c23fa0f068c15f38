"""Rasa in a serving process: the built-in engine is always built, Rasa is put over it while it has a model of ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
import structlog

from core.clock import utc_now
from core.errors import ModelUnavailable
from core.settings import Settings
from knowledge_base.search import Knowledge
from nlu.rasa.breaker import Breaker
from nlu.rasa.client import RasaClient, RasaUnavailable
from nlu.rasa.trained import TrainedModel, models_folder
from nlu.rasa.understanding import RasaUnderstanding
from nlu.serving import Build
from nlu.understanding import Understanding, Understands

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS: Final = 5.0


class RasaBuild:
    """A `Build` around another one. `generation` also grows when Rasa has another model than before."""

    def __init__(self, *, builtin: Build, client: RasaClient, breaker: Breaker, data_dir: Path) -> None:
        self._builtin, self._client, self._breaker = builtin, client, breaker
        self._folder = models_folder(data_dir)
        self._trained: TrainedModel | None = None
        self._swaps = 0
        self._seen: str | None = None
        self._told: str | None = None

    @property
    def generation(self) -> int:
        return self._builtin.generation + self._swaps

    async def __call__(self, knowledge: Knowledge, *, max_wrong_answer_rate: float) -> Understands:
        builtin = await self._builtin(knowledge, max_wrong_answer_rate=max_wrong_answer_rate)
        if self._trained is None or not isinstance(builtin, Understanding):
            return builtin
        return await RasaUnderstanding.over(
            builtin,
            client=self._client,
            breaker=self._breaker,
            trained=self._trained,
            max_wrong_answer_rate=max_wrong_answer_rate,
        )

    async def run(self) -> None:
        """Follow which model Rasa serves, until cancelled. What is wrong is logged once, not every time."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def look(self) -> None:
        """Ask Rasa once. A Rasa that does not answer keeps its last model: the breaker decides about calls."""
        try:
            found = await self._client.loaded_model()
        except RasaUnavailable as error:
            self._tell("rasa_unavailable", str(error))
            return
        if found is None:
            self._tell("rasa_unavailable", "Rasa has no model loaded.")
        elif found == self._seen:
            self._told = None
        else:
            await self._use(found)

    async def _use(self, found: str) -> None:
        try:
            self._trained = await asyncio.to_thread(TrainedModel.read, self._folder, found)
        except ModelUnavailable as error:
            self._tell("rasa_model_unknown", str(error))
            if self._trained is not None:
                self._trained, self._seen, self._swaps = None, None, self._swaps + 1
        else:
            self._seen, self._told, self._swaps = found, None, self._swaps + 1
            log.info("rasa_in_use", model=self._trained.name, trained_at=self._trained.trained_at)

    def _tell(self, event: str, reason: str) -> None:
        if self._told != reason:
            log.warning(event, reason=reason, hint="the built-in engine decides")
        self._told = reason


@asynccontextmanager
async def with_rasa(settings: Settings, builtin: Build) -> AsyncIterator[Build]:
    """The build to serve with: `builtin` itself without REPLYDESK_RASA_URL, else with Rasa over it, followed until left.

    Raises SettingMistake for an address without a token, at once.
    """
    if settings.rasa_url is None:
        yield builtin
        return
    async with httpx.AsyncClient(trust_env=False) as http:
        client = RasaClient(http=http, url=settings.rasa_url, token=settings.rasa_token)
        breaker = Breaker(clock=utc_now, failing=RasaUnavailable, name="Rasa")
        build = RasaBuild(builtin=builtin, client=client, breaker=breaker, data_dir=settings.data_dir)
        following = asyncio.create_task(build.run(), name="follow Rasa's model")
        try:
            yield build
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
