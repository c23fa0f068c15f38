"""Against a real Rasa 3.6.21: what scripted answers cannot prove."""

import csv
import json
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs
from typer.testing import CliRunner

from bot.cli import app
from core.clock import utc_now
from knowledge_base.search import Knowledge, KnownText
from nlu.decisions import Answer, Clarify, HandOff, SmallTalk
from nlu.rasa.client import RasaClient, RasaUnavailable
from nlu.rasa.environment import RunningRasa, running_rasa
from nlu.rasa.evaluating import rasa_breaker
from nlu.rasa.examining import examine_rasa
from nlu.rasa.serving import RasaBuild
from nlu.rasa.trained import models_folder
from nlu.rasa.training_data import TrainingData, plain, write_training_data
from nlu.rasa.understanding import RasaUnderstanding
from nlu.understanding import Context, Understanding
from tests.nlu.rasa.conftest import TrainedDemo
from tests.nlu.rasa.test_training_data import AWKWARD

pytestmark = pytest.mark.timeout(900)  # the first run installs and trains
CONTEXT = Context(languages=("en",))


@pytest.fixture
async def client(rasa: RunningRasa) -> AsyncIterator[RasaClient]:
    async with httpx.AsyncClient(trust_env=False) as http:
        yield RasaClient(http=http, url=rasa.url, token=rasa.token, parse_seconds=30.0)


@pytest.fixture
async def understanding(client: RasaClient, trained_demo: TrainedDemo) -> RasaUnderstanding:
    builtin = await Understanding.build(trained_demo.knowledge)
    return await RasaUnderstanding.over(
        builtin, client=client, breaker=rasa_breaker(utc_now), trained=trained_demo.record
    )


async def test_rasa_knows_the_demo_entries_by_their_own_phrasings(
    client: RasaClient, trained_demo: TrainedDemo
) -> None:
    asked = [text for text in trained_demo.knowledge.texts if text.kind == "question"]
    found = [(await client.parse(text.text)).entries(trained_demo.record.intents)[0][0] for text in asked]
    right = sum(entry == text.entry for entry, text in zip(found, asked, strict=True))
    assert right >= 0.9 * len(asked)


async def test_a_customers_questions_are_decided_by_rasa_alone(understanding: RasaUnderstanding) -> None:
    question = next(text for text in understanding.knowledge.texts if text.kind == "question")
    decision = await understanding.decide(question.text, CONTEXT)
    assert isinstance(decision, Answer)
    assert decision.entry == question.entry
    assert isinstance(
        await understanding.decide("explain quantum gravity to my grandmother", CONTEXT), HandOff | Clarify
    )
    assert isinstance(await understanding.decide("hello", CONTEXT), SmallTalk)
    assert understanding.fallbacks == 0


@pytest.mark.parametrize(
    "text",
    ["🙂", "\ud800 open", "a" * 10_000, "\x00\x01\x02 open", "[x](y) {z}", "${HOME}", "/restart", "訂單在哪裡", "null"],
)
async def test_no_text_is_too_much_for_rasa(text: str, client: RasaClient) -> None:
    ranking = await client.parse(text)
    assert all(0 <= confidence <= 1 for _, confidence in ranking.intents)


async def test_nobody_gets_in_without_the_token(rasa: RunningRasa) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        for path in ("/status", "/domain"):
            assert (await http.get(rasa.url + path)).status_code == 401
        assert (await http.put(rasa.url + "/model", json={"model_file": "/tmp/x"})).status_code == 401
        stranger = RasaClient(http=http, url=rasa.url, token=SecretStr("guessed"))
        with pytest.raises(RasaUnavailable, match="REPLYDESK_RASA_TOKEN"):
            await stranger.parse("hello")


def test_the_token_is_not_to_be_seen_among_the_processes(rasa: RunningRasa) -> None:
    told = Path(f"/proc/{rasa.pid}/cmdline").read_bytes()
    assert b"workshop.py" in told
    assert rasa.token.get_secret_value().encode() not in told


async def test_a_new_model_is_swapped_in_and_followed(
    client: RasaClient, trained_demo: TrainedDemo, tmp_path: Path
) -> None:
    models = models_folder(tmp_path)
    other = replace(trained_demo.record, name="replydesk-other", revision="older")
    for record in (trained_demo.record, other):
        record.write(models)
        shutil.copyfile(trained_demo.record.file_in(trained_demo.folder), record.file_in(models))
    build = RasaBuild(builtin=_Builtin(), client=client, breaker=rasa_breaker(utc_now), data_dir=tmp_path)
    await build.look()
    first = build.generation
    await client.load_model(other.file_in(models))
    await build.look()
    assert build.generation == first + 1
    revision = trained_demo.record.revision
    assert [one.level for one in await examine_rasa(client, data_dir=tmp_path, revision=revision)] == ["warning"]
    with capture_logs() as logs:
        serving = await build(trained_demo.knowledge, max_wrong_answer_rate=0.05)
    assert isinstance(serving, RasaUnderstanding)
    assert [entry["event"] for entry in logs] == ["rasa_model_stale"]
    await client.load_model(trained_demo.record.file_in(models))
    assert [one.level for one in await examine_rasa(client, data_dir=tmp_path, revision=revision)] == ["good"]


class _Builtin:
    generation = 0

    async def __call__(self, knowledge: Knowledge, *, max_wrong_answer_rate: float) -> Understanding:
        return await Understanding.build(knowledge, max_wrong_answer_rate=max_wrong_answer_rate)


async def test_a_model_file_that_does_not_exist_leaves_the_old_one_serving(client: RasaClient, tmp_path: Path) -> None:
    before = await client.loaded_model()
    with pytest.raises(RasaUnavailable):
        await client.load_model(tmp_path / "missing.tar.gz")
    assert await client.loaded_model() == before


async def test_a_killed_rasa_is_replaced_by_the_builtin_engine(rasa_python: Path, trained_demo: TrainedDemo) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        model = trained_demo.record.file_in(trained_demo.folder)
        async with running_rasa(rasa_python, model, http=http) as server:
            builtin = await Understanding.build(trained_demo.knowledge)
            understanding = await RasaUnderstanding.over(
                builtin, client=server.client, breaker=rasa_breaker(utc_now), trained=trained_demo.record
            )
            await understanding.decide("where is my parcel", CONTEXT)
            assert understanding.fallbacks == 0
            os.kill(server.pid, signal.SIGKILL)
            with capture_logs() as logs:
                decisions = [await understanding.decide("where is my parcel", CONTEXT) for _ in range(5)]
    assert decisions == [await builtin.decide("where is my parcel", CONTEXT)] * 5
    assert [entry["event"] for entry in logs] == ["breaker_opened"]


_READ = """
import json, sys
from rasa.shared.nlu.training_data.loading import load_data
data = load_data(sys.argv[1])
print("\\n" + json.dumps([[m.get("intent"), m.get("text"), m.get("entities")] for m in data.training_examples]))
"""


def test_rasa_reads_awkward_texts_as_nothing_but_text(rasa_python: Path, tmp_path: Path) -> None:
    texts = [KnownText(entry="odd", language="en", text=text, kind="phrasing") for text in AWKWARD]
    write_training_data(TrainingData.of(Knowledge(texts=tuple(texts), revision="x")), tmp_path)
    command = [str(rasa_python), "-I", "-W", "ignore", "-c", _READ, str(tmp_path / "nlu.yml")]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    read = json.loads(told.stdout.splitlines()[-1])
    assert [text for intent, text, _ in read if intent != "out_of_scope"] == [plain(text) for text in AWKWARD]
    assert all(entities is None for *_, entities in read)


def test_evaluate_gives_the_same_table_for_rasa(rasa_python: Path, tmp_path: Path) -> None:
    knowledge, questions, predictions = (tmp_path / name for name in ("train.csv", "test.csv", "out.csv"))
    words = {
        "opening": ("hours", "open", "closed"),
        "returns": ("return", "refund", "back"),
        "card": ("pay", "visa", "cash"),
    }
    rows = [
        (f"{word} {rest}", label) for label, these in words.items() for word in these for rest in ("please", "today")
    ]
    _write(knowledge, rows)
    _write(
        questions,
        [("open today please", "opening"), ("capital of mongolia", "out_of_scope"), ("hello", "out_of_scope")],
    )
    arguments = ["nlu", "evaluate", "--engine", "rasa", "--python", str(rasa_python), "--json"]
    arguments += ["--knowledge", str(knowledge), "--questions", str(questions), "--predictions", str(predictions)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    table = json.loads(result.stdout)
    assert table["questions"] == 3
    assert table["in_scope_accuracy"] == 1.0
    with predictions.open(newline="") as file:
        written = list(csv.DictReader(file))
    assert written[0]["label"] == "opening"
    assert written[2]["decision"] == "smalltalk"


def _write(path: Path, rows: list[tuple[str, str]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([("sentence", "label"), *rows])
