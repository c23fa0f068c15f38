"""How well the understanding decides: one folder (or several) of train.csv/test.csv in, a table with intervals out.

`python -m bench.accuracy ../shared/data/intents/*` builds a throw-away knowledge base from each train.csv, calibrates it
on those rows alone, decides every row of test.csv as the product does live, and prints the figures of docs/accuracy.md
with 95 % bootstrap intervals. Where there is a validation.csv, one more line uses a single cut-off chosen on it.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.settings import Settings
from knowledge_base.encoder import open_encoder
from knowledge_base.vectors import FileVectorStore
from nlu.calibration import find_cutoffs
from nlu.evaluation import (
    OUT_OF_SCOPE,
    Prediction,
    Question,
    auroc,
    calibration_error,
    knowledge_of_questions,
    matthews_correlation,
    predict,
    read_questions,
)
from nlu.experience import read_prior
from nlu.understanding import Context, Understanding

RESAMPLES = 1000
LIMITS = (0.02, 0.05)
WANTED_IN_SCOPE = 0.94


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Test rows as arrays. `answered`: the decision was an answer; `confidence`: of the best entry, whatever it was."""

    truth: NDArray[np.str_]
    label: NDArray[np.str_]
    answered: NDArray[np.bool_]
    confidence: NDArray[np.float64]

    @classmethod
    def of(cls, questions: Sequence[Question], predictions: Sequence[Prediction]) -> "Outcomes":
        return cls(
            truth=np.array([question.label for question in questions]),
            label=np.array([prediction.label for prediction in predictions]),
            answered=np.array([prediction.decision == "answer" for prediction in predictions]),
            confidence=np.array([prediction.confidence for prediction in predictions]),
        )

    def draw(self, rows: NDArray[np.intp]) -> "Outcomes":
        return Outcomes(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})

    def cut(self, cutoff: float) -> "Outcomes":
        return Outcomes(
            truth=self.truth, label=self.label, confidence=self.confidence, answered=self.confidence >= cutoff
        )


def share(values: NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def in_scope_accuracy(outcomes: Outcomes) -> float:
    known = outcomes.truth != OUT_OF_SCOPE
    return share((outcomes.label == outcomes.truth)[known])


def in_scope_answered_right(outcomes: Outcomes) -> float:
    known = outcomes.truth != OUT_OF_SCOPE
    return share(((outcomes.label == outcomes.truth) & outcomes.answered)[known])


def out_of_scope_recall(outcomes: Outcomes) -> float:
    return share(~outcomes.answered[outcomes.truth == OUT_OF_SCOPE])


def separation(outcomes: Outcomes) -> float:
    known = outcomes.truth != OUT_OF_SCOPE
    found = auroc(outcomes.confidence[known], outcomes.confidence[~known])
    return float("nan") if found is None else found


def correlation(outcomes: Outcomes) -> float:
    said = np.where(outcomes.answered, outcomes.label, OUT_OF_SCOPE)
    return matthews_correlation(outcomes.truth, said)


def precision(outcomes: Outcomes) -> float:
    return share((outcomes.label == outcomes.truth)[outcomes.answered])


def answered(outcomes: Outcomes) -> float:
    return share(outcomes.answered)


def coverage(outcomes: Outcomes) -> float:
    return share((outcomes.label == outcomes.truth) & outcomes.answered)


def wrong_of_all(outcomes: Outcomes) -> float:
    return share((outcomes.label != outcomes.truth) & outcomes.answered)


def calibration_gap(outcomes: Outcomes) -> float:
    return calibration_error(outcomes.confidence, outcomes.label == outcomes.truth)


def best_coverage(outcomes: Outcomes, limit: float) -> float:
    """The most that could be answered right with at most `limit` of the answers wrong, the cut-off picked on the test."""
    order = np.argsort(-outcomes.confidence, kind="stable")
    right = (outcomes.label == outcomes.truth)[order]
    kept = np.flatnonzero(np.cumsum(right) / np.arange(1, len(right) + 1) >= 1 - limit)
    return float(right[: kept[-1] + 1].sum() / len(right)) if len(kept) else 0.0


def interval(outcomes: Outcomes, figure: Callable[[Outcomes], float]) -> tuple[float, float, float]:
    """The figure and its 95 % percentile bootstrap interval over the questions."""
    generator = np.random.default_rng(0)
    size = len(outcomes.truth)
    drawn = [figure(outcomes.draw(generator.integers(0, size, size))) for _ in range(RESAMPLES)]
    low, high = np.nanpercentile(drawn, [2.5, 97.5]) if not np.all(np.isnan(drawn)) else (float("nan"),) * 2
    return figure(outcomes), float(low), float(high)


def figures_of(outcomes: Outcomes, understanding: Understanding) -> dict[str, tuple[float, float, float]]:
    plain: dict[str, Callable[[Outcomes], float]] = {
        "in-scope accuracy": in_scope_accuracy,
        "AUROC": separation,
        "ECE": calibration_gap,
        "MCC, blind": correlation,
        "out-of-scope recall, blind": out_of_scope_recall,
        "answered of all, blind": answered,
        "answered right of all, blind": coverage,
        "answered wrong of all, blind": wrong_of_all,
        "precision of answers, blind": precision,
    }
    result = {name: interval(outcomes, figure) for name, figure in plain.items()}
    assert understanding.model is not None
    calibration = understanding.model.calibration
    knows_meaning = "en" in calibration.meaning_known
    usual = read_prior().of(knows_meaning=knows_meaning).usual
    for limit in LIMITS:
        cutoffs = find_cutoffs(
            calibration.curve, "en", max_wrong_answer_rate=limit, knows_meaning=knows_meaning, usual=usual
        )
        sure = outcomes.cut(cutoffs.sure)
        result[f"coverage when sure to {1 - limit:.0%}, blind"] = interval(sure, coverage)
        result[f"  precision there (goal {1 - limit:.0%})"] = interval(sure, precision)
        result[f"coverage at {1 - limit:.0%} precision, oracle"] = interval(
            outcomes, lambda drawn, limit=limit: best_coverage(drawn, limit)
        )
    return result


def chosen_on(validation: Outcomes) -> float:
    """The highest cut-off at which the validation rows still keep WANTED_IN_SCOPE answered right; where none does, the
    best mean of in-scope answered right and out-of-scope recall.
    """
    cuts = [float(each) for each in np.unique(np.round(validation.confidence, 3))]
    kept = [each for each in cuts if in_scope_answered_right(validation.cut(each)) >= WANTED_IN_SCOPE]
    return max(kept) if kept else max(cuts, key=lambda each: _balance(validation.cut(each)))


def _balance(outcomes: Outcomes) -> float:
    return in_scope_answered_right(outcomes) + out_of_scope_recall(outcomes)


async def measure(folder: Path, settings: Settings) -> dict[str, Any]:
    context = Context()
    encoder = open_encoder(settings.data_dir, settings.embedding_model)
    began = time.perf_counter()
    understanding = await Understanding.build(
        knowledge_of_questions(read_questions(folder / "train.csv"), context.languages),
        encoder=encoder,
        store=FileVectorStore(settings.data_dir),
    )
    ready = time.perf_counter() - began
    outcomes = {}
    for name in ("validation", "test"):
        if (folder / f"{name}.csv").exists():
            questions = read_questions(folder / f"{name}.csv")
            began = time.perf_counter()
            predictions = await predict(understanding, questions, context=context)
            outcomes[name] = Outcomes.of(questions, predictions)
            each = (time.perf_counter() - began) / len(questions)
    found = figures_of(outcomes["test"], understanding)
    if "validation" in outcomes:
        cutoff = chosen_on(outcomes["validation"])
        cut = outcomes["test"].cut(cutoff)
        found[f"in-scope accuracy at {cutoff:.2f} (chosen on validation)"] = interval(cut, in_scope_answered_right)
        found[f"out-of-scope recall at {cutoff:.2f} (chosen on validation)"] = interval(cut, out_of_scope_recall)
    return {"name": folder.name, "ready_s": ready, "each_ms": each * 1e3, "figures": found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folders", nargs="+", type=Path, help="folders with train.csv and test.csv")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    arguments = parser.parse_args()
    settings = Settings.load()
    results = []
    for folder in arguments.folders:
        if not (folder / "train.csv").exists():
            continue
        sys.stderr.write(f"{folder.name} …\n")
        results.append(asyncio.run(measure(folder, settings)))
        if not arguments.json:
            print_table(results[-1])
    if arguments.json:
        print(json.dumps(results, indent=2))


def print_table(result: dict[str, Any]) -> None:
    print(f"\n{result['name']}: ready in {result['ready_s']:.1f} s, {result['each_ms']:.1f} ms a question")
    for name, (value, low, high) in result["figures"].items():
        shown = "–" if np.isnan(value) else f"{value:.3f}  [{low:.3f}, {high:.3f}]"
        print(f"  {name:52} {shown}")


if __name__ == "__main__":
    main()
