"""A user's mistake is told in one plain sentence, with exit code 2 and never a stack trace."""

import subprocess
from pathlib import Path

import pytest

from tests.house.commands import run

TOKEN = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
BAD_KNOWLEDGE = "id,language,question,phrasings,answer,tags\nparcel,en,Where is my parcel?,,,\nparcel,xx,?,,!,\n"
MISTAKES: dict[str, tuple[str, ...]] = {
    "unknown command": ("serv",),
    "unknown option": ("serve", "--prot", "80"),
    "port out of range": ("serve", "--port", "70000"),
    "user without database": ("user", "list"),
    "channel without database": ("channel", "list"),
    "unknown channel": ("channel", "add", "smoke-signals", "--set", "token=x"),
    "wrong form of a setting": ("channel", "add", "telegram", "--set", "bot_token"),
    "knowledge file that is not there": ("kb", "import", "nowhere.csv"),
    "knowledge file of unknown kind": ("kb", "import", "knowledge.docx"),
    "timeline that is not there": ("metrics", "explain", "nowhere.json"),
    "timeline that is not JSON": ("metrics", "explain", "broken.json"),
    "report of an impossible day": ("metrics", "report", "--since", "2026-02-30", "--until", "2026-03-01"),
    "report that ends before it begins": ("metrics", "report", "--since", "2026-03-02", "--until", "2026-03-01"),
    "dead letter without database": ("dead-letter", "replay", "in-1"),
}


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_mistake_is_told_plainly(mistake: str, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "knowledge.docx").write_bytes(b"PK")
    _told_plainly(run(*MISTAKES[mistake], folder=tmp_path))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty database in it."""
    folder = tmp_path_factory.mktemp("house")
    assert run("db", "upgrade", folder=folder).returncode == 0
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        ("user", "add", "not-an-address", "--role", "agent"),
        ("user", "add", "anna@example.com", "--role", "king"),
        ("user", "token", "nobody@example.com"),
        ("user", "deactivate", "nobody@example.com"),
        ("channel", "remove", "telegram", "--name", "nobody"),
        ("channel", "add", "telegram", "--set", "bot_token=wrong"),
        ("channel", "add", "telegram", "--set", f"bot_token={TOKEN}", "--name", "no/slash"),
        ("channel", "add", "messenger", "--set", "page_id=abc", "--set", "page_token=x"),
        ("kb", "import", "bad.csv"),
        ("kb", "export", "--format", "docx"),
        ("dead-letter", "replay", "in-99"),
        ("dead-letter", "replay", "everything"),
    ],
    ids=" ".join,
)
def test_a_mistake_on_a_working_database_is_told_plainly(arguments: tuple[str, ...], house: Path) -> None:
    (house / "bad.csv").write_text(BAD_KNOWLEDGE, encoding="utf-8")
    told = run(*arguments, folder=house)
    _told_plainly(told)
    assert TOKEN not in told.stdout + told.stderr


@pytest.mark.parametrize("command", [("serve",), ("db", "upgrade"), ("doctor",), ("user", "list"), ("demo",)])
def test_an_unknown_setting_is_refused_with_a_suggestion(command: tuple[str, ...], tmp_path: Path) -> None:
    told = run(*command, folder=tmp_path, REPLYDESK_DATABSE_URL="sqlite:///x.sqlite3")
    _told_plainly(told)
    assert told.stderr == "REPLYDESK_DATABSE_URL is not a setting. Did you mean REPLYDESK_DATABASE_URL?\n"


def test_an_unknown_setting_in_the_env_file_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("REPLYDESK_TURN_WAIT=5\n")
    told = run("doctor", folder=tmp_path)
    _told_plainly(told)
    assert "Did you mean REPLYDESK_TURN_WAIT_MS?" in told.stderr


@pytest.mark.parametrize(
    ("name", "value", "told_of"),
    [
        ("REPLYDESK_TURN_WAIT_MS", "soon", "REPLYDESK_TURN_WAIT_MS"),
        ("REPLYDESK_LOG_FORMAT", "xml", "REPLYDESK_LOG_FORMAT"),
        ("REPLYDESK_DATABASE_URL", "mysql://somewhere/x", "mysql"),
        ("REPLYDESK_DATABASE_URL", "not a url", "REPLYDESK_DATABASE_URL"),
        ("REPLYDESK_DATABASE_URL", "postgresql://127.0.0.1:9/x", "The database cannot be used"),
        ("REPLYDESK_SECRET_KEY", "short", "secret key is too short"),
        ("TELEGRAM_BOT_TOKEN", "wrong", "TELEGRAM_BOT_TOKEN"),
        ("TELEGRAM_BOT_TOKN", TOKEN, "TELEGRAM_BOT_TOKEN"),
        ("MESSENGER_PAGE_ID", "1000000000001", "MESSENGER_PAGE_TOKEN"),
    ],
)
def test_a_wrong_setting_is_told_at_start(name: str, value: str, told_of: str, house: Path) -> None:
    told = run("serve", "--port", "0", folder=house, **{name: value})
    _told_plainly(told)
    assert told_of in told.stderr
    assert TOKEN not in told.stderr


def test_serve_says_how_to_make_the_database(tmp_path: Path) -> None:
    told = run("serve", "--port", "0", folder=tmp_path)
    _told_plainly(told)
    assert "replydesk db upgrade" in told.stderr


def _told_plainly(told: subprocess.CompletedProcess[str]) -> None:
    assert told.returncode == 2, (told.returncode, told.stdout, told.stderr)
    assert "Traceback" not in told.stdout + told.stderr
    assert told.stderr.strip()
