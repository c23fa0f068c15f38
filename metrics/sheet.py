"""The report as plain text for a terminal: the same figures as the JSON, none without what belongs beside it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_OUTCOMES: Final = ("handed_off", "gave_up", "returned", "confirmed", "quiet")
_STATISTICS: Final = ("median_s", "p90_s", "mean_s", "max_s", "km_median_s", "km_p90_s")
_HEADINGS: Final = ("clock", "n", "open", "outside", "median", "p90", "mean", "max", "KM median", "KM p90")
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_NONE: Final = "–"


def write_sheet(report: Mapping[str, Any]) -> str:
    """The text of a report made by `build_report`."""
    return "\n".join(_lines(report))


def shares(counts: Mapping[str, int]) -> dict[str, float]:
    """Shares in per cent with one decimal that sum to exactly 100.0: what rounding down leaves goes to the largest rests.

    Empty when all counts are zero.
    """
    total = sum(counts.values())
    if not total:
        return {}
    tenths = {name: divmod(1000 * count, total) for name, count in counts.items()}
    missing = 1000 - sum(whole for whole, _ in tenths.values())
    lifted = sorted(tenths, key=lambda name: -tenths[name][1])[:missing]
    return {name: (whole + (name in lifted)) / 10 for name, (whole, _) in tenths.items()}


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    yield f"Response report from {report['since']} until {report['until']}, as of {report['now']}"
    yield f"Channel: {report['channel'] or 'all'} · episodes: {report['episodes']}"
    yield ""
    yield f"Response rate        {_rate(report['response_rate'])}"
    yield f"Human response rate  {_rate(report['human_response_rate'])}"
    yield ""
    yield from _table(report)
    yield ""
    yield from _outcomes(report)
    yield from (f"Satisfaction ({about}): {_satisfaction(asked)}" for about, asked in report["csat"].items())
    yield from _badge(report["badge"])
    if "promises" in report:
        yield from _desk(report)


def _rate(rate: Mapping[str, Any]) -> str:
    detail = f"{rate['answered_in_time']} in time, {rate['answered_late']} late, {rate['due']} due"
    return f"{_percent(rate['rate'])} ({detail}; {rate['pending']} pending)"


def _table(report: Mapping[str, Any]) -> Iterator[str]:
    clocks = {f"first response, {kind}": figures for kind, figures in report["first_response"].items()}
    clocks["reply time"] = report["reply_time"]
    clocks["handoff wait"] = report["handoff"]["wait"]
    clocks["resolution"] = report["handoff"]["resolution"]
    rows: list[tuple[str, ...]] = [_HEADINGS]
    for name, figures in clocks.items():
        for kind, found in figures.items():
            counts = tuple(
                _NONE if found.get(key) is None else str(found[key]) for key in ("n", "open", "outside_hours")
            )
            rows.append((f"{name} ({kind})", *counts, *(_duration(found[key]) for key in _STATISTICS)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join((first.ljust(widths[0]), *cells))


def _outcomes(report: Mapping[str, Any]) -> Iterator[str]:
    handoff, outcomes = report["handoff"], report["bot_outcomes"]
    states = ", ".join(f"{handoff[state]} {state.replace('_', ' ')}" for state in ("picked_up", "abandoned", "waiting"))
    yield f"Handoffs: {handoff['requested']} requested ({states})"
    percents = shares({name: outcomes[name] for name in _OUTCOMES})
    counted = ", ".join(
        f"{outcomes[name]} {name.replace('_', ' ')}{f' ({percents[name]:.1f} %)' if percents else ''}"
        for name in _OUTCOMES
    )
    yield f"Bot outcomes: {outcomes['decided']} decided: {counted}; {outcomes['undecided']} undecided"
    contained = f"{100 - percents['handed_off']:.1f} %" if percents else _NONE
    gave_up = f"{percents['gave_up']:.1f} %" if percents else _NONE
    yield f"Containment: {contained}, of which the bot gave up: {gave_up} of all decided"


def _satisfaction(asked: Mapping[str, Any]) -> str:
    answered = _percent(asked["given"] / asked["asked"] if asked["asked"] else None)
    return f"{_percent(asked['score'])} ({asked['positive']} of {asked['given']} given; {asked['asked']} asked, {answered} answered)"


def _badge(badge: Mapping[str, Any]) -> Iterator[str]:
    standing, week = _standing(badge), _standing(badge["last_7_days"])
    yield f"Badge ({badge['window']}, {badge['counted']} counted): {standing}; last 7 days: {week}"
    for risk in badge["at_risk"]:
        yield f"  at risk: answer conversation {risk['conversation']} until {risk['until']}"


def _standing(standing: Mapping[str, Any]) -> str:
    earned = {True: "earned", False: "not earned", None: "nothing counted"}[standing["earned"]]
    return f"{earned}, rate {_percent(standing['rate'])}, time {_duration(standing['time_s'])}"


def _percent(share: float | None) -> str:
    return _NONE if share is None else f"{100 * share:.1f} %"


def _duration(seconds: float | None) -> str:
    """The two largest units, such as `1 h 5 min`; seconds with one decimal below a minute."""
    if seconds is None:
        return _NONE
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    rest = round(seconds)
    parts: list[str] = []
    for name, size in _UNITS:
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])


def _desk(report: Mapping[str, Any]) -> Iterator[str]:
    made = report["promises"]
    told = f"{made['kept']} kept, {made['broken']} broken, {made['pending']} pending, {made['made']} made"
    yield f"Promises kept: {_percent(made['rate'])} ({told})"
    for name, level in report["service_level"].items():
        if level["target_s"] is not None:
            told = f"{level['within']} within {_duration(level['target_s'])}, {level['missed']} missed, {level['pending']} pending"
            yield f"Service level, {name.replace('_', ' ')}: {_percent(level['share'])} ({told})"
    feedback = report["feedback"]
    yield f"Answers called helpful: {feedback['helpful']}, not helpful: {feedback['not_helpful']}"
