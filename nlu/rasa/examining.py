"""For `doctor`: is Rasa there, does it know the token, is its model of today's knowledge?"""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from core.errors import ModelUnavailable, SettingMistake
from core.settings import Settings
from nlu.rasa.client import RasaClient, RasaUnavailable
from nlu.rasa.trained import TrainedModel, models_folder

Level = Literal["good", "warning", "bad"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RasaFinding:
    level: Level
    sentence: str


async def examine_engine(settings: Settings, *, revision: str) -> list[RasaFinding]:
    """Nothing without REPLYDESK_RASA_URL. `revision` is that of the published knowledge."""
    if settings.rasa_url is None:
        return []
    async with httpx.AsyncClient(trust_env=False) as http:
        try:
            client = RasaClient(http=http, url=settings.rasa_url, token=settings.rasa_token)
        except SettingMistake as error:
            return [RasaFinding(level="bad", sentence=str(error))]
        return await examine_rasa(client, data_dir=settings.data_dir, revision=revision)


async def examine_rasa(client: RasaClient, *, data_dir: Path, revision: str) -> list[RasaFinding]:
    """`revision` is that of the published knowledge."""
    findings = []
    if not is_near(client.host):
        sentence = f"it is spoken to at {client.host} over the network; keep it on the loopback interface."
        findings.append(RasaFinding(level="warning", sentence=sentence))
    try:
        found = await client.loaded_model()
        trained = None if found is None else TrainedModel.read(models_folder(data_dir), found)
    except RasaUnavailable as error:
        return [*findings, RasaFinding(level="bad", sentence=f"{error} The built-in engine decides.")]
    except ModelUnavailable as error:
        return [*findings, RasaFinding(level="warning", sentence=f"{error} The built-in engine decides.")]
    if trained is None:
        sentence = "it has no model: run `replydesk nlu rasa train`. The built-in engine decides."
        return [*findings, RasaFinding(level="warning", sentence=sentence)]
    return [*findings, _freshness(trained, revision)]


def _freshness(trained: TrainedModel, revision: str) -> RasaFinding:
    if trained.revision == revision:
        sentence = f"{trained.name} serves, trained at {trained.trained_at} from the knowledge as it is now."
        return RasaFinding(level="good", sentence=sentence)
    sentence = (
        f"its model is stale: entries changed since {trained.trained_at}, when {trained.name} was trained. "
        "Run `replydesk nlu rasa train`."
    )
    return RasaFinding(level="warning", sentence=sentence)


def is_near(host: str) -> bool:
    """Whether a host is this machine, by name or by number."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
