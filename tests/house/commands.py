"""The commands of `replydesk`, read from its typer app, and a way to run one as a user does."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click
import typer.main

from bot.cli import app

ROOT = Path(__file__).parent.parent.parent


def all_commands() -> dict[str, click.Command]:
    """Every command by its words, like `user add`."""
    return dict(_walk("", typer.main.get_command(app)))


def _walk(prefix: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    inner: Mapping[str, click.Command] = getattr(command, "commands", {})
    if not inner:
        yield prefix, command
    for name, child in inner.items():
        yield from _walk(f"{prefix} {name}".strip(), child)


def run(
    *arguments: str, folder: Path, given: str = "", python: Sequence[str] = (), **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run `replydesk ARGUMENTS` in a process of its own whose data folder is `folder`; `given` is its standard input."""
    ours = ("REPLYDESK_", "TELEGRAM_", "MESSENGER_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [sys.executable, *(python or ("-m", "bot.cli")), *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT), "REPLYDESK_DATA_DIR": str(folder / "data"), **variables},
    )
