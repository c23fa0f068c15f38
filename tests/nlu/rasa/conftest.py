"""A real Rasa 3.6.21, trained from the demo's English entries; its environment and model are kept in `.cache/rasa`."""

import asyncio
import hashlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

import nlu.rasa
from core.clock import utc_now
from knowledge_base.demo import read_demo
from knowledge_base.search import Knowledge
from knowledge_base.snapshot import knowledge_of
from nlu.rasa.environment import RunningRasa, find_python, running_rasa
from nlu.rasa.trained import MODEL_SUFFIX, TrainedModel
from nlu.rasa.training import model_name, train_model
from nlu.rasa.training_data import TrainingData
from nlu.understanding import Understanding
from tests.conftest import ROOT
from tests.nlu.rasa.scripted import KNOWLEDGE

_KEPT = ROOT / ".cache" / "rasa" / "models"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedDemo:
    knowledge: Knowledge
    record: TrainedModel
    folder: Path


@pytest.fixture(scope="session")
def builtin() -> Understanding:
    """The built-in engine over the small knowledge base, without a model."""
    return asyncio.run(Understanding.build(KNOWLEDGE))


@pytest.fixture(scope="session")
def rasa_python() -> Path:
    """Rasa's interpreter; installed first where it is missing. Fails, never skips, without Python 3.10."""
    made = subprocess.run(
        ["make", "--no-print-directory", "rasa"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, f"make rasa failed: {made.stdout}{made.stderr}"
    return find_python(ROOT / ".cache" / "rasa" / "venv" / "bin" / "python")


@pytest.fixture(scope="session")
def trained_demo(rasa_python: Path) -> TrainedDemo:
    """Trained once for the same entries, pipeline and program; a second run of the tests finds the model."""
    demo = knowledge_of(entry.over(None) for file in read_demo() for entry in file.entries.values())
    english = tuple(text for text in demo.texts if text.language == "en")
    knowledge = Knowledge(texts=english, revision=demo.revision)
    folder = _KEPT / _program()
    name = model_name(TrainingData.of(knowledge), "logistic")
    if not (folder / f"{name}.json").exists():
        asyncio.run(train_model(knowledge, python=rasa_python, models=folder, clock=utc_now))
    return TrainedDemo(knowledge=knowledge, record=TrainedModel.read(folder, f"{name}{MODEL_SUFFIX}"), folder=folder)


def _program() -> str:
    """Changes when what decides about training or its record does."""
    source = Path(nlu.rasa.__file__).parent
    parts = [(source / name).read_bytes() for name in ("workshop.py", "practice.py", "trained.py")]
    return hashlib.sha256(b"\x1e".join(parts)).hexdigest()[:12]


@pytest.fixture(scope="session")
def rasa(rasa_python: Path, trained_demo: TrainedDemo) -> Iterator[RunningRasa]:
    """The server, on a loop of its own that stands still between its start and its end."""
    loop = asyncio.new_event_loop()
    http = httpx.AsyncClient(trust_env=False)
    serving = running_rasa(rasa_python, trained_demo.record.file_in(trained_demo.folder), http=http)
    try:
        yield loop.run_until_complete(serving.__aenter__())
    finally:
        loop.run_until_complete(serving.__aexit__(None, None, None))
        loop.run_until_complete(http.aclose())
        loop.close()
