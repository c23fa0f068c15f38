"""`replydesk user …`: who works here, from the command line."""

import sys
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

user_app = typer.Typer(no_args_is_help=True, help="Users, their roles and API tokens.")

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The user's e-mail address.")]


@user_app.command("add")
def add(
    email: Email,
    role: Annotated[str, typer.Option(help="agent, editor, manager or admin.")],
    name: Annotated[str, typer.Option(help="The name customers' threads show to colleagues.")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read a password from standard input.")
    ] = False,
) -> None:
    """Add a user; without a password only API tokens let them in."""
    from core.audit import record
    from core.clock import utc_now
    from core.database import Database
    from core.passwords import Passwords
    from core.users import add_user

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None

    async def run(database: Database) -> None:
        password_hash = None if password is None else await Passwords().hash(password)
        async with database.write() as session:
            user = await add_user(session, email=email, role=role, name=name, password_hash=password_hash, at=utc_now())
            record(session, None, "user.added", subject=user.email, details={"role": user.role}, at=utc_now())
        print(f"Added {user.email} as {user.role}.")

    _with_database(run)


@user_app.command("token")
def token(email: Email) -> None:
    """Make an API token and print it; it cannot be shown again."""
    from core.audit import record
    from core.clock import utc_now
    from core.database import Database
    from core.users import find_user, make_token

    async def run(database: Database) -> None:
        async with database.write() as session:
            user = await find_user(session, email)
            token_id, secret = await make_token(session, user.id, at=utc_now())
            record(session, None, "token.made", subject=f"{user.email} {token_id}", at=utc_now())
        print(secret)

    _with_database(run)


@user_app.command("list")
def list_users() -> None:
    """List all users."""
    from sqlalchemy import select

    from core.database import Database
    from core.models import User

    async def run(database: Database) -> None:
        async with database.read() as session:
            users = (await session.scalars(select(User).order_by(User.email))).all()
        for user in users:
            print("\t".join([user.email, user.role, "active" if user.active else "deactivated", user.name]))

    _with_database(run)


@user_app.command("deactivate")
def deactivate_user(email: Email) -> None:
    """End a user's log-ins and tokens; what they wrote stays."""
    from core.audit import record
    from core.clock import utc_now
    from core.database import Database
    from core.users import deactivate, find_user

    async def run(database: Database) -> None:
        async with database.write() as session:
            user = await find_user(session, email)
            await deactivate(session, user, at=utc_now())
            record(session, None, "user.deactivated", subject=user.email, at=utc_now())
        print(f"Deactivated {user.email}.")

    _with_database(run)


def _with_database(use_case: Callable[..., Awaitable[None]]) -> None:
    """Run it on the configured database. A user's mistake is one sentence on standard error and exit 2."""
    from core.runtime import open_database, run_command
    from core.settings import Settings

    async def run() -> None:
        async with open_database(Settings.load()) as database:
            await use_case(database)

    run_command(run())
