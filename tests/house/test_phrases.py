"""The words the house itself says: the same ones in five languages, and no hole that nobody fills."""

import json
from pathlib import Path
from string import Formatter

import pytest
import yaml

from bot.phrases import handoff_notice, phrases, smalltalk
from core.languages import LANGUAGES
from nlu.decisions import Reason
from tests.house.commands import ROOT

WORDS = sorted((ROOT).glob("*/web/words.json"))
HOLES = {
    **dict.fromkeys(("welcome", "smalltalk_are_you_a_bot", "smalltalk_who_are_you"), frozenset({"brand"})),
    **dict.fromkeys(("promise_today", "promise_tomorrow"), frozenset({"time"})),
    "promise_weekday": {"weekday", "time"},
    "promise_date": {"date", "time"},
}


def fields_of(sentence: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(sentence) if field is not None}


def test_there_is_a_phrase_file_for_every_language_and_no_other() -> None:
    files = {path.stem for path in (ROOT / "bot" / "phrases").glob("*.yaml")}
    assert files == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_phrases_with_the_same_holes(language: str) -> None:
    english, these = phrases("en"), phrases(language)
    assert set(these) == set(english)
    for key, sentence in these.items():
        assert sentence.strip() == sentence != ""
        assert fields_of(sentence) == HOLES.get(key, set()), key


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_no_phrase_is_left_in_english(language: str) -> None:
    english = phrases("en")
    assert [key for key, sentence in phrases(language).items() if sentence == english[key]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_brand_is_named_and_no_brace_is_shown(language: str) -> None:
    said = smalltalk("are_you_a_bot", language, brand="Samovar & Sons")
    assert "Samovar & Sons" in said
    assert "{" not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_customer_is_told_of_every_reason_for_a_handoff_in_his_language(language: str) -> None:
    for reason in Reason:
        assert handoff_notice(reason, language) in phrases(language).values()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_small_talk_has_words_of_its_own(language: str) -> None:
    table = yaml.safe_load((ROOT / "nlu" / "small_talk.yaml").read_text(encoding="utf-8"))
    assert {kind for kind in table["kinds"] if f"smalltalk_{kind}" not in phrases(language)} == set()


@pytest.mark.parametrize("path", WORDS, ids=lambda path: path.parts[-3])
def test_every_screen_word_is_there_in_five_languages(path: Path) -> None:
    by_key: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    for key, languages in by_key.items():
        assert set(languages) == set(LANGUAGES), key
        assert len({frozenset(fields_of(sentence)) for sentence in languages.values()}) == 1, key
