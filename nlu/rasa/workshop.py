"""What runs inside Rasa's own environment (Python 3.10), as a program: `train FOLDER` and `serve`.

It imports Rasa and the standard library, nothing of ours; nothing of ours imports it. Progress is one JSON object a line.
"""

import asyncio
import json
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

os.environ.update(RASA_TELEMETRY_ENABLED="false", TF_CPP_MIN_LOG_LEVEL="3", SQLALCHEMY_SILENCE_UBER_WARNING="1")
warnings.simplefilter("ignore")


def tell(step: str, **fields: Any) -> None:
    """One step of the work, for whoever started it."""
    sys.stdout.write(json.dumps({"step": step, **fields}) + "\n")
    sys.stdout.flush()


def train(folder: Path) -> None:
    """`folder/practice` first (train, then ask its `questions.json` into `rankings.json`), then `folder` itself.

    `folder/plan.json` names the model to make. Models are put into `folder/models`.
    """
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    if (folder / "practice" / "questions.json").exists():
        tell("practice")
        model = _train(folder / "practice", name="practice")
        questions = json.loads((folder / "practice" / "questions.json").read_text(encoding="utf-8"))
        tell("asking", total=len(questions))
        rankings = asyncio.run(_ask(model, questions))
        (folder / "practice" / "rankings.json").write_text(json.dumps(rankings), encoding="utf-8")
    tell("training")
    tell("trained", model=_train(folder, name=plan["name"]))


def _train(folder: Path, *, name: str) -> str:
    from rasa.model_training import train_nlu  # noqa: PLC0415  # after the environment is set

    model = train_nlu(
        config=str(folder / "config.yml"),
        nlu_data=str(folder / "nlu.yml"),
        output=str(folder / "models"),
        fixed_model_name=name,
        domain=str(folder / "domain.yml"),
    )
    if not model:
        sys.exit("Rasa made no model of this training data.")
    return str(model)


async def _ask(model: str, questions: list[str]) -> list[Any]:
    import structlog  # noqa: PLC0415
    from rasa.core.agent import Agent  # noqa: PLC0415

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    agent = Agent.load(model)
    answers = []
    for place, question in enumerate(questions):
        answer = await agent.parse_message(question)
        answers.append({"intent_ranking": answer["intent_ranking"]})
        if place % 50 == 0:
            tell("asked", done=place)
    return answers


def serve(port: str, model: str) -> None:
    """Rasa's server on the loopback interface only. The token comes by the environment: `ps` shows arguments."""
    from rasa.__main__ import main  # noqa: PLC0415

    token = os.environ.pop("RASA_WORKSHOP_TOKEN")
    sys.argv = ["rasa", "run", "--enable-api", "--interface", "127.0.0.1", "--port", port, "--model", model]
    sys.argv += ["--auth-token", token]
    main()


if __name__ == "__main__":
    if sys.argv[1] == "train":
        train(Path(sys.argv[2]))
    else:
        serve(sys.argv[2], sys.argv[3])
