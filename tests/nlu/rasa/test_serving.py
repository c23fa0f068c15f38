import asyncio
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from core.errors import SettingMistake
from core.settings import Settings
from knowledge_base.search import Knowledge
from nlu.rasa.breaker import Breaker
from nlu.rasa.client import RasaUnavailable
from nlu.rasa.examining import examine_engine, examine_rasa, is_near
from nlu.rasa.serving import RasaBuild, with_rasa
from nlu.rasa.trained import models_folder
from nlu.rasa.understanding import RasaUnderstanding
from nlu.understanding import Understanding
from tests.nlu.rasa.scripted import KNOWLEDGE, Clock, ScriptedRasa, trained


class BuiltinBuild:
    generation = 3

    def __init__(self, understanding: Understanding) -> None:
        self._understanding = understanding

    async def __call__(self, knowledge: Knowledge, *, max_wrong_answer_rate: float) -> Understanding:
        return self._understanding


def _build(rasa: ScriptedRasa, builtin: Understanding, folder: Path) -> RasaBuild:
    breaker = Breaker(clock=Clock(), failing=RasaUnavailable, name="Rasa")
    return RasaBuild(builtin=BuiltinBuild(builtin), client=rasa.client(), breaker=breaker, data_dir=folder)


async def test_rasa_is_put_over_the_builtin_engine_once_its_model_is_known(
    builtin: Understanding, tmp_path: Path
) -> None:
    trained().write(models_folder(tmp_path))
    build = _build(ScriptedRasa(), builtin, tmp_path)
    assert await build(KNOWLEDGE, max_wrong_answer_rate=0.05) is builtin
    await build.look()
    await build.look()
    assert build.generation == 4
    serving = await build(KNOWLEDGE, max_wrong_answer_rate=0.05)
    assert isinstance(serving, RasaUnderstanding)
    assert serving.trained.name == "replydesk-1"


async def test_a_model_that_somebody_else_trained_is_not_served_with(builtin: Understanding, tmp_path: Path) -> None:
    trained().write(models_folder(tmp_path))
    rasa = ScriptedRasa()
    build = _build(rasa, builtin, tmp_path)
    await build.look()
    rasa.model_file = "20260101-strange.tar.gz"
    with capture_logs() as logs:
        await build.look()
        await build.look()
    assert await build(KNOWLEDGE, max_wrong_answer_rate=0.05) is builtin
    assert build.generation == 5
    assert [entry["event"] for entry in logs] == ["rasa_model_unknown"]


async def test_an_outage_is_told_once_and_keeps_the_model(builtin: Understanding, tmp_path: Path) -> None:
    trained().write(models_folder(tmp_path))
    rasa = ScriptedRasa()
    build = _build(rasa, builtin, tmp_path)
    await build.look()
    rasa.trouble = lambda: httpx.Response(502)
    with capture_logs() as logs:
        for _ in range(5):
            await build.look()
    assert [entry["event"] for entry in logs] == ["rasa_unavailable"]
    assert build.generation == 4


async def test_without_an_address_nothing_is_put_over(builtin: Understanding) -> None:
    given = BuiltinBuild(builtin)
    async with with_rasa(Settings(), given) as build:
        assert build is given


async def test_an_address_without_a_token_stops_the_start(builtin: Understanding) -> None:
    with pytest.raises(SettingMistake, match="REPLYDESK_RASA_TOKEN"):
        async with with_rasa(Settings(rasa_url="http://127.0.0.1:5005"), BuiltinBuild(builtin)):
            raise AssertionError("must not start")


async def test_nobody_listens_and_the_builtin_engine_serves(builtin: Understanding, tmp_path: Path) -> None:
    settings = Settings(rasa_url="http://127.0.0.1:9", rasa_token=SecretStr("a-token"), data_dir=tmp_path)
    async with with_rasa(settings, BuiltinBuild(builtin)) as build:
        await asyncio.sleep(0)
        assert await build(KNOWLEDGE, max_wrong_answer_rate=0.05) is builtin


@pytest.mark.parametrize(
    ("revision", "level", "words"), [("first", "good", "as it is now"), ("second", "warning", "stale")]
)
async def test_doctor_tells_a_fresh_model_from_a_stale_one(
    revision: str, level: str, words: str, tmp_path: Path
) -> None:
    trained().write(models_folder(tmp_path))
    found = await examine_rasa(ScriptedRasa().client(), data_dir=tmp_path, revision=revision)
    assert [one.level for one in found] == [level]
    assert words in found[0].sentence


@pytest.mark.parametrize(
    ("rasa", "level"),
    [
        (ScriptedRasa(model_file=None), "warning"),
        (ScriptedRasa(model_file="other.tar.gz"), "warning"),
        (ScriptedRasa(trouble=lambda: httpx.Response(401)), "bad"),
    ],
)
async def test_doctor_tells_what_is_wrong_and_who_decides_instead(
    rasa: ScriptedRasa, level: str, tmp_path: Path
) -> None:
    found = await examine_rasa(rasa.client(), data_dir=tmp_path, revision="first")
    assert [one.level for one in found] == [level]
    assert "built-in engine" in found[0].sentence


async def test_doctor_says_nothing_of_rasa_where_it_is_off_and_names_a_missing_token() -> None:
    assert await examine_engine(Settings(), revision="x") == []
    found = await examine_engine(Settings(rasa_url="http://127.0.0.1:5005"), revision="x")
    assert [one.level for one in found] == ["bad"]


def test_only_this_machine_is_near() -> None:
    assert [is_near(host) for host in ("127.0.0.1", "::1", "localhost")] == [True] * 3
    assert [is_near(host) for host in ("10.0.0.1", "rasa", "localhost.example.org", "0.0.0.0")] == [False] * 4
