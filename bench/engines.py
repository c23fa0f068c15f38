"""Our engine and a real Rasa server on the same knowledge and the same questions, in one run, as ratios.

    python -m bench.engines [--intents FOLDER] [--data DATA_DIR] [--sample 250]

Both decide through the same `decide` (people first, small talk, language); only what finds the entry differs. Rasa gets
the default pipeline (counts and logistic regression). FOLDER is `shared/data/intents`; DATA_DIR holds the prepared model.
"""

import argparse
import asyncio
import os
import random
import resource
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.load import quantile
from bench.machine import cpu_seconds, describe, memory_mb
from core.errors import ModelUnavailable
from core.languages import LANGUAGES
from knowledge_base.demo import read_demo
from knowledge_base.encoder import open_encoder
from knowledge_base.model_files import BUNDLED_MODEL
from knowledge_base.search import Knowledge
from knowledge_base.snapshot import knowledge_of
from nlu.evaluation import Question, knowledge_of_questions, predict, read_questions, tabulate
from nlu.rasa.environment import find_python
from nlu.rasa.evaluating import throw_away_rasa
from nlu.understanding import Context, Understanding

_AT_ONCE: Final = 32
_ALONE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    name: str
    knowledge: Knowledge
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One engine on one task. Times in seconds or milliseconds as named, memory in MB; shares between 0 and 1."""

    in_scope_accuracy: float
    answered_right: float
    precision: float
    p50_ms: float
    p99_ms: float
    p99_ms_at_32: float
    per_second: float
    cpu_ms: float
    learning_cpu_s: float
    memory_mb: float


LESS_IS_BETTER: Final = frozenset({"p50_ms", "p99_ms", "p99_ms_at_32", "cpu_ms", "learning_cpu_s", "memory_mb"})


def banking(folder: Path, sample: int) -> Task:
    """BANKING77, ten phrasings an entry, and a seeded sample of its test questions."""
    known = read_questions(folder / "banking77_10shot" / "train.csv")
    asked = read_questions(folder / "banking77_10shot" / "test.csv")
    chosen = random.Random(0).sample(asked, min(sample, len(asked)))
    return Task(name="banking77_10shot", knowledge=knowledge_of_questions(known, LANGUAGES), questions=chosen)


def demo() -> Task:
    """The demo brand in five languages: learnt from phrasings alone, asked the entries' questions."""
    known = knowledge_of(entry.over(None) for file in read_demo() for entry in file.entries.values())
    learnt = tuple(text for text in known.texts if text.kind == "phrasing")
    asked = [Question(sentence=text.text, label=text.entry) for text in known.texts if text.kind == "question"]
    return Task(name="demo", knowledge=Knowledge(texts=learnt, revision="bench"), questions=asked)


async def ours(task: Task, data_dir: Path) -> Figures:
    """In this process, with the bundled model where it is prepared."""
    try:
        encoder = await asyncio.to_thread(open_encoder, data_dir, BUNDLED_MODEL)
    except ModelUnavailable as error:
        print(f"{error} Measuring without a model.")
        encoder = None
    before, began = time.process_time(), time.perf_counter()
    understanding = await Understanding.build(task.knowledge, encoder=encoder)
    learning = time.process_time() - before
    print(f"  {task.name}: ours learnt in {time.perf_counter() - began:.0f} s by the clock", flush=True)
    return await measure(task, understanding, pids=(os.getpid(),), learning=learning)


async def rasas(task: Task, python: Path) -> Figures:
    """A server of its own; its processor time and memory are the server's. Learning is both trainings, as in use, in
    processor time: it runs at low priority, so that the clock tells little.
    """
    steps: dict[str, float] = {}

    def tell(step: Mapping[str, Any]) -> None:
        steps.setdefault(str(step["step"]), time.perf_counter())

    before, began = _children_cpu_seconds(), time.perf_counter()
    async with AsyncExitStack() as stack:
        rasa = await stack.enter_async_context(throw_away_rasa(task.knowledge, python=python, tell=tell))
        learning = _children_cpu_seconds() - before  # the server's counts when it has ended
        learnt, started = steps["starting"] - began, time.perf_counter() - steps["starting"]
        print(f"  {task.name}: Rasa learnt in {learnt:.0f} s by the clock, started in {started:.0f} s", flush=True)
        figures = await measure(task, rasa.understanding, pids=(rasa.server.pid,), learning=learning)
        rasa.insist_on_rasa_alone()
    return figures


def _children_cpu_seconds() -> float:
    """Of all processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def measure(task: Task, understanding: Understanding, *, pids: tuple[int, ...], learning: float) -> Figures:
    """Accuracy over all questions asked one by one, which are also the latencies alone; then 32 in flight."""
    context = Context()
    table = tabulate(task.questions, await predict(understanding, task.questions, context=context))
    sentences = [f"{question.sentence} please" for question in task.questions]  # no cache knows them
    alone = await _one_by_one(sentences[:_ALONE], lambda text: understanding.decide(text, context))
    sentences = [f"{question.sentence} thanks" for question in task.questions]
    used = sum(map(cpu_seconds, pids))
    began = time.perf_counter()
    together = await _many_at_once(sentences, lambda text: understanding.decide(text, context))
    seconds = time.perf_counter() - began
    return Figures(
        in_scope_accuracy=table.in_scope_accuracy or 0.0,
        answered_right=table.answered_right_of_all,
        precision=table.precision or 0.0,
        p50_ms=quantile(alone, 0.5) * 1000,
        p99_ms=quantile(alone, 0.99) * 1000,
        p99_ms_at_32=quantile(together, 0.99) * 1000,
        per_second=len(sentences) / seconds,
        cpu_ms=(sum(map(cpu_seconds, pids)) - used) / len(sentences) * 1000,
        learning_cpu_s=learning,
        memory_mb=sum(map(memory_mb, pids)),
    )


Decide = Callable[[str], Awaitable[object]]


async def _one_by_one(sentences: Sequence[str], decide: Decide) -> list[float]:
    waits = []
    for sentence in sentences:
        began = time.perf_counter()
        await decide(sentence)
        waits.append(time.perf_counter() - began)
    return waits


async def _many_at_once(sentences: Sequence[str], decide: Decide) -> list[float]:
    left, waits = iter(sentences), list[float]()

    async def customer() -> None:
        for sentence in left:
            waits.extend(await _one_by_one([sentence], decide))

    await asyncio.gather(*(customer() for _ in range(_AT_ONCE)))
    return waits


def report(task: Task, mine: Figures, theirs: Figures) -> None:
    """One row a figure; the last column is how many times better ours is (below 1: worse)."""
    texts = sum(text.kind != "answer" for text in task.knowledge.texts)
    print(f"\n{task.name}: {texts} phrasings, {len(task.questions)} questions")
    print(f"{'':22}{'replydesk':>12}{'Rasa 3.6.21':>14}{'times better':>14}")
    for name in Figures.__dataclass_fields__:
        first, second = getattr(mine, name), getattr(theirs, name)
        upper, lower = (second, first) if name in LESS_IS_BETTER else (first, second)
        ratio = f"{upper / lower:.2f}" if lower else "–"
        print(f"{name.replace('_', ' '):22}{first:>12.3f}{second:>14.3f}{ratio:>14}", flush=True)


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--intents", type=Path, default=Path("../shared/data/intents"))
    arguments.add_argument("--data", type=Path, default=Path("data"))
    arguments.add_argument("--sample", type=int, default=250)
    arguments.add_argument("--python", type=Path, default=None, help="Rasa's interpreter; `make rasa` by default.")
    arguments.add_argument("--only", help="Name of one of the two tasks.")
    given = arguments.parse_args()
    python = find_python(given.python)
    print(describe(), f"load {os.getloadavg()[0]:.1f}")
    tasks = (banking(given.intents, given.sample), demo())
    for task in [task for task in tasks if given.only in {None, task.name}]:
        mine = await ours(task, given.data)
        report(task, mine, await rasas(task, python))


if __name__ == "__main__":
    asyncio.run(main())
