"""The commands as a user types them, on a database of their own."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.schema import upgrade
from core.database import Database
from knowledge_base.cli import app

HEADER = "id,language,question,phrasings,answer,tags"
FIVE = "\n".join(
    f"a,{language},Q{language}?,one {language}|two {language},A.,t" for language in ("en", "ru", "uk", "ms", "zh-Hant")
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with an empty, migrated database; the working directory is elsewhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REPLYDESK_DATABASE_URL", f"sqlite:///{tmp_path / 'kb.sqlite3'}")

    async def prepare() -> None:
        database = Database(f"sqlite:///{tmp_path / 'kb.sqlite3'}")
        await upgrade(database)
        await database.close()

    asyncio.run(prepare())
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def test_import_prints_what_it_did_and_nothing_changes_the_second_time(home: Path) -> None:
    (home / "kb.csv").write_text(f"{HEADER}\n{FIVE}\n")
    first, second = run("import", "kb.csv"), run("import", "kb.csv")
    assert (first.exit_code, first.stdout) == (0, "1 added, 0 changed, 0 unchanged.\n")
    assert (second.exit_code, second.stdout) == (0, "0 added, 0 changed, 1 unchanged.\n")


def test_a_refused_file_is_told_line_by_line_with_exit_code_2(home: Path) -> None:
    (home / "kb.csv").write_text(f"{HEADER}\n{FIVE}\nb,en,,,A.,\n")
    refused = run("import", "kb.csv")
    assert refused.exit_code == 2
    assert refused.stderr == "kb.csv was not imported: 1 fault.\nline 7: The question is empty.\n"
    assert run("export").stdout == f"{HEADER},status,buttons,picture\n"
    missing = run("import", "nowhere.csv")
    assert (missing.exit_code, missing.stderr) == (2, "'nowhere.csv' cannot be read: No such file or directory.\n")


def test_export_prints_or_writes_what_import_takes(home: Path) -> None:
    (home / "kb.csv").write_text(f"{HEADER}\n{FIVE}\n")
    run("import", "kb.csv")
    printed = run("export")
    assert printed.stdout.splitlines()[1] == "a,en,Qen?,one en|two en,A.,t,published,,"
    assert json.loads(run("export", "--format", "json").stdout)[0]["id"] == "a"
    assert run("export", "-o", "out.yaml").exit_code == 0
    assert run("import", "out.yaml").stdout == "0 added, 0 changed, 1 unchanged.\n"
    wrong = run("export", "--format", "xml")
    assert (wrong.exit_code, wrong.stderr) == (2, "'xml' is not a format; csv, yaml and json are.\n")
    assert run("export", "-o", "out.xml").exit_code == 2


def test_check_answers_1_for_errors_and_0_for_warnings(home: Path) -> None:
    (home / "kb.csv").write_text(f"{HEADER}\n{FIVE}\nb,en,Another thing?,first|second,B.,\n")
    run("import", "kb.csv")
    warned = run("check")
    assert warned.exit_code == 0
    assert warned.stdout.splitlines() == [
        "warning: b: There is no translation into ru, uk, ms, zh-Hant.",
        "2 entries, 0 errors, 1 warning.",
    ]
    (home / "kb.csv").write_text(f"{HEADER}\nb,en,Another thing?,first|ONE en,B.,\n")
    run("import", "kb.csv")
    failed = run("check", "--json")
    assert failed.exit_code == 1
    assert json.loads(failed.stdout)[0] == {
        "level": "error",
        "entry": "a",
        "language": "en",
        "kind": "repeated",
        "values": {"text": "ONE en", "other": "b"},
        "sentence": "'ONE en' stands under 'b' too.",
    }


def test_a_database_without_tables_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REPLYDESK_DATABASE_URL", f"sqlite:///{tmp_path / 'new.sqlite3'}")
    answered = run("check")
    assert answered.exit_code == 2
    assert len(answered.stderr.splitlines()) == 1
    assert "replydesk db upgrade" in answered.stderr
