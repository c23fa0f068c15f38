import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from knowledge_base.search import Knowledge, KnownText
from nlu.rasa.practice import Practice
from nlu.rasa.training_data import CONFIGURATIONS, TrainingData, intent_of, plain, write_training_data
from tests.nlu.rasa.scripted import KNOWLEDGE

AWKWARD = (
    'is [this](entity) or [that]{"entity": "x"} or [both][{"entity": 1}] text?',
    "my ${HOME} costs $5 and ${100}",
    "- a dash",
    "no",
    "0o14",
    "12:30",
    "# not a comment",
    "'single' \"double\" \\back \\u0041",
    "two\nlines\ttabbed",
    "дё 訂單 🙂 é",
    "key: value",
    '/restart{"a": 1}',
)


def test_intent_names_are_safe_and_never_collide() -> None:
    entries = ["a/b", "a+b", "a b", "A B", "訂單", "", "-", "x" * 300, "out_of_scope", "\ud800"]
    names = [intent_of(entry) for entry in entries]
    assert len({*names, intent_of(None)}) == len(entries) + 1
    assert all(name.replace("_", "").isalnum() and name.isascii() and len(name) < 60 for name in names)


@given(some.text(max_size=200))
def test_a_plain_text_has_no_markup_left_and_loses_no_letter(text: str) -> None:
    line = plain(text)
    assert not any(mark in line for mark in ("](", "]{", "][", "${"))
    assert "\n" not in line
    letters = [sign for sign in text if sign.isalnum()]
    assert [sign for sign in line if sign.isalnum()] == letters


def test_the_written_files_hold_every_text_of_every_entry_once(tmp_path: Path) -> None:
    write_training_data(TrainingData.of(KNOWLEDGE), tmp_path)
    written = yaml.safe_load((tmp_path / "nlu.yml").read_text("utf-8"))
    examples = {one["intent"]: [text["text"] for text in one["examples"]] for one in written["nlu"]}
    assert examples[intent_of("opening")] == ["When are you open?", "what are your opening hours"]
    assert len(examples["out_of_scope"]) > 20
    domain = yaml.safe_load((tmp_path / "domain.yml").read_text("utf-8"))
    assert domain["intents"] == sorted(examples)
    described = json.loads((tmp_path / "entries.json").read_text("utf-8"))
    assert described == {"revision": "first", "intents": {intent_of(e): e for e in ("opening", "returns", "payment")}}


@pytest.mark.parametrize("text", AWKWARD)
def test_an_awkward_text_is_nothing_but_text_in_the_file(text: str, tmp_path: Path) -> None:
    known = KnownText(entry="one", language="en", text=text, kind="phrasing")
    write_training_data(TrainingData.of(Knowledge(texts=(known,), revision="x")), tmp_path)
    written = yaml.safe_load((tmp_path / "nlu.yml").read_text("utf-8"))
    assert written["nlu"][0]["examples"] == [{"text": plain(text)}]


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_each_pipeline_is_one_that_rasa_reads(name: str, tmp_path: Path) -> None:
    write_training_data(TrainingData.of(KNOWLEDGE), tmp_path, configuration=name)
    configuration = yaml.safe_load((tmp_path / "config.yml").read_text("utf-8"))
    assert configuration["recipe"] == "default.v1"
    assert configuration["pipeline"][0]["name"] == "WhitespaceTokenizer"


def test_a_practice_keeps_texts_back_and_never_learns_what_it_asks() -> None:
    texts = tuple(
        KnownText(entry=f"entry {entry}", language="en", text=f"text {entry} number {number}", kind="phrasing")
        for entry in range(20)
        for number in range(6)
    )
    practice = Practice.of(TrainingData.of(Knowledge(texts=texts, revision="x")))
    learnt = {example.text for example in practice.learnt.examples}
    assert not learnt & {example.text for example in practice.asked}
    entries = {example.entry for example in practice.learnt.examples}
    for example, answerable in zip(practice.asked, practice.answerable, strict=True):
        assert answerable == (example.entry is not None and example.entry in entries)
    assert 0 < sum(practice.answerable) < len(practice.asked)
    assert len({example.entry for example in practice.asked} - entries) == 2
