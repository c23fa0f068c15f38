"""`replydesk nlu rasa`: make training data of the knowledge base, and train Rasa with it in its own environment."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from core.settings import Settings
    from knowledge_base.search import Knowledge
    from nlu.rasa.trained import TrainedModel

app = typer.Typer(no_args_is_help=True, help="Rasa as an engine: training data and training.")


class Pipeline(StrEnum):
    LOGISTIC = "logistic"
    DIET = "diet"


PythonOption = Annotated[
    Path | None,
    typer.Option("--python", help="Interpreter of Rasa's environment; the one that `make rasa` made by default."),
]
PipelineOption = Annotated[
    Pipeline, typer.Option(help="logistic: seconds; diet: Rasa's transformer, minutes to hours.")
]


@app.command()
def export(
    folder: Annotated[
        Path, typer.Argument(help="Folder to write nlu.yml, domain.yml, config.yml and entries.json to.")
    ],
    pipeline: PipelineOption = Pipeline.LOGISTIC,
) -> None:
    """Write the published entries as Rasa's training data."""
    from core.errors import UserMistake
    from core.runtime import run_command
    from core.settings import Settings
    from nlu.rasa.training_data import TrainingData, write_training_data

    data = TrainingData.of(run_command(_published(Settings.load())))
    if not data.intents:
        raise UserMistake("No entry is published yet: import a knowledge base first (`replydesk kb import FILE`).")
    try:
        write_training_data(data, folder, configuration=pipeline.value)
    except OSError as error:
        raise UserMistake(f"{folder} cannot be written to.") from error
    typer.echo(f"Wrote {len(data.examples)} examples of {len(data.intents)} entries and out of scope to {folder}.")


@app.command()
def train(
    python: PythonOption = None,
    pipeline: PipelineOption = Pipeline.LOGISTIC,
    swap: Annotated[
        bool,
        typer.Option("--swap/--no-swap", help="Load the model into the Rasa at REPLYDESK_RASA_URL, if there is one."),
    ] = True,
) -> None:
    """Train Rasa with the published entries, calibrate it, and put the model into use."""
    from core.runtime import run_command
    from core.settings import Settings
    from nlu.rasa.environment import find_python

    settings, interpreter = Settings.load(), find_python(python)

    async def run() -> None:
        trained = await _train(settings, await _published(settings), interpreter, pipeline.value)
        if swap and settings.rasa_url:
            await _swap(settings, trained)

    run_command(run())


async def _published(settings: "Settings") -> "Knowledge":
    from core.runtime import open_database
    from knowledge_base.snapshot import load_snapshot

    async with open_database(settings) as database:
        return (await load_snapshot(database)).knowledge


async def _train(settings: "Settings", knowledge: "Knowledge", python: Path, pipeline: str) -> "TrainedModel":
    from core.clock import utc_now
    from nlu.rasa.trained import models_folder
    from nlu.rasa.training import train_model

    models = models_folder(settings.data_dir)
    with training_progress() as tell:
        trained = await train_model(
            knowledge, python=python, models=models, clock=utc_now, configuration=pipeline, tell=tell
        )
    typer.echo(f"Trained {trained.name} from {len(trained.intents)} entries: {trained.file_in(models)}")
    return trained


async def _swap(settings: "Settings", trained: "TrainedModel") -> None:
    """Rasa reads the file by its path, so it runs on this machine or sees the data folder under the same path."""
    import httpx

    from nlu.rasa.client import RasaClient
    from nlu.rasa.trained import models_folder

    async with httpx.AsyncClient(trust_env=False) as http:
        client = RasaClient(http=http, url=settings.rasa_url or "", token=settings.rasa_token)
        await client.load_model(trained.file_in(models_folder(settings.data_dir)))
    typer.echo("Rasa serves it now.")


def training_progress() -> Any:
    """A context manager that gives a `tell` for the steps of a training, shown on the error stream."""
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    words = {
        "practice": "Practising without a part of the phrasings",
        "asking": "Asking what was kept back",
        "training": "Training",
        "starting": "Starting Rasa",
    }

    @contextmanager
    def shown() -> Any:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("Starting Rasa's environment", total=None)

            def tell(step: Mapping[str, Any]) -> None:
                if step["step"] in words:
                    progress.update(task, description=words[step["step"]], total=step.get("total"), completed=0)
                elif step["step"] == "asked":
                    progress.update(task, completed=step["done"])

            yield tell

    return shown()
