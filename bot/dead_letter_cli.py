"""`replydesk dead-letter …`: what nobody could read or send, and another try."""

from typing import Annotated

import typer

from core.runtime import run_command

app = typer.Typer(help="Items nobody could read and messages that could not be sent.", no_args_is_help=True)


@app.command("list")
def list_all(
    full: Annotated[bool, typer.Option("--full", help="Also print the raw bodies.")] = False,
) -> None:
    """Every dead letter: `in-…` came from a platform, `out-…` was meant for a customer."""
    from bot.dead_letters import print_all

    run_command(print_all(full=full))


@app.command("replay")
def replay(
    letters: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids as `list` prints them, or `all`.")],
) -> None:
    """Try again: an item is read anew, a message is sent anew (also one in doubt: it may arrive twice)."""
    from bot.dead_letters import replay_letters

    run_command(replay_letters(letters))
