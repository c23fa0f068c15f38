"""`replydesk nlu`: evaluate and calibrate the understanding."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import nlu.rasa.cli
from nlu.rasa.cli import PythonOption

if TYPE_CHECKING:
    from core.settings import Settings
    from knowledge_base.encoder import Encoder
    from knowledge_base.search import Knowledge
    from nlu.evaluation import Table
    from nlu.observing import Observed
    from nlu.understanding import Understanding

app = typer.Typer(no_args_is_help=True, help="Evaluate and calibrate the understanding.")
app.add_typer(nlu.rasa.cli.app, name="rasa")


class Engine(StrEnum):
    BUILTIN = "builtin"
    RASA = "rasa"


@app.command()
def evaluate(  # noqa: PLR0917  # a command is its options
    knowledge: Annotated[
        Path, typer.Option(help="CSV of sentence,label: the phrasings of a throw-away knowledge base.")
    ],
    questions: Annotated[
        Path, typer.Option(help="CSV of sentence,label: what customers ask; out_of_scope has no entry.")
    ],
    predictions: Annotated[Path, typer.Option(help="CSV to write: sentence,decision,label,confidence,alternatives.")],
    engine: Annotated[Engine, typer.Option(help="Which engine decides.")] = Engine.BUILTIN,
    python: PythonOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Decide every question exactly as the product does live, calibrated from the knowledge rows alone."""
    from core.settings import Settings
    from nlu.evaluation import knowledge_of_questions, predict, read_questions, tabulate, write_predictions
    from nlu.understanding import Context

    settings = Settings.load()
    rows, asked = read_questions(knowledge), read_questions(questions)

    async def run() -> "Table":
        context = Context()
        known = knowledge_of_questions(rows, context.languages)
        with _progress() as progress:
            build = progress.add_task("Learning and calibrating", total=None)
            async with _understanding(engine, known, settings=settings, python=python) as understanding:
                progress.update(build, total=1, completed=1)
                deciding = progress.add_task("Deciding", total=len(asked))
                made = await predict(understanding, asked, context=context, progress=lambda: progress.advance(deciding))
        write_predictions(predictions, made)
        return tabulate(asked, made)

    table = asyncio.run(run())
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(table), indent=2))
    else:
        _print_table("Evaluation", dataclasses.asdict(table))


@asynccontextmanager
async def _understanding(
    engine: Engine, knowledge: "Knowledge", *, settings: Any, python: Path | None
) -> AsyncIterator["Understanding"]:
    """The engine, ready to decide. Rasa is trained, served and thrown away; it never gets help from the other one."""
    from nlu.understanding import Understanding

    if engine is Engine.BUILTIN:
        encoder, store = _open_model(settings)
        yield await Understanding.build(knowledge, encoder=encoder, store=store)
        return
    from nlu.rasa.environment import find_python
    from nlu.rasa.evaluating import throw_away_rasa

    async with throw_away_rasa(knowledge, python=find_python(python)) as rasa:
        yield rasa.understanding
        rasa.insist_on_rasa_alone()


def _open_model(settings: Any) -> tuple["Encoder | None", Any]:
    """The encoder and its vectors; None, said on the error stream, where there is no model."""
    from core.errors import ModelUnavailable
    from knowledge_base.encoder import open_encoder
    from knowledge_base.vectors import FileVectorStore

    store = FileVectorStore(settings.data_dir)
    try:
        return open_encoder(settings.data_dir, settings.embedding_model), store
    except ModelUnavailable as error:
        typer.echo(f"{error} Going on lexically.", err=True)
        return None, store


def _progress() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _print_table(title: str, figures: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table as Grid

    grid = Grid(title=title, show_header=False)
    for name, value in figures.items():
        shown = "–" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
        grid.add_row(name.replace("_", " "), shown)
    Console().print(grid)


@app.command()
def calibrate(
    max_wrong_answer_rate: Annotated[
        float, typer.Option(min=0.001, max=0.5, help="Limit to report on besides.")
    ] = 0.05,
    plot: Annotated[Path | None, typer.Option(help="PNG file to draw the curve into (needs matplotlib).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the curve as JSON.")] = False,
) -> None:
    """Calibrate on the published entries and show what would be answered, and how wrong, at each limit."""
    from core.errors import UserMistake
    from core.settings import Settings
    from nlu.plotting import draw_curve
    from nlu.reporting import LIMITS, curve_points

    understanding, observed = asyncio.run(_calibrated(Settings.load(), max_wrong_answer_rate))
    if understanding.model is None:
        raise UserMistake("No entry is published yet: import a knowledge base first (`replydesk kb import FILE`).")
    limits = tuple(sorted({*LIMITS, max_wrong_answer_rate}))
    points = curve_points(understanding.model.calibration, limits)
    if plot is not None:
        draw_curve(plot, points, limit=max_wrong_answer_rate, observed=observed)
    expected = [point for point in points if point.max_wrong_answer_rate == max_wrong_answer_rate]
    if as_json:
        found = {
            "max_wrong_answer_rate": max_wrong_answer_rate,
            "curve": [dataclasses.asdict(point) for point in points],
            "expected": {each.language: {"rate": each.wrong, "interval": each.wrong_interval} for each in expected},
            "observed": {**dataclasses.asdict(observed), "rate": observed.rate, "interval": observed.interval},
        }
        typer.echo(json.dumps(found, indent=2))
        return
    for point in points:
        low, high = point.wrong_of_questions_interval
        typer.echo(
            f"{point.language:8} limit {point.max_wrong_answer_rate:.1%}: from {point.cutoff:.2f} on, "
            f"{point.answered:.0%} answered; a wrong answer to {point.wrong_of_questions:.1%} of the questions "
            f"({low:.1%} to {high:.1%}), {point.wrong:.1%} of the answers wrong"
        )
    for each in expected:
        low, high = each.wrong_interval
        typer.echo(f"{each.language:8} expected: {each.wrong:.1%} of the answers wrong ({low:.1%} to {high:.1%})")
    typer.echo(f"observed: {_as_words(observed)}")


async def _calibrated(settings: "Settings", max_wrong_answer_rate: float) -> tuple["Understanding", "Observed"]:
    from core.database import Database
    from knowledge_base.snapshot import load_snapshot
    from nlu.observing import observe
    from nlu.understanding import Understanding

    database = Database(settings.effective_database_url)
    try:
        snapshot = await load_snapshot(database)
        async with database.read() as session:
            observed = await observe(session)
    finally:
        await database.close()
    with _progress() as progress:
        progress.add_task("Learning and calibrating", total=None)
        encoder, store = _open_model(settings)
        understanding = await Understanding.build(
            snapshot.knowledge, encoder=encoder, store=store, max_wrong_answer_rate=max_wrong_answer_rate
        )
    return understanding, observed


def _as_words(observed: "Observed") -> str:
    if observed.rate is None:
        return f"not known yet (n=0 of {observed.answers} answers judged)"
    low, high = observed.interval
    return (
        f"{observed.rate:.1%} of the judged answers wrong ({low:.1%} to {high:.1%}; "
        f"n={observed.judged} of {observed.answers} answers, {observed.wrong} wrong)"
    )
