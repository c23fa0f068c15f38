"""`replydesk nlu calibrate` as an operator types it."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import knowledge_base.cli
import nlu.cli
from bot.schema import upgrade
from core.database import Database
from core.errors import UserMistake

ROWS = "\n".join(
    f"{entry},en,{question},{phrasings},A.,"
    for entry, question, phrasings in (
        ("returns", "How do I return an item?", "send it back|return policy|i want my money back"),
        ("hours", "When are you open?", "opening hours|are you open on sunday|when do you close"),
        ("payment", "How can I pay?", "do you take cards|payment methods|can i pay in cash"),
    )
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with three published entries; the working directory is elsewhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REPLYDESK_DATABASE_URL", f"sqlite:///{tmp_path / 'nlu.sqlite3'}")
    monkeypatch.setenv("REPLYDESK_DATA_DIR", str(tmp_path))

    async def prepare() -> None:
        database = Database(f"sqlite:///{tmp_path / 'nlu.sqlite3'}")
        await upgrade(database)
        await database.close()

    asyncio.run(prepare())
    return tmp_path


def _import(home: Path) -> None:
    (home / "kb.csv").write_text(f"id,language,question,phrasings,answer,tags\n{ROWS}\n")
    assert CliRunner().invoke(knowledge_base.cli.app, ["import", "kb.csv"]).exit_code == 0


def _calibrate(*arguments: str) -> Result:
    return CliRunner().invoke(nlu.cli.app, ["calibrate", *arguments])


def test_without_an_entry_it_says_what_to_do(home: Path) -> None:
    del home
    assert isinstance(_calibrate().exception, UserMistake)


def test_expected_and_observed_error_stand_beside_each_other(home: Path) -> None:
    _import(home)
    said = _calibrate("--max-wrong-answer-rate", "0.03").stdout
    assert "limit 3.0%: from" in said
    assert "expected: " in said
    assert said.splitlines()[-1] == "observed: not known yet (n=0 of 0 answers judged)"


def test_the_picture_and_the_json_hold_the_same_curve(home: Path) -> None:
    _import(home)
    drawn = _calibrate("--plot", "curve.png", "--json")
    assert drawn.exit_code == 0
    assert (home / "curve.png").read_bytes().startswith(b"\x89PNG")
    found = json.loads(drawn.stdout)
    answered = [point["answered"] for point in found["curve"] if point["language"] == "en"]
    assert answered == sorted(answered)
    assert found["observed"] == {"answers": 0, "judged": 0, "wrong": 0, "rate": None, "interval": [0.0, 1.0]}
    unwritable = _calibrate("--plot", "no/such/folder/curve.png")
    assert isinstance(unwritable.exception, UserMistake)


def test_without_matplotlib_one_sentence_says_how_to_get_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _import(home)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    refused = _calibrate("--plot", "curve.png")
    assert isinstance(refused.exception, UserMistake)
    assert "replydesk[plot]" in str(refused.exception)
