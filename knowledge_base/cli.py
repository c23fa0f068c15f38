"""`replydesk kb …`: bring knowledge in, take it out, look it over."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from core.database import Database
    from core.preferences import Brand
    from knowledge_base.checking import Finding
    from knowledge_base.content import EntryContent

app = typer.Typer(no_args_is_help=True, help="The knowledge base: import, export, check.")


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv, .yaml or .json file of entries.")],
) -> None:
    """Take all entries of a file; a file with any fault is refused whole."""
    from core.clock import utc_now
    from knowledge_base.interchange.import_file import import_file, read_file

    async def run(database: "Database") -> None:
        read = await asyncio.to_thread(read_file, file)
        with _progress("Importing") as on_progress:
            counts = await import_file(database, read, clock=utc_now, on_progress=on_progress)
        print(f"{counts.added} added, {counts.changed} changed, {counts.unchanged} unchanged.")

    _with_database(run)


@app.command("export")
def export_command(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; its ending is the format. Default: print.")
    ] = None,
    chosen: Annotated[str, typer.Option("--format", "-f", help="csv, yaml or json, when printing.")] = "csv",
) -> None:
    """Write all entries, drafts too; pictures go into a folder beside the file."""
    from core.errors import UserMistake
    from knowledge_base.interchange.export_file import Format, export_file, export_text

    async def run(database: "Database") -> None:
        if output is not None:
            count = await export_file(database, output)
            print(f"{_count(count, 'entry')} written to {output}.", file=sys.stderr)
            return
        if chosen not in set(Format):
            raise UserMistake(f"'{chosen}' is not a format; csv, yaml and json are.")
        text = await export_text(database, Format(chosen))
        sys.stdout.buffer.write(text.encode())

    _with_database(run)


@app.command("check")
def check_command(as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Look for what should be mended; exit 1 when there is an error, 0 with warnings only."""
    from dataclasses import asdict

    from knowledge_base.checking import Level, check

    async def run(database: "Database") -> None:
        entries, brand = await _everything(database)
        with _progress("Comparing phrasings") as on_progress:
            findings = await asyncio.to_thread(check, entries, languages=brand.languages, on_progress=on_progress)
        errors = sum(finding.level is Level.ERROR for finding in findings)
        if as_json:
            print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
        else:
            for finding in findings:
                print(_line(finding))
            print(
                f"{_count(len(entries), 'entry')}, {_count(errors, 'error')}, {_count(len(findings) - errors, 'warning')}."
            )
        if errors:
            raise typer.Exit(1)

    _with_database(run)


async def _everything(database: "Database") -> "tuple[list[EntryContent], Brand]":
    from core.preferences import load_brand
    from knowledge_base.entries import list_entries

    async with database.read() as session:
        stored = await list_entries(session)
        brand = await load_brand(session)
    return [entry.content for entry in stored], brand


def _count(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def _line(finding: "Finding") -> str:
    place = f"{finding.entry} ({finding.language})" if finding.language else finding.entry
    return f"{finding.level}: {place}: {finding.sentence}"


@contextmanager
def _progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error while somebody looks at it, and nothing otherwise."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _with_database(use_case: "Callable[[Database], Awaitable[None]]") -> None:
    from core.runtime import open_database, run_command
    from core.settings import Settings

    async def run() -> None:
        async with open_database(Settings.load()) as database:
            await use_case(database)

    run_command(run())
