"""`replydesk`: every command. Heavy imports happen inside the commands, so that `--help` answers at once."""

import os
from typing import Annotated

import typer

import bot.channel_cli
import bot.dead_letter_cli
import core.cli
import knowledge_base.cli
import metrics.cli
import nlu.cli
from core.memory import use_few_arenas
from core.runtime import run_command, told_plainly

app = typer.Typer(
    name="replydesk",
    help="A self-hosted customer-support chatbot: sure answers, a person for the rest, honest response figures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
database_app = typer.Typer(help="The database's schema.", no_args_is_help=True)
app.add_typer(database_app, name="db")
app.add_typer(core.cli.user_app, name="user")
app.add_typer(bot.channel_cli.app, name="channel")
app.add_typer(knowledge_base.cli.app, name="kb")
app.add_typer(nlu.cli.app, name="nlu")
app.add_typer(metrics.cli.app, name="metrics")
app.add_typer(bot.dead_letter_cli.app, name="dead-letter")

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")]


@app.callback()
def _replydesk() -> None:
    """A self-hosted customer-support chatbot."""


@app.command()
def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Also work (poll, think, send) in this process.")
    ] = True,
) -> None:
    """Web, worker and pollers in one process."""
    from bot.commands import serve_product

    run_command(serve_product(host=host, port=port, worker=worker))


@app.command()
def worker() -> None:
    """Poll, think and send, without a web server."""
    from bot.commands import work

    run_command(work())


@app.command()
def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    simulator_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the simulator's page.")] = 8001,
) -> None:
    """The product with the demo brand and simulated platforms: try everything with no account."""
    from bot.commands import run_demo

    run_command(run_demo(host=host, port=port, simulator_port=simulator_port))


@app.command()
def doctor() -> None:
    """Check database, migrations, model, channels, clock and disk; exit 1 when something is bad."""
    from bot.doctor import examine

    raise SystemExit(run_command(examine()))


@database_app.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest schema; nothing happens when it is there."""
    from bot.commands import upgrade_database

    run_command(upgrade_database())


@knowledge_base.cli.app.command("ask")
def ask(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What a customer might write.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the decision as JSON.")] = False,
) -> None:
    """Show what the bot would do with a text: answer, ask back, small talk, or fetch a person."""
    from bot.asking import ask as ask_question

    run_command(ask_question(text, as_json=as_json))


def main() -> None:
    """The console command."""
    # One thread for matrix products: more fight over the cores with the serving and hold 60 MB each.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    use_few_arenas()
    with told_plainly():
        app(standalone_mode=True)


if __name__ == "__main__":
    main()
