"""The demo brand is complete, clean and sendable."""

import re
from datetime import UTC, datetime

import pytest

from core.database import Database
from core.languages import LANGUAGES
from core.preferences import Brand, load_brand, save_brand
from knowledge_base.checking import Level, check, folded
from knowledge_base.content import EntryContent
from knowledge_base.demo import DEMO_BRAND, load_demo, read_demo
from knowledge_base.snapshot import load_snapshot
from tests.knowledge_base.revisions import revision_number

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SCRIPTS = {
    "en": r"[A-Za-z]",
    "ms": r"[A-Za-z]",
    "ru": r"[а-яё]",
    "uk": r"[а-щьюяіїєґ']",
    "zh-Hant": r"[\u4e00-\u9fff]",
}
ONLY_SIMPLIFIED = set("这们时订单货运费钱过还么样买卖开关门营业发现对应该请问题视频话号码邮网络软个间说给为会没动吗")


def clock() -> datetime:
    return NOW


@pytest.fixture(scope="module")
def entries() -> list[EntryContent]:
    return [entry.over(None) for file in read_demo() for entry in file.entries.values()]


def test_there_are_at_least_thirty_entries_in_all_five_languages(entries: list[EntryContent]) -> None:
    assert len(entries) >= 30
    assert len({entry.id for entry in entries}) == len(entries)
    for entry in entries:
        assert tuple(entry.translations) == LANGUAGES
        assert entry.tags


def test_every_translation_has_five_to_eight_phrasings_and_a_short_answer(entries: list[EntryContent]) -> None:
    for entry in entries:
        for language, text in entry.translations.items():
            assert 5 <= len(text.phrasings) <= 8, (entry.id, language)
            assert len({folded(one) for one in (text.question, *text.phrasings)}) == len(text.phrasings) + 1
            assert 20 <= len(text.answer) <= 500, (entry.id, language)
            assert len(re.findall(r"[.!?。！？](?=\s|$|[\u4e00-\u9fff])", text.answer)) <= 5, (entry.id, language)


def test_every_text_is_in_the_script_of_its_language(entries: list[EntryContent]) -> None:
    for entry in entries:
        for language, text in entry.translations.items():
            for words in (text.question, text.answer):
                assert re.search(SCRIPTS[language], words, re.IGNORECASE), (entry.id, language, words)
            everything = " ".join((text.question, text.answer, *text.phrasings))
            if language == "uk":
                assert not re.search(r"[ыэъё]", everything, re.IGNORECASE), (entry.id, everything)
            if language == "ru":
                assert not re.search(r"[іїєґ]", everything, re.IGNORECASE), (entry.id, everything)
            if language == "zh-Hant":
                assert not set(everything) & ONLY_SIMPLIFIED, (entry.id, everything)


def test_the_check_finds_no_error_and_no_missing_translation(entries: list[EntryContent]) -> None:
    findings = check(entries)
    assert [finding for finding in findings if finding.level is Level.ERROR] == []
    assert [finding.sentence for finding in findings] == []


def test_no_phrasing_stands_under_two_entries_in_any_language(entries: list[EntryContent]) -> None:
    owners: dict[tuple[str, str], set[str]] = {}
    for entry in entries:
        for language, text in entry.translations.items():
            for wording in (text.question, *text.phrasings):
                owners.setdefault((language, folded(wording)), set()).add(entry.id)
    assert {key: owner for key, owner in owners.items() if len(owner) > 1} == {}


def test_buttons_and_pictures_are_the_same_in_every_language(entries: list[EntryContent]) -> None:
    for entry in entries:
        targets = {tuple((one.url, one.payload) for one in text.buttons) for text in entry.translations.values()}
        assert len(targets) == 1, entry.id
        assert len({text.picture for text in entry.translations.values()}) == 1, entry.id
    assert sum(1 for entry in entries if entry.translations["en"].picture) == 3
    pictures = {digest: picture for file in read_demo() for digest, picture in file.pictures.items()}
    assert all(len(picture.content) < 60_000 for picture in pictures.values())


async def test_loading_the_demo_twice_changes_nothing(database: Database) -> None:
    first = await load_demo(database, clock=clock)
    number = await revision_number(database)
    second = await load_demo(database, clock=clock)
    assert (first.added, first.changed, first.unchanged) == (36, 0, 0)
    assert (second.added, second.changed, second.unchanged) == (0, 0, 36)
    assert await revision_number(database) == number
    snapshot = await load_snapshot(database)
    answer = snapshot.answer_of("sizes", "uk")
    assert answer is not None
    assert answer.picture is not None
    async with database.read() as session:
        assert await load_brand(session) == DEMO_BRAND


async def test_a_brand_that_is_set_already_is_left_alone(database: Database) -> None:
    async with database.write() as session:
        await save_brand(session, Brand(name="Mine"))
    await load_demo(database, clock=clock)
    async with database.read() as session:
        assert (await load_brand(session)).name == "Mine"
