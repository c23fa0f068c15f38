"""`replydesk metrics …`: figures on the command line."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

Result = TypeVar("Result")

app = typer.Typer(name="metrics", help="Response rates, times and outcomes.", no_args_is_help=True)


class Output(StrEnum):
    TEXT = "text"
    JSON = "json"


@app.callback()
def _metrics() -> None:
    """Response rates, times and outcomes."""


@app.command()
def explain(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Timelines as in METRICS.md section 6.")],
) -> None:
    """Compute the report from plain timelines, so that anybody can check a figure by hand.

    One file prints one report, several print an array in their order.
    """
    import json

    reports = [_explain(file) for file in files]
    typer.echo(json.dumps(reports[0] if len(reports) == 1 else reports, indent=2))


def _explain(file: Path) -> dict[str, object]:
    """The report of one timeline; ends the program with one sentence when it cannot be read."""
    from core.errors import UserMistake
    from metrics.report import build_report
    from metrics.timeline import read_timeline

    try:
        timeline = read_timeline(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise _refusal(f"{file}: cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise _refusal(f"{file}: is not UTF-8 text.") from None
    except UserMistake as mistake:
        raise _refusal(f"{file}: {mistake}") from None
    return build_report(
        timeline.facts,
        since=timeline.since,
        until=timeline.until,
        now=timeline.now,
        channel=timeline.channel,
        hours=timeline.hours,
        settings=timeline.settings,
    )


def _refusal(sentence: str) -> typer.Exit:
    typer.echo(sentence, err=True)
    return typer.Exit(2)


Since = Annotated[str, typer.Option(help="Beginning: 2026-03-01 or an ISO 8601 instant with its zone.")]
Until = Annotated[str, typer.Option(help="End, not included.")]
Channel = Annotated[str | None, typer.Option(help="Only this channel.")]
Now = Annotated[str | None, typer.Option(help="Compute as of this instant instead of the present one.")]


@app.command()
def report(
    since: Since,
    until: Until,
    channel: Channel = None,
    now: Now = None,
    output: Annotated[
        Output, typer.Option("--format", help="`text` to read, `json` as METRICS.md section 6.")
    ] = Output.TEXT,
) -> None:
    """The report of a period from what is stored."""
    import json

    from core.runtime import run_command
    from metrics.recorded import recorded_report
    from metrics.sheet import write_sheet

    found = run_command(_recorded(recorded_report, since=since, until=until, channel=channel, now=now))
    typer.echo(json.dumps(found, indent=2) if output is Output.JSON else write_sheet(found))


@app.command()
def export(
    since: Since,
    until: Until,
    to: Annotated[Path, typer.Option(help="The CSV file to write.")],
    channel: Channel = None,
    now: Now = None,
) -> None:
    """Write the episodes, cases and ratings behind the report, one row each, as CSV."""
    from core.runtime import run_command
    from metrics.export import write_rows
    from metrics.recorded import recorded_rows

    rows = run_command(_recorded(recorded_rows, since=since, until=until, channel=channel, now=now))
    try:
        to.write_text(write_rows(rows), encoding="utf-8", newline="")
    except OSError as error:
        raise _refusal(f"{to}: cannot be written: {error.strerror or error}.") from None
    typer.echo(f"{len(rows)} rows written to {to}.", err=True)


async def _recorded(
    use_case: Callable[..., Awaitable[Result]], *, since: str, until: str, channel: str | None, now: str | None
) -> Result:
    from core.clock import utc_now
    from core.errors import UserMistake
    from core.runtime import open_database
    from core.settings import Settings
    from metrics.api import instant

    first, last = instant(since, name="since"), instant(until, name="until")
    if first > last:
        raise UserMistake("since: is after until.")
    at = instant(now, name="now") if now else utc_now()
    async with open_database(Settings.load()) as database:
        return await use_case(database, since=first, until=last, now=at, channel=channel)
