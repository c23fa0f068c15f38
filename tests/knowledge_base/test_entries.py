import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.database import Change, Database
from core.errors import Conflict, NotFound, UserMistake
from core.messages import Button
from knowledge_base.content import EntryContent, Translation
from knowledge_base.entries import (
    create_entry,
    delete_entry,
    find_entries,
    list_entries,
    publish_entry,
    read_entry,
    replace_entry,
)
from knowledge_base.models import EntryStatus
from knowledge_base.pictures import read_picture, store_picture
from knowledge_base.snapshot import load_snapshot
from tests.knowledge_base.pictures_made import png
from tests.knowledge_base.revisions import revision_number

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def entry(identity: str = "returns", answer: str = "Within 30 days.", **more: object) -> EntryContent:
    english = Translation(
        question="Can I return it?",
        answer=answer,
        phrasings=("send it back", "refund pls"),
        buttons=(Button(title="Rules", url="https://shop.example/returns"),),
    )
    malay = Translation(question="Boleh pulangkan?", answer="Dalam masa 30 hari.")
    return EntryContent(id=identity, tags=("orders",), translations={"ms": malay, "en": english}, **more)  # type: ignore[arg-type]


async def stored(database: Database, content: EntryContent) -> None:
    async with database.write() as session:
        await create_entry(session, content, now=NOW)


async def test_a_created_entry_reads_back_as_it_was_written(database: Database) -> None:
    await stored(database, entry())
    async with database.read() as session:
        found = await read_entry(session, "returns")
    assert found.content == entry()
    assert list(found.content.translations) == ["en", "ms"]
    assert (found.version, found.created_at, found.updated_at) == (1, NOW, NOW)


async def test_an_id_cannot_be_taken_twice(database: Database) -> None:
    await stored(database, entry())
    with pytest.raises(Conflict, match="exists already"):
        await stored(database, entry(answer="Another."))
    async with database.read() as session:
        assert (await read_entry(session, "returns")).content == entry()


async def test_a_replaced_entry_keeps_nothing_of_its_old_texts(database: Database) -> None:
    await stored(database, entry())
    changed = EntryContent(
        id="returns", translations={"en": Translation(question="Returns?", answer="No.", phrasings=("give back",))}
    )
    async with database.write() as session:
        await replace_entry(session, changed, now=LATER, version=1)
    async with database.read() as session:
        found = await read_entry(session, "returns")
    assert found.content == changed
    assert (found.version, found.created_at, found.updated_at) == (2, NOW, LATER)


async def test_a_stale_version_changes_nothing(database: Database) -> None:
    await stored(database, entry())
    async with database.write() as session:
        await replace_entry(session, entry(answer="First."), now=LATER, version=1)
    with pytest.raises(Conflict, match="version 2, not 1"):
        async with database.write() as session:
            await replace_entry(session, entry(answer="Second."), now=LATER, version=1)
    with pytest.raises(Conflict):
        async with database.write() as session:
            await delete_entry(session, "returns", now=LATER, version=1)
    async with database.read() as session:
        assert (await read_entry(session, "returns")).content == entry(answer="First.")


async def test_of_two_editors_at_the_same_moment_one_wins_and_the_other_is_told(database: Database) -> None:
    await stored(database, entry())
    other = Database(str(database.url))

    async def save(where: Database, answer: str) -> str:
        try:
            async with where.write() as session:
                await replace_entry(session, entry(answer=answer), now=LATER, version=1)
        except Conflict:
            return "told"
        return answer

    try:
        outcomes = await asyncio.gather(save(database, "First."), save(other, "Second."), save(database, "Third."))
    finally:
        await other.close()
    [winner] = [outcome for outcome in outcomes if outcome != "told"]
    async with database.read() as session:
        found = await read_entry(session, "returns")
    assert (found.content, found.version) == (entry(answer=winner), 2)


async def test_the_same_content_again_is_no_change(database: Database) -> None:
    await stored(database, entry())
    before = await revision_number(database)
    async with database.write() as session:
        same = await replace_entry(session, entry(), now=LATER)
    assert same.version == 1
    assert await revision_number(database) == before


async def test_a_deleted_entry_is_gone_with_its_texts(database: Database) -> None:
    await stored(database, entry())
    await stored(database, entry("delivery"))
    async with database.write() as session:
        await delete_entry(session, "returns", now=LATER)
    async with database.read() as session:
        assert [found.content.id for found in await list_entries(session)] == ["delivery"]
    await stored(database, entry())
    with pytest.raises(NotFound, match="no entry 'unknown'"):
        async with database.write() as session:
            await delete_entry(session, "unknown", now=LATER)


async def test_a_draft_may_lack_an_answer_until_it_is_published(database: Database) -> None:
    await stored(database, entry(answer="", status=EntryStatus.DRAFT))
    with pytest.raises(UserMistake, match="en: The answer is empty"):
        async with database.write() as session:
            await publish_entry(session, "returns", now=LATER)
    async with database.write() as session:
        await replace_entry(session, entry(status=EntryStatus.DRAFT), now=LATER)
        await publish_entry(session, "returns", now=LATER)
    async with database.read() as session:
        assert (await read_entry(session, "returns")).content.status is EntryStatus.PUBLISHED


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (EntryContent(id=" ", translations=entry().translations), "The id is empty"),
        (EntryContent(id="x" * 256, translations=entry().translations), "256 characters; 255"),
        (EntryContent(id="x"), "no text in any language"),
        (EntryContent(id="x", translations={"xx": Translation(question="q", answer="a")}), "'xx' is not a language"),
        (EntryContent(id="x", translations={"en": Translation(question=" ", answer="a")}), "The question is empty"),
        (EntryContent(id="x", tags=("a|b",), translations=entry().translations), "marks that divide tags"),
        (
            EntryContent(
                id="x",
                translations={
                    "en": Translation(question="q", answer="a", buttons=(Button(title="t", url="javascript:alert(1)"),))
                },
            ),
            "not one of the web",
        ),
        (
            EntryContent(
                id="x",
                translations={
                    "en": Translation(question="q", answer="a", buttons=(Button(title="t", payload="ї" * 33),))
                },
            ),
            "more than 64 bytes",
        ),
        (
            EntryContent(id="x", translations={"en": Translation(question="q", answer="a", picture="0" * 64)}),
            "no stored picture",
        ),
    ],
)
async def test_bad_content_is_refused_in_a_plain_sentence(
    database: Database, content: EntryContent, sentence: str
) -> None:
    with pytest.raises(UserMistake, match=sentence.replace("|", r"\|")):
        await stored(database, content)
    assert await revision_number(database) == 0


async def test_texts_become_storable_and_phrasings_stand_once(database: Database) -> None:
    messy = Translation(
        question="  What\n is\tthis? ", answer=" one\r\ntwo\ud800 ", phrasings=("a  b", "a b", " ", "c\x00")
    )
    await stored(database, EntryContent(id=" my  id ", tags=("t", "t ", ""), translations={"en": messy}))
    async with database.read() as session:
        found = (await read_entry(session, "my id")).content
    assert found.tags == ("t",)
    assert found.translations["en"] == Translation(
        question="What is this?", answer="one\ntwo\ufffd", phrasings=("a b", "c\ufffd")
    )


async def test_every_change_moves_the_revision_and_is_announced_once_committed(database: Database) -> None:
    heard: list[Change] = []
    database.listeners.append(heard.append)
    await stored(database, entry())
    async with database.write() as session:
        await replace_entry(session, entry(answer="New."), now=LATER)
    async with database.write() as session:
        await delete_entry(session, "returns", now=LATER)
    assert heard == [Change(kind="knowledge")] * 3
    assert await revision_number(database) == 3


async def test_a_change_that_is_rolled_back_is_not_announced(database: Database) -> None:
    heard: list[Change] = []
    database.listeners.append(heard.append)

    async def write_and_fail() -> None:
        async with database.write() as session:
            await create_entry(session, entry(), now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await write_and_fail()
    assert heard == []
    assert await revision_number(database) == 0


async def test_a_page_of_entries_follows_the_id_before_it(database: Database) -> None:
    for identity in ("c", "a", "b"):
        await stored(database, entry(identity))
    await stored(database, entry("d", status=EntryStatus.DRAFT))
    async with database.read() as session:
        page = await list_entries(session, after="a", limit=2)
        drafts = await list_entries(session, status=EntryStatus.DRAFT)
        found = await find_entries(session, ["a", "nobody"])
    assert [one.content.id for one in page] == ["b", "c"]
    assert page[0].content.translations == entry().translations
    assert [one.content.id for one in drafts] == ["d"]
    assert list(found) == ["a"]


async def test_another_process_sees_the_change_in_its_next_snapshot(database: Database) -> None:
    other = Database(str(database.url))
    try:
        assert (await load_snapshot(other)).number == 0
        await stored(database, entry())
        assert await revision_number(other) == 1
        snapshot = await load_snapshot(other)
    finally:
        await other.close()
    assert snapshot.number == 1
    assert {(text.language, text.kind, text.text) for text in snapshot.knowledge.texts} == {
        ("en", "question", "Can I return it?"),
        ("en", "phrasing", "send it back"),
        ("en", "phrasing", "refund pls"),
        ("en", "answer", "Within 30 days."),
        ("ms", "question", "Boleh pulangkan?"),
        ("ms", "answer", "Dalam masa 30 hari."),
    }


async def test_drafts_are_not_in_the_snapshot(database: Database) -> None:
    await stored(database, entry())
    await stored(database, entry("secret", status=EntryStatus.DRAFT))
    snapshot = await load_snapshot(database)
    assert {text.entry for text in snapshot.knowledge.texts} == {"returns"}
    assert snapshot.answer_of("secret", "en") is None


async def test_an_answer_comes_word_for_word_in_the_best_language(database: Database) -> None:
    picture = read_picture(png(), name="chart.png")
    async with database.write() as session:
        await store_picture(session, picture, now=NOW)
    answer = "First line.\n\n  *Second*  line & <b>."
    english = Translation(question="q", answer=answer, picture=picture.digest)
    await stored(
        database,
        EntryContent(id="a", translations={"en": english, "uk": Translation(question="питання", answer="Відповідь.")}),
    )
    snapshot = await load_snapshot(database)
    asked = snapshot.answer_of("a", "uk", ["en"])
    fallback = snapshot.answer_of("a", "ms", ["en"])
    anything = snapshot.answer_of("a", "ms", ["zh-Hant"])
    assert asked is not None
    assert (asked.text, asked.language) == ("Відповідь.", "uk")
    assert fallback is not None
    assert (fallback.text, fallback.language, fallback.picture) == (answer, "en", picture.digest)
    assert anything is not None
    assert anything.language == "en"
    assert snapshot.question_of("a", "ms", ["uk"]) == "питання"
    assert snapshot.answer_of("unknown", "en") is None


async def test_equal_texts_have_an_equal_revision_and_other_texts_another(database: Database) -> None:
    await stored(database, entry())
    first = (await load_snapshot(database)).knowledge.revision
    async with database.write() as session:
        await replace_entry(session, entry(answer="New."), now=LATER)
    second = (await load_snapshot(database)).knowledge.revision
    async with database.write() as session:
        await replace_entry(session, entry(), now=LATER)
    third = (await load_snapshot(database)).knowledge.revision
    assert first == third
    assert first != second
