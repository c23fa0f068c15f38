"""Decide every question of a labelled file exactly as the product does live, and count how well that went."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from core.errors import UserMistake
from knowledge_base.search import Knowledge, KnownText
from nlu.decisions import Answer, Candidate, Clarify, Decision, SmallTalk
from nlu.language import LanguageDetector
from nlu.understanding import Context, Understanding

OUT_OF_SCOPE: Final = "out_of_scope"
COLUMNS: Final = ("sentence", "decision", "label", "confidence", "alternatives")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`label` is the right entry, or `out_of_scope`."""

    sentence: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """`label` is the best entry whatever was decided (empty where there is none); `alternatives` up to three."""

    sentence: str
    decision: str
    label: str
    confidence: float
    alternatives: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rates between 0 and 1; None where nothing could be counted. Answered means `decision == "answer"`."""

    questions: int
    in_scope_accuracy: float | None
    answered: float
    answered_right_of_all: float
    precision: float | None
    out_of_scope_recall: float | None
    matthews_correlation: float
    auroc: float | None
    expected_calibration_error: float


def read_questions(path: Path) -> list[Question]:
    """Rows of a `sentence,label` CSV file in UTF-8. Raises UserMistake in one sentence, with the line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = {"sentence", "label"} - set(reader.fieldnames or ())
            if missing:
                raise UserMistake(f"{path} has no column {' and no column '.join(sorted(missing))}.")
            questions = []
            for row in reader:
                if not (row["sentence"] or "").strip() or not (row["label"] or "").strip():
                    raise UserMistake(f"{path}, line {reader.line_num}: the sentence or its label is empty.")
                questions.append(Question(sentence=row["sentence"], label=row["label"]))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserMistake(f"{path} cannot be read as a CSV file in UTF-8.") from error
    return questions


def knowledge_of_questions(questions: Sequence[Question], languages: Sequence[str]) -> Knowledge:
    """A throw-away knowledge base: label = entry, sentences = its phrasings, each in the language it is written in."""
    detector = LanguageDetector()
    known = [question for question in questions if question.label != OUT_OF_SCOPE]
    if not known:
        raise UserMistake("The knowledge file has no row with an entry.")
    return Knowledge(
        texts=tuple(
            KnownText(
                entry=question.label,
                language=detector.detect(
                    question.sentence, languages=languages, conversation=None, profile=None, default=languages[0]
                ),
                text=question.sentence,
                kind="phrasing",
            )
            for question in known
        ),
        revision="evaluation",
    )


async def predict(
    understanding: Understanding,
    questions: Sequence[Question],
    *,
    context: Context,
    progress: Callable[[], None] = lambda: None,
) -> list[Prediction]:
    """One prediction a question, each decided by itself as a conversation's first message."""
    predictions = []
    for question in questions:
        decision = await understanding.decide(question.sentence, context)
        candidates = decision.candidates or await understanding.candidates(question.sentence, context)
        predictions.append(as_prediction(question.sentence, decision, candidates))
        progress()
    return predictions


def as_prediction(sentence: str, decision: Decision, candidates: Sequence[Candidate]) -> Prediction:
    kinds = {Answer: "answer", Clarify: "clarify", SmallTalk: "smalltalk"}
    return Prediction(
        sentence=sentence,
        decision=kinds.get(type(decision), "handoff"),
        label=candidates[0].entry if candidates else "",
        confidence=round(candidates[0].confidence, 6) if candidates else 0.0,
        alternatives=tuple(candidate.entry for candidate in candidates[:3]),
    )


def write_predictions(path: Path, predictions: Sequence[Prediction]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            for prediction in predictions:
                writer.writerow({**asdict(prediction), "alternatives": "|".join(prediction.alternatives)})
    except OSError as error:
        raise UserMistake(f"{path} cannot be written.") from error


def tabulate(questions: Sequence[Question], predictions: Sequence[Prediction]) -> Table:
    """The figures of one run. Matthews correlation is over all labels, what is not answered counting as out of scope."""
    truth = np.array([question.label for question in questions])
    label = np.array([prediction.label for prediction in predictions])
    confidence = np.array([prediction.confidence for prediction in predictions])
    answered = np.array([prediction.decision == "answer" for prediction in predictions], dtype=bool)
    right, answerable = label == truth, truth != OUT_OF_SCOPE
    return Table(
        questions=len(truth),
        in_scope_accuracy=_mean(right[answerable]),
        answered=float(answered.mean()) if len(truth) else 0.0,
        answered_right_of_all=float((answered & right).mean()) if len(truth) else 0.0,
        precision=_mean(right[answered]),
        out_of_scope_recall=_mean(~answered[~answerable]),
        matthews_correlation=matthews_correlation(truth, np.where(answered, label, OUT_OF_SCOPE)),
        auroc=auroc(confidence[answerable], confidence[~answerable]),
        expected_calibration_error=calibration_error(confidence, right),
    )


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None


def matthews_correlation(truth: np.ndarray, said: np.ndarray) -> float:
    """Of several classes (Gorodkin 2004); 0 where it is undefined."""
    names, places = np.unique(np.concatenate([truth, said]), return_inverse=True)
    table = np.zeros((len(names), len(names)))
    np.add.at(table, (places[: len(truth)], places[len(truth) :]), 1)
    total, hits, true_counts, said_counts = table.sum(), np.trace(table), table.sum(axis=1), table.sum(axis=0)
    spread = (total**2 - (said_counts**2).sum()) * (total**2 - (true_counts**2).sum())
    return float((hits * total - true_counts @ said_counts) / np.sqrt(spread)) if spread > 0 else 0.0


def auroc(inside: np.ndarray, outside: np.ndarray) -> float | None:
    """Probability that a question with an entry has more confidence than one without; ties count half."""
    if not len(inside) or not len(outside):
        return None
    order = np.sort(outside)
    below = np.searchsorted(order, inside, side="left")
    equal = np.searchsorted(order, inside, side="right") - below
    return float((below + 0.5 * equal).mean() / len(outside))


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over equally wide bins."""
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(confidence[places == place].sum() - right[places == place].sum()) for place in range(bins)]
    return float(sum(gaps) / max(len(confidence), 1))
