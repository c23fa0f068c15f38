"""Adding users, their tokens, and the command line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from typer.testing import CliRunner

from bot.schema import upgrade
from core.cli import user_app
from core.database import Database
from core.errors import NotFound, TooManyTries, UserMistake
from core.passwords import LONGEST
from core.sign_in_models import Try
from core.throttle import Throttle
from core.users import add_user, find_user, valid_email
from tests.core.people import TurnedClock, quick_passwords


@pytest.mark.parametrize(
    "email",
    ["", "anna", "@x.com", "anna@", "a b@x.com", "a@x..com", "a@-x.com", "a\x00@x.com", "a@x.com\nBcc: b", "a@@b.c"],
)
async def test_what_is_no_address_is_refused(database: Database, email: str) -> None:
    async with database.write() as session:
        with pytest.raises(UserMistake):
            await add_user(session, email=email, role="agent", at=TurnedClock()())


@given(st.text(max_size=300))
def test_whatever_is_typed_as_an_address_is_taken_or_refused_and_never_breaks(text: str) -> None:
    try:
        email = valid_email(text)
    except UserMistake:
        return
    assert email == email.strip().lower()
    assert email.count("@") == 1


async def test_a_known_address_is_refused_in_any_spelling_and_an_unknown_role_too(database: Database) -> None:
    at = TurnedClock()()
    async with database.write() as session:
        await add_user(session, email="Anna@Example.com", role="agent", at=at)
        with pytest.raises(UserMistake, match="already"):
            await add_user(session, email=" anna@example.COM ", role="agent", at=at)
        with pytest.raises(UserMistake, match="agent, editor, manager, admin"):
            await add_user(session, email="b@example.com", role="owner", at=at)
        with pytest.raises(NotFound):
            await find_user(session, "b@example.com")


async def test_passwords_verify_and_too_short_or_long_ones_are_refused() -> None:
    passwords = quick_passwords()
    stored = await passwords.hash("пароль-із-літер")
    assert await passwords.verify("пароль-із-літер", stored)
    assert not await passwords.verify("Пароль-із-літер", stored)
    assert not await passwords.verify("nobody has this password", None)
    assert not await passwords.verify("пароль-із-літер", "not a hash")
    for wrong in ("123456789", "x" * (LONGEST + 1)):
        with pytest.raises(UserMistake):
            await passwords.hash(wrong)


async def test_the_throttle_forgets_after_the_period_and_keeps_keys_and_names_apart(database: Database) -> None:
    clock = TurnedClock()
    throttle = Throttle(database=database, clock=clock, name="door", tries=2)
    await throttle.count("a")
    clock.forward(seconds=30)
    await throttle.count("a")
    with pytest.raises(TooManyTries) as refused:
        await throttle.count("a")
    assert refused.value.after_seconds == 30
    await throttle.count("b")
    await Throttle(database=database, clock=clock, name="window", tries=2).count("a")
    clock.forward(seconds=30)
    await throttle.count("a")


async def test_tries_in_another_process_count_too_and_success_forgets_them(database: Database) -> None:
    clock = TurnedClock()
    here, there = (Throttle(database=database, clock=clock, name="door", tries=3) for _ in range(2))
    await here.count("a")
    await there.count("a")
    await here.count("a")
    with pytest.raises(TooManyTries):
        await there.count("a")
    await here.forget("a")
    await there.count("a")


async def test_tries_are_kept_without_anybodys_address_and_not_for_long(database: Database) -> None:
    clock = TurnedClock()
    throttle = Throttle(database=database, clock=clock, name="door", tries=2)
    await throttle.count("anna@example.com 192.0.2.7")
    clock.forward(hours=2)
    await throttle.count("b")
    async with database.read() as session:
        kept = (await session.scalars(select(Try))).all()
    assert len(kept) == 1
    assert "anna" not in kept[0].key


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migrated database where the settings point to."""
    import asyncio

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REPLYDESK_DATABASE_URL", f"sqlite:///{tmp_path / 'cli.sqlite3'}")

    async def create() -> None:
        database = Database(f"sqlite:///{tmp_path / 'cli.sqlite3'}")
        await upgrade(database)
        await database.close()

    asyncio.run(create())


def run(*words: str, typed: str | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(user_app, list(words), input=typed)
    return result.exit_code, result.stdout, result.stderr


def test_users_are_added_listed_and_deactivated_on_the_command_line(installed: None) -> None:
    added = run("add", "Anna@example.com", "--role", "admin", "--password-stdin", typed="correct horse\n")
    assert added == (0, "Added anna@example.com as admin.\n", "")
    assert run("add", "b@example.com", "--role", "agent", "--name", "Богдан")[0] == 0
    assert "b@example.com\tagent\tactive\tБогдан" in run("list")[1]
    code, token, _ = run("token", "b@example.com")
    assert code == 0
    assert token.startswith("rd_")
    assert token.count("\n") == 1
    assert run("deactivate", "b@example.com")[0] == 0
    assert "b@example.com\tagent\tdeactivated" in run("list")[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "nobody", "--role", "agent"), "not an e-mail"),
        (("add", "a@example.com", "--role", "king"), "agent, editor, manager, admin"),
        (("token", "a@example.com"), "no active user"),
        (("deactivate", "a@example.com"), "no active user"),
        (("add", "a@example.com", "--role", "agent", "--password-stdin"), "10 to 1024"),
    ],
)
def test_a_mistake_is_one_sentence_on_standard_error_and_exit_2(
    installed: None, words: tuple[str, ...], says: str
) -> None:
    code, out, error = run(*words, typed="short\n")
    assert (code, out) == (2, "")
    assert says in error
    assert error.count("\n") == 1


def test_a_database_without_tables_is_told_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REPLYDESK_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    code, _, error = run("list")
    assert code == 2
    assert "replydesk db upgrade" in error
