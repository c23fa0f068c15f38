"""How fast the understanding is ready and decides, and what it holds: `OPENBLAS_NUM_THREADS=1 python -m bench.understanding`
(the product's own command sets the same).

Uses the demo knowledge base and the bundled model in a throw-away data folder. Prints wall-clock and processor time,
because a busy machine stretches only the first. Calibrations and the decisions meanwhile are measured too.
"""

import argparse
import asyncio
import dataclasses
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from bench.machine import describe, memory_mb
from bot.understanding import UnderstandingBuilder, understanding_builder
from core.settings import Settings
from knowledge_base.demo import read_demo
from knowledge_base.model_files import BUNDLED_MODEL
from knowledge_base.model_preparation import prepare_in_child
from knowledge_base.search import Knowledge
from knowledge_base.snapshot import knowledge_of
from nlu.understanding import Context, Understanding

_QUESTIONS = ("What time do you open on Saturday", "Where is my parcel", "Сколько стоит доставка", "boleh tukar saiz")
_PHRASINGS = 100_000


def tell(what: str, figure: str) -> None:
    print(f"{what:<58} {figure}", flush=True)


async def timed(what: str, work: Callable[[], Awaitable[Understanding]]) -> Understanding:
    wall, processor = time.perf_counter(), time.process_time()
    result = await work()
    tell(what, f"{time.perf_counter() - wall:6.2f} s, {time.process_time() - processor:5.2f} s of processor")
    return result


@asynccontextmanager
async def ready_builder(folder: Path) -> AsyncIterator[UnderstandingBuilder]:
    async with understanding_builder(Settings(data_dir=folder)) as builder:
        yield builder


async def settle(builder: UnderstandingBuilder, understanding: Understanding, knowledge: Knowledge) -> Understanding:
    """Build again as the product does until the calibration of this knowledge is in use."""
    generation = 0
    while understanding.model is None or not len(understanding.model.calibration.curve.right):
        while builder.generation == generation:
            await asyncio.sleep(0.05)
        generation = builder.generation
        understanding = await builder(knowledge, max_wrong_answer_rate=0.05)
    return understanding


async def ask(understanding: Understanding, *, questions: int, at_once: int, mark: str) -> list[float]:
    """Seconds of each decision, every question a new one."""
    numbers = iter(range(questions))

    async def customer() -> list[float]:
        taken = []
        for number in numbers:
            start = time.perf_counter()
            await understanding.decide(f"{_QUESTIONS[number % len(_QUESTIONS)]} {mark}{number}?", Context())
            taken.append(time.perf_counter() - start)
        return taken

    return [each for taken in await asyncio.gather(*(customer() for _ in range(at_once))) for each in taken]


def percentiles(seconds: list[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100)
    return f"p50 {cuts[49] * 1000:6.1f} ms, p99 {cuts[98] * 1000:6.1f} ms"


async def decide(understanding: Understanding, questions: int) -> None:
    await ask(understanding, questions=20, at_once=1, mark="warm ")
    start = time.process_time()
    alone = await ask(understanding, questions=questions, at_once=1, mark="alone ")
    spent = (time.process_time() - start) / questions
    tell("decision, alone", f"{percentiles(alone)}, {spent * 1000:.1f} ms of processor")
    tell("decision, 32 in flight", percentiles(await ask(understanding, questions=questions, at_once=32, mark="many ")))


async def publish(builder: UnderstandingBuilder, knowledge: Knowledge, questions: int) -> None:
    new = tuple(dataclasses.replace(text, entry="bench", text=f"{text.text} forsooth") for text in knowledge.texts[:3])
    changed = dataclasses.replace(knowledge, texts=knowledge.texts + new, revision=f"{knowledge.revision} and more")
    understanding = await timed("one entry published: in use", lambda: builder(changed, max_wrong_answer_rate=0.05))
    taken = await ask(understanding, questions=questions, at_once=1, mark="meanwhile ")
    tell("decision, alone, while it is calibrated beside", percentiles(taken))


def search(questions: int = 50) -> None:
    """Exact search of many vectors by one: a product and the nearest three."""
    generator = np.random.default_rng(0)
    known = generator.normal(size=(_PHRASINGS, 384)).astype(np.float32)
    taken = []
    for _ in range(questions):
        asked = generator.normal(size=384).astype(np.float32)
        start = time.perf_counter()
        near = known @ asked
        np.argpartition(near, -3)[-3:]
        taken.append(time.perf_counter() - start)
    tell(f"exact search of {_PHRASINGS:,} vectors", percentiles(taken))


async def measure(questions: int) -> None:
    knowledge = knowledge_of(entry.over(None) for file in read_demo() for entry in file.entries.values())
    tell("machine", describe())
    tell("load when started", f"{os.getloadavg()[0]:.1f}")
    tell("texts of the demo brand", str(len(knowledge.texts)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare_in_child(folder, BUNDLED_MODEL)  # as set-up does
        async with ready_builder(folder) as builder:
            first = await timed(
                "first start: answering by words", lambda: builder(knowledge, max_wrong_answer_rate=0.05)
            )
            await timed("first start: encoded and calibrated", lambda: settle(builder, first, knowledge))
        async with ready_builder(folder) as builder:
            again = await timed("restart: as before", lambda: builder(knowledge, max_wrong_answer_rate=0.05))
            await decide(again, questions)
            await publish(builder, knowledge, questions // 4)
            tell("memory of this process", f"{memory_mb(os.getpid()):.0f} MB")
    search()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=400)
    asyncio.run(measure(parser.parse_args().questions))
