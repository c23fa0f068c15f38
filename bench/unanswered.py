"""What grouping the unanswered questions is worth: `python -m bench.unanswered ../shared/data/intents/curekart`.

A bot that knows only half of the entries (train rows, a fixed seed draws the half) is asked every test row. What it could
not answer is grouped as the product groups it and compared with the true labels: purity, and how many of the missing
entries are among the first ten groups. Then half of the test rows arrive; of what stays unanswered an editor publishes, as
drafted, the first three groups that are about a missing entry, and the gain that the screen predicts is measured on the
other half, less the rows whose words are in the drafts. No test row chose a number. `--many N` times N questions instead.
"""

import argparse
import asyncio
import csv
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from bench.machine import describe
from core.settings import Settings
from knowledge_base.encoder import Encoder, open_encoder
from knowledge_base.search import Knowledge, KnownText
from knowledge_base.vectors import FileVectorStore
from knowledge_base.wording import words_of
from nlu.building import encode_all
from nlu.decisions import Answer, Decision, SmallTalk
from nlu.evaluation import OUT_OF_SCOPE, Question, knowledge_of_questions, read_questions
from nlu.unanswered.beside import Heap, group_now
from nlu.unanswered.board import order_of
from nlu.unanswered.drafting import MOST_PHRASINGS
from nlu.unanswered.foresight import answered_unseen
from nlu.unanswered.keeping import is_question
from nlu.understanding import Context, Understanding

FIRST: Final = 10
PUBLISHED: Final = 3
LANGUAGE: Final = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    encoder: Encoder
    store: FileVectorStore

    async def build(self, knowledge: Knowledge) -> Understanding:
        return await Understanding.build(knowledge, encoder=self.encoder, store=self.store)

    def group(self, understanding: Understanding, texts: Sequence[str]) -> list[list[int]]:
        vectors = encode_all(texts, encoder=self.encoder, store=self.store)
        asked = Heap(texts=texts, languages=[LANGUAGE] * len(texts), vectors=vectors)
        return [group for group in group_now(order_of(asked, understanding)) if len(group) > 1]


async def decide_all(understanding: Understanding, questions: Sequence[Question]) -> dict[str, Decision]:
    """By sentence, each decided as a conversation's first message."""
    sentences = dict.fromkeys(question.sentence for question in questions)
    return {sentence: await understanding.decide(sentence, Context()) for sentence in sentences}


def unanswered(decided: Mapping[str, Decision], questions: Sequence[Question]) -> list[Question]:
    """Those that a customer would be handed off with or asked back about."""
    return [
        question
        for question in questions
        if not isinstance(decided[question.sentence], Answer | SmallTalk) and is_question(question.sentence)
    ]


def majority(group: Sequence[Question]) -> tuple[str, int]:
    return Counter(question.label for question in group).most_common(1)[0]


def purity(groups: Sequence[Sequence[Question]]) -> float:
    """The share of grouped questions that have the label of most in their group."""
    return sum(majority(group)[1] for group in groups) / max(sum(map(len, groups)), 1)


def halves(labels: Sequence[str], seed: int) -> tuple[set[str], set[str]]:
    known = np.random.default_rng(seed).permutation(np.array(sorted(labels)))
    return set(known[: len(known) // 2].tolist()), set(known[len(known) // 2 :].tolist())


def groups_of_all(
    model: Model, understanding: Understanding, left: Sequence[Question], missing: set[str]
) -> dict[str, float]:
    groups = [[left[place] for place in group] for group in model.group(understanding, [one.sentence for one in left])]
    of_entries = [group for group in groups if majority(group)[0] != OUT_OF_SCOPE]
    asked_for = {question.label for question in left} & missing
    found = {majority(group)[0] for group in groups[:FIRST]} & missing
    first_about_an_entry = {majority(group)[0] for group in of_entries[:FIRST]} & missing
    anywhere = {majority(group)[0] for group in groups} & missing
    return {
        "unanswered": len(left),
        "of them in a group": sum(map(len, groups)),
        "groups": len(groups),
        "purity": purity(groups),
        "purity of groups about an entry": purity(of_entries),
        "purity of the first ten": purity(groups[:FIRST]),
        "missing entries asked for": len(asked_for),
        "missing entries in the first ten groups": len(found),
        "… in the first ten about any entry": len(first_about_an_entry),
        "missing entries with a group": len(anywhere),
        "out-of-scope rows among unanswered": sum(one.label == OUT_OF_SCOPE for one in left),
    }


async def gain(
    model: Model,
    known: Knowledge,
    before: Understanding,
    decided: Mapping[str, Decision],
    test: Sequence[Question],
    *,
    missing: set[str],
    seed: int,
) -> dict[str, float]:
    order = np.random.default_rng(1000 + seed).permutation(len(test))
    arriving, later = ([test[int(place)] for place in half] for half in np.array_split(order, 2))
    left = unanswered(decided, arriving)
    groups = [[left[row] for row in group] for group in model.group(before, [one.sentence for one in left])]
    wanted = [place for place, group in enumerate(groups) if majority(group)[0] in missing][:PUBLISHED]
    drafts = {f"draft {place}": groups[place][: MOST_PHRASINGS + 1] for place in wanted}
    means = {name: majority(group)[0] for name, group in drafts.items()}
    texts = tuple(
        KnownText(entry=name, language=LANGUAGE, text=one.sentence, kind="phrasing")
        for name, group in drafts.items()
        for one in group
    )
    after = await model.build(Knowledge(texts=known.texts + texts, revision=f"published {seed}"))
    predicted = 0
    for name, group in drafts.items():
        sentences = [one.sentence for one in group]
        predicted += sum(map(bool, answered_unseen(after, sentences, [LANGUAGE] * len(sentences), name)))
    seen = {tuple(words_of(text.text)) for text in texts}
    fresh = [question for question in later if tuple(words_of(question.sentence)) not in seen]
    anew = await decide_all(after, fresh)
    answers = [one for one in fresh if entry_of(anew[one.sentence]) in means]
    return {
        "groups an editor passes over": max(wanted, default=0) + 1 - len(wanted),
        "questions in the three drafts": len(texts),
        "predicted: answered in new words": predicted,
        "measured: fresh rows answered with them": len(answers),
        "measured: of these right": sum(means[entry_of(anew[one.sentence])] == one.label for one in answers),
        "fresh rows of their labels": sum(one.label in set(means.values()) for one in fresh),
        "fresh rows, answered right before": share(decided, fresh, {}),
        "fresh rows, answered right after": share(anew, fresh, means),
        "fresh rows, answered wrong before": share(decided, fresh, {}, right=False),
        "fresh rows, answered wrong after": share(anew, fresh, means, right=False),
    }


def entry_of(decision: Decision) -> str:
    """What it is answered with; nothing where it is not."""
    return decision.entry if isinstance(decision, Answer) else ""


def share(
    decided: Mapping[str, Decision], questions: Sequence[Question], means: Mapping[str, str], *, right: bool = True
) -> float:
    """Of the questions, those answered with an entry that means their label (or, not `right`, another one)."""
    entries = [(entry_of(decided[question.sentence]), question.label) for question in questions]
    return sum(entry != "" and (means.get(entry, entry) == label) == right for entry, label in entries) / len(questions)


async def run(folder: Path, model: Model, seeds: int) -> None:
    train, test = read_questions(folder / "train.csv"), read_questions(folder / "test.csv")
    labels = {question.label for question in train}
    rows = []
    for seed in range(seeds):
        known, missing = halves(sorted(labels), seed)
        knowledge = knowledge_of_questions([one for one in train if one.label in known], (LANGUAGE,))
        understanding = await model.build(knowledge)
        decided = await decide_all(understanding, test)
        left = unanswered(decided, test)
        found = groups_of_all(model, understanding, left, missing)
        rows.append(found | await gain(model, knowledge, understanding, decided, test, missing=missing, seed=seed))
        print(f"seed {seed}: {rows[-1]}", file=sys.stderr, flush=True)
    print(f"\n{folder.name}: {len(test)} test rows, {len(labels)} entries, half of them known")
    print(f"{'':42}{'mean':>8}" + "".join(f"{f'seed {seed}':>9}" for seed in range(seeds)))
    for name in rows[0]:
        values = [row[name] for row in rows]
        digits = 0 if all(float(value).is_integer() for value in values) and max(values) > 1 else 3
        print(f"{name:42}{np.mean(values):8.3f}" + "".join(f"{value:9.{digits}f}" for value in values))


async def time_many(folder: Path, model: Model, count: int) -> None:
    """Seconds to group so many questions, vectors known, learning from the folder's entries."""
    understanding = await model.build(knowledge_of_questions(read_questions(folder / "train.csv"), (LANGUAGE,)))
    texts: list[str] = []
    for file in sorted(folder.parent.rglob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as opened:
            texts.extend(row["sentence"] for row in csv.DictReader(opened))
    texts = list(dict.fromkeys(texts))[:count]
    encode_all(texts, encoder=model.encoder, store=model.store)
    for some in (count // 10, count):
        began = time.perf_counter()
        groups = model.group(understanding, texts[:some])
        print(
            f"{min(some, len(texts)):>6} questions, {len(groups):>5} groups: {time.perf_counter() - began:6.1f} s",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="folder with train.csv and test.csv")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--many", type=int, help="time the grouping of so many questions instead")
    given = parser.parse_args()
    settings = Settings.load()
    model = Model(
        encoder=open_encoder(settings.data_dir, settings.embedding_model),
        store=FileVectorStore(settings.data_dir / "unanswered"),
    )
    print(describe())
    asyncio.run(time_many(given.folder, model, given.many) if given.many else run(given.folder, model, given.seeds))


if __name__ == "__main__":
    main()
