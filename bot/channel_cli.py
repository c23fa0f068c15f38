"""`replydesk channel …`: accounts from the command line."""

import sys
from typing import Annotated

import typer

from core.runtime import run_command

app = typer.Typer(help="Accounts on the channels: add, list, check, remove.", no_args_is_help=True)

Channel = Annotated[str, typer.Argument(metavar="CHANNEL", help="telegram, messenger …")]
Name = Annotated[str, typer.Option(help="The account's name; it is part of its webhook address.")]


@app.command("add")
def add(
    channel: Channel,
    name: Name = "main",
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A setting; secrets are better asked for.")
    ] = None,
) -> None:
    """Store an account. What is required and not given is asked for, or read line by line from standard input."""
    from bot.channel_commands import add_interactively

    run_command(add_interactively(channel=channel, name=name, given=setting or []))


@app.command("list")
def list_all() -> None:
    """All accounts, with their webhook addresses and problems."""
    from bot.channel_commands import print_accounts

    run_command(print_accounts())


@app.command("check")
def check(
    channel: Annotated[str | None, typer.Argument(metavar="[CHANNEL]", help="Only this channel.")] = None,
) -> None:
    """Ask the platforms whether the credentials are good and the webhooks healthy; exit 1 when one is not."""
    from bot.channel_commands import check_accounts

    sys.exit(run_command(check_accounts(channel)))


@app.command("remove")
def remove(channel: Channel, name: Name = "main") -> None:
    """Forget an account's credentials; its conversations stay."""
    from bot.channel_commands import remove_by_name

    run_command(remove_by_name(channel=channel, name=name))
