"""`replydesk` itself: every command explains itself, and explaining is cheap."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from tests.house.commands import all_commands, run

HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "sklearn",
    "scipy",
    "lingua",
    "onnxruntime",
    "tokenizers",
    "aiogram",
    "fastapi",
    "uvicorn",
    "alembic",
    "sqlalchemy",
)
LISTED = "import json, sys\nfrom bot.cli import app\ntry:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"


@pytest.mark.parametrize("command", sorted(all_commands()))
def test_every_command_explains_itself(command: str) -> None:
    told = CliRunner().invoke(app, [*command.split(), "--help"])
    assert told.exit_code == 0
    assert "Usage:" in told.output


def test_every_command_says_in_one_line_what_it_does() -> None:
    silent = [name for name, command in all_commands().items() if not (command.help or "").strip()]
    assert silent == []


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    program = LISTED + "sys.stderr.write(json.dumps(sorted(sys.modules)))\n"
    told = run(folder=tmp_path, python=("-c", program))
    assert "Usage:" in told.stdout
    loaded = {name.partition(".")[0] for name in json.loads(told.stderr)}
    assert loaded & set(HEAVY) == set()
