"""A throw-away Rasa: trained, served on the loopback interface with a token of its own, asked, thrown away."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from core.clock import Clock, utc_now
from knowledge_base.search import Knowledge
from nlu.rasa.breaker import Breaker
from nlu.rasa.client import RasaUnavailable
from nlu.rasa.environment import RunningRasa, Tell, running_rasa
from nlu.rasa.training import train_model
from nlu.rasa.understanding import RasaUnderstanding
from nlu.understanding import Understanding


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrowAwayRasa:
    understanding: RasaUnderstanding
    server: RunningRasa

    def insist_on_rasa_alone(self) -> None:
        """Raises RasaUnavailable when the built-in engine had to help: then the figures are not Rasa's."""
        if self.understanding.fallbacks:
            raise RasaUnavailable(f"Rasa left {self.understanding.fallbacks} questions to the built-in engine.")


@asynccontextmanager
async def throw_away_rasa(
    knowledge: Knowledge,
    *,
    python: Path,
    configuration: str = "logistic",
    clock: Clock = utc_now,
    tell: Tell = lambda _: None,
) -> AsyncIterator[ThrowAwayRasa]:
    """Raises what `train_model` and `running_rasa` raise."""
    builtin = await Understanding.build(knowledge)
    with tempfile.TemporaryDirectory(prefix="replydesk-rasa-") as temporary:
        models = Path(temporary)
        trained = await train_model(
            knowledge, python=python, models=models, clock=clock, configuration=configuration, tell=tell
        )
        tell({"step": "starting"})
        async with (
            httpx.AsyncClient(trust_env=False) as http,
            running_rasa(python, trained.file_in(models), http=http) as server,
        ):
            understanding = await RasaUnderstanding.over(
                builtin, client=server.client, breaker=rasa_breaker(clock), trained=trained
            )
            yield ThrowAwayRasa(understanding=understanding, server=server)


def rasa_breaker(clock: Clock) -> Breaker:
    """The breaker in front of a Rasa server."""
    return Breaker(clock=clock, failing=RasaUnavailable, name="Rasa")
