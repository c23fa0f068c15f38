"""From knowledge to a trained, calibrated and recorded Rasa model."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from core.clock import Clock
from core.errors import UserMistake
from knowledge_base.search import Knowledge
from nlu.rasa.environment import Tell, TrainingFailed, train
from nlu.rasa.practice import Outcomes, Practice
from nlu.rasa.ranking import Ranking
from nlu.rasa.trained import TrainedModel, insist_on_safe_archive
from nlu.rasa.training_data import TrainingData, digest_of, plain, read_configuration, write_training_data

_FEWEST_ENTRIES = 2


async def train_model(
    knowledge: Knowledge,
    *,
    python: Path,
    models: Path,
    clock: Clock,
    configuration: str = "logistic",
    tell: Tell = lambda _: None,
) -> TrainedModel:
    """Train twice in Rasa's environment: for practice without what is kept back, then for good. The model file and its
    record are in `models` afterwards; a failure leaves nothing there.

    Raises UserMistake where there is too little to learn from, TrainingFailed where Rasa gives up.
    """
    data = TrainingData.of(knowledge)
    if len(data.intents) < _FEWEST_ENTRIES:
        raise UserMistake("Rasa needs at least two published entries to tell apart.")
    name = model_name(data, configuration)
    practice = Practice.of(data)
    with tempfile.TemporaryDirectory(prefix="replydesk-rasa-") as temporary:
        folder = Path(temporary)
        await asyncio.to_thread(_write, data, practice, folder, name, configuration)
        made = await train(python, folder, tell=tell)
        rankings = await asyncio.to_thread(_read_rankings, folder, len(practice.asked))
        record = TrainedModel(
            name=name,
            revision=data.revision,
            configuration=configuration,
            trained_at=clock().isoformat(timespec="seconds"),
            intents=data.intents,
            outcomes=Outcomes.of(practice, rankings),
        )
        await asyncio.to_thread(_keep, made, record, models)
    return record


def model_name(data: TrainingData, configuration: str) -> str:
    """Of the same training data, pipeline and bundled texts the same name."""
    texts = (f"{example.entry}\x1f{example.text}" for example in data.examples)
    return f"replydesk-{digest_of([read_configuration(configuration), data.revision, *texts])}"


def _write(data: TrainingData, practice: Practice, folder: Path, name: str, configuration: str) -> None:
    write_training_data(data, folder, configuration=configuration)
    (folder / "plan.json").write_text(json.dumps({"name": name}), encoding="utf-8")
    if practice.asked and len(practice.learnt.intents) >= _FEWEST_ENTRIES:
        write_training_data(practice.learnt, folder / "practice", configuration=configuration)
        questions = json.dumps([plain(example.text) for example in practice.asked])
        (folder / "practice" / "questions.json").write_text(questions, encoding="utf-8")


def _read_rankings(folder: Path, asked: int) -> Sequence[Ranking]:
    """One a question; all empty where the knowledge was too small to practise on, so that the prior decides."""
    path = folder / "practice" / "rankings.json"
    if not path.exists():
        return [Ranking()] * asked
    try:
        rankings = [Ranking.of_parse(answer) for answer in json.loads(path.read_text(encoding="utf-8"))]
    except ValueError as error:
        raise TrainingFailed(f"The practice model's answers cannot be read. {error}") from error
    if len(rankings) != asked:
        raise TrainingFailed("The practice model did not answer every question.")
    return rankings


def _keep(made: Path, record: TrainedModel, models: Path) -> None:
    insist_on_safe_archive(made)
    models.mkdir(parents=True, exist_ok=True)
    unfinished = models / f"{record.name}.part"
    shutil.copyfile(made, unfinished)
    unfinished.replace(record.file_in(models))
    record.write(models)
