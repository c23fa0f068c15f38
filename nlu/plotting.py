"""The coverage/error curve as a picture, for a report or a slide. matplotlib is an optional extra."""

from collections.abc import Sequence
from pathlib import Path

from core.errors import UserMistake
from nlu.observing import Observed
from nlu.reporting import Point


def draw_curve(path: Path, points: Sequence[Point], *, limit: float, observed: Observed) -> None:
    """One line a language: the share answered against the wrong share of all questions, both with their intervals; the
    operator's limit and the observed rate beside. Raises UserMistake in one sentence.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  # an optional extra
    except ImportError as error:
        raise UserMistake("Drawing needs matplotlib: install it with `pip install 'replydesk[plot]'`.") from error
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.add_subplot()
    for language in dict.fromkeys(point.language for point in points):
        of_language = [point for point in points if point.language == language]
        wrong = [100 * point.wrong_of_questions for point in of_language]
        answered = [100 * point.answered for point in of_language]
        low = [100 * point.answered_interval[0] for point in of_language]
        high = [100 * point.answered_interval[1] for point in of_language]
        (line,) = axes.plot(wrong, answered, marker="o", label=language)
        axes.fill_between(wrong, low, high, color=line.get_color(), alpha=0.15, linewidth=0)
        for point, across, up in zip(of_language, wrong, answered, strict=True):
            left, right = (100 * bound for bound in point.wrong_of_questions_interval)
            reach = [[max(across - left, 0.0)], [max(right - across, 0.0)]]
            axes.errorbar(across, up, xerr=reach, color=line.get_color(), linewidth=1)
    axes.axvline(100 * limit, color="black", linestyle="--", linewidth=1, label=f"limit {limit:.1%}")
    axes.set(xlabel="wrong answers, % of all questions", ylabel="answered, % of all questions", ylim=(0, 100))
    axes.set_xlim(left=0)
    known = "not known yet" if observed.rate is None else f"{observed.rate:.1%} of {observed.judged} judged answers"
    axes.set_title(f"Expected on the knowledge base's own phrasings. Observed wrong: {known} (n = {observed.judged}).")
    axes.legend(loc="lower right")
    axes.grid(alpha=0.3)
    try:
        figure.savefig(path, format="png", dpi=150)
    except OSError as error:
        raise UserMistake(f"{path} cannot be written.") from error
