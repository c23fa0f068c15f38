"""`nlu evaluate`: what goes in, what comes out, and the figures by hand."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import UserMistake
from core.languages import LANGUAGES
from nlu.evaluation import (
    Prediction,
    Question,
    auroc,
    calibration_error,
    knowledge_of_questions,
    matthews_correlation,
    predict,
    read_questions,
    tabulate,
    write_predictions,
)
from nlu.understanding import Context, Understanding


def _prediction(decision: str, label: str, confidence: float) -> Prediction:
    return Prediction(sentence="?", decision=decision, label=label, confidence=confidence, alternatives=(label,))


def test_figures_count_what_is_not_answered_as_out_of_scope() -> None:
    questions = [Question(sentence="?", label=label) for label in ("a", "a", "b", "out_of_scope")]
    predictions = [
        _prediction("answer", "a", 0.9),
        _prediction("clarify", "a", 0.4),
        _prediction("answer", "a", 0.6),
        _prediction("handoff", "b", 0.1),
    ]
    table = tabulate(questions, predictions)
    assert table.in_scope_accuracy == pytest.approx(2 / 3)
    assert table.precision == pytest.approx(1 / 2)
    assert table.answered_right_of_all == pytest.approx(1 / 4)
    assert table.out_of_scope_recall == 1.0
    assert table.auroc == 1.0


def test_correlation_of_two_classes_is_the_usual_one() -> None:
    truth = np.array(["a"] * 6 + ["b"] * 4)
    said = np.array(["a"] * 5 + ["b"] + ["b"] * 3 + ["a"])
    # (5·3 − 1·1) / √(6·4·6·4)
    assert matthews_correlation(truth, said) == pytest.approx(14 / 24)
    assert matthews_correlation(truth, np.array(["a"] * 10)) == 0.0


def test_ties_count_half_in_the_area_under_the_curve() -> None:
    assert auroc(np.array([0.5, 0.9]), np.array([0.5, 0.1])) == pytest.approx(0.875)
    assert auroc(np.array([0.5]), np.array([])) is None


def test_calibration_error_is_the_gap_between_said_and_true() -> None:
    assert calibration_error(np.array([0.85, 0.85]), np.array([True, False])) == pytest.approx(0.35)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("sentence,intent\nhi,a\n", "label"),
        ("sentence,label\nhi,a\n,b\n", "line 3"),
        ("sentence,label\nhi,\n", "line 2"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "questions.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserMistake, match=said):
        read_questions(path)


def test_unreadable_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "questions.csv"
    path.write_bytes(b"sentence,label\n\xff\xfe,a\n")
    with pytest.raises(UserMistake):
        read_questions(path)


async def test_predictions_keep_the_order_and_name_the_best_entry_whatever_was_decided(tmp_path: Path) -> None:
    rows = [
        Question(sentence=sentence, label=label)
        for label, sentences in {
            "refund": ["how do i get a refund", "refund please", "i want my money back", "money back"],
            "hours": ["opening hours", "when are you open", "are you open today", "when do you open"],
        }.items()
        for sentence in sentences
    ]
    asked = [
        Question(sentence="refund please", label="refund"),
        Question(sentence="talk to a human about my refund", label="refund"),
        Question(sentence="thanks", label="out_of_scope"),
        Question(sentence='odd, "quoted"\ntext about opening hours', label="hours"),
    ]
    understanding = await Understanding.build(knowledge_of_questions(rows, LANGUAGES))
    predictions = await predict(understanding, asked, context=Context())
    assert [prediction.decision for prediction in predictions[:3]] == ["answer", "handoff", "smalltalk"]
    assert predictions[1].label == "refund"
    path = tmp_path / "out.csv"
    write_predictions(path, predictions)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "sentence,decision,label,confidence,alternatives"
    assert lines[1].startswith("refund please,answer,refund,")
