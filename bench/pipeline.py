"""`python -m bench.pipeline [--json]`: how fast, as ratios to what cannot be saved, in one run of some three minutes.

The server runs on one core, the load and the fake platforms on the others. Read ratios and CPU time, not rates: those
belong to this machine and its weather.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import accepting, answering, starting
from bench.machine import cores, describe, memory_mb


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    at: str
    machine: str
    rates: list[accepting.Rate]
    bare: answering.Latency
    latencies: list[answering.Latency]
    throughput: answering.Throughput
    starts: list[starting.Start]
    memory_after_mb: float


async def measure(folder: Path) -> Figures:
    core, others = cores()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, others)
    _say("(a) webhooks accepted …")
    rates = await accepting.measure(folder, core=core)
    _say("(c) cold starts …")
    brand = folder / "brand"
    starts = await starting.measure(brand, core=core)
    texts = answering.questions(brand)
    _say("(b) from question to send …")
    bare = await asyncio.to_thread(answering.bare, brand, texts=texts, core=core)
    async with answering.answering_product(brand, core=core) as (server, simulator):
        latencies = [
            await answering.alone(server, simulator, texts),
            await answering.stream(server, simulator, texts),
        ]
        _say("(d) many at once …")
        throughput = await answering.many(server, simulator, texts)
        memory = memory_mb(server.pid)
    return Figures(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=describe(),
        rates=rates,
        bare=bare,
        latencies=latencies,
        throughput=throughput,
        starts=starts,
        memory_after_mb=memory,
    )


def table_of(figures: Figures) -> Table:
    table = Table("what", "figure", "ratio to bare", "more", title=f"{figures.at}  {figures.machine}")
    bare_rate = figures.rates[0]
    for rate in figures.rates:
        ratio = f"{rate.per_second / bare_rate.per_second:.2f} x as many"
        more = f"p99 {rate.p99_ms:.0f} ms, CPU {rate.cpu_us:.0f} µs each ({rate.cpu_us / bare_rate.cpu_us:.2f} x)"
        table.add_row(f"accepted: {rate.name}", f"{rate.per_second:.0f}/s", ratio, more)
    for taken in (figures.bare, *figures.latencies):
        ratio = f"{taken.p50_ms / figures.bare.p50_ms:.1f} x / {taken.p99_ms / figures.bare.p99_ms:.1f} x as long"
        table.add_row(f"question in → send out: {taken.name}", _spread(taken), ratio, f"{taken.n} questions")
    through = figures.throughput
    table.add_row(
        "whole pipeline: decided", f"{through.decided_per_second:.0f}/s", "", f"CPU {through.cpu_ms:.1f} ms each"
    )
    table.add_row("whole pipeline: sent", f"{through.sent_per_second:.0f}/s", "", "Telegram allows a bot 30/s")
    first = figures.starts[0]
    for start in figures.starts:
        ratio = f"{start.seconds / first.seconds:.1f} x as long, {start.memory_mb / first.memory_mb:.1f} x the memory"
        table.add_row(
            f"cold start: {start.name}", f"{start.seconds:.2f} s", ratio, f"{start.memory_mb:.0f} MB resident"
        )
    table.add_row("memory after all questions", f"{figures.memory_after_mb:.0f} MB", "", "")
    return table


def _spread(taken: answering.Latency) -> str:
    return f"p50 {taken.p50_ms:.1f} ms, p99 {taken.p99_ms:.1f} ms"


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pipeline", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON instead of a table")
    parser.add_argument("--folder", type=Path, help="keep data and logs here instead of a folder that is removed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder: Path = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        figures = asyncio.run(measure(folder))
    if options.json:
        printed: dict[str, Any] = asdict(figures)
        print(json.dumps(printed, indent=2, ensure_ascii=False))
    else:
        Console(width=150).print(table_of(figures))


if __name__ == "__main__":
    main()
