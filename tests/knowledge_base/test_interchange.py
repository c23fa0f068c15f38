"""What goes in comes out, in every format."""

import csv
import io
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.database import Database
from core.errors import UserMistake
from core.messages import Button
from knowledge_base.content import EntryContent, StoredEntry, Translation, cleaned, mistakes_of
from knowledge_base.entries import list_entries, read_entry
from knowledge_base.interchange.csv_format import read_csv, write_csv
from knowledge_base.interchange.export_file import Format, export_file, export_text
from knowledge_base.interchange.faults import Fault, FaultList, FileRefused
from knowledge_base.interchange.import_file import ImportCounts, import_file, read_content, read_file
from knowledge_base.interchange.rows import gather
from knowledge_base.interchange.structured import read_json, read_yaml, write_json, write_yaml
from knowledge_base.models import EntryStatus
from knowledge_base.pictures import Picture
from tests.knowledge_base.pictures_made import jpeg, png
from tests.knowledge_base.revisions import revision_number

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HEADER = "id,language,question,phrasings,answer,tags"
WRITERS = {"csv": (write_csv, read_csv), "yaml": (write_yaml, read_yaml), "json": (write_json, read_json)}


def clock() -> datetime:
    return NOW


def no_picture(name: str) -> Picture:
    raise AssertionError(name)


async def take(database: Database, path: Path) -> ImportCounts:
    return await import_file(database, read_file(path), clock=clock)


async def everything(database: Database) -> dict[str, EntryContent]:
    async with database.read() as session:
        return {entry.content.id: entry.content for entry in await list_entries(session)}


texts = st.text(
    st.one_of(st.sampled_from("=+-@|\\\"',;\n\t\r '＝ab"), st.characters(codec="utf-8")), min_size=1, max_size=30
)
buttons = st.one_of(
    st.builds(
        lambda title, end: Button(title=title, url=f"https://shop.example/{end}"), texts, st.sampled_from("a|=\\")
    ),
    st.builds(lambda title, payload: Button(title=title, payload=payload), texts, texts),
)
translations = st.builds(
    lambda question, answer, phrasings, pressed: Translation(
        question=question, answer=answer, phrasings=tuple(phrasings), buttons=tuple(pressed)
    ),
    texts,
    texts,
    st.lists(texts, max_size=3),
    st.lists(buttons, max_size=2),
)
entries = st.builds(
    lambda identity, status, tags, by_language: EntryContent(
        id=identity, status=status, tags=tuple(tags), translations=by_language
    ),
    texts,
    st.sampled_from(EntryStatus),
    st.lists(texts, max_size=2),
    st.dictionaries(st.sampled_from(["en", "ru", "zh-Hant"]), translations, min_size=1, max_size=2),
)


def storable_entries(drawn: list[EntryContent]) -> list[StoredEntry]:
    good: dict[str, EntryContent] = {}
    for entry in drawn:
        try:
            content = cleaned(entry)
        except UserMistake:  # the rules refuse some of what is drawn; the rest is what counts
            continue
        assert not list(mistakes_of(content))
        good[content.id] = content
    return [StoredEntry(content=one, version=1, created_at=NOW, updated_at=NOW) for one in good.values()]


@pytest.mark.parametrize("form", WRITERS)
@given(drawn=st.lists(entries, min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_export_import_export_changes_nothing(form: str, drawn: list[EntryContent]) -> None:
    write, read = WRITERS[form]
    stored = storable_entries(drawn)
    if not stored:
        return
    text = write(stored, pictures={})
    again = read_content(text.encode(), name=f"kb.{form}", open_picture=no_picture)
    assert {entry.id: entry.over(None) for entry in again.entries.values()} == {
        entry.content.id: entry.content for entry in stored
    }
    faults = FaultList(name="kb")
    assert gather(read(text, faults), faults=faults, open_picture=no_picture).entries == again.entries


@given(drawn=st.lists(entries, min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_no_cell_of_an_exported_table_begins_a_formula(drawn: list[EntryContent]) -> None:
    text = write_csv(storable_entries(drawn), pictures={})
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@given(
    content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)),
    form=st.sampled_from(["csv", "yaml", "json"]),
)
@settings(max_examples=300, deadline=None)
def test_any_bytes_at_all_are_taken_or_refused_in_sentences(content: bytes, form: str) -> None:
    faults: tuple[Fault, ...] = ()
    try:
        read_content(content, name=f"kb.{form}", open_picture=no_picture)
    except FileRefused as refused:
        faults = refused.faults
    assert all(fault.line >= 1 and fault.sentence for fault in faults)


async def test_a_second_import_of_the_same_file_changes_nothing(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "kb.csv"
    path.write_text(f"{HEADER}\na,en,Q?,one|two,A.,t\na,ru,Вопрос?,раз|два,Ответ.,t\nb,en,R?,,B.,\n", encoding="utf-8")
    assert await take(database, path) == ImportCounts(added=2, changed=0, unchanged=0)
    before, number = await everything(database), await revision_number(database)
    assert await take(database, path) == ImportCounts(added=0, changed=0, unchanged=2)
    assert await everything(database) == before
    assert await revision_number(database) == number
    assert before["a"].translations["ru"] == Translation(question="Вопрос?", answer="Ответ.", phrasings=("раз", "два"))
    assert before["a"].status is EntryStatus.PUBLISHED


async def test_a_refused_file_leaves_everything_as_it_was(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "kb.csv"
    path.write_text(f"{HEADER},picture\na,en,Q?,,A.,,\nb,en,Q?,,A.,,sha256:{'0' * 64}\n")
    with pytest.raises(FileRefused) as refused:
        await take(database, path)
    assert [fault.line for fault in refused.value.faults] == [3]
    assert await everything(database) == {}
    assert await revision_number(database) == 0


async def test_what_the_file_does_not_say_stays(database: Database, tmp_path: Path) -> None:
    full = tmp_path / "full.csv"
    full.write_text(
        f"{HEADER},status,buttons\na,en,Q?,x,A.,t,draft,Go = https://a.example\na,ru,В?,,О.,t,draft,\n",
        encoding="utf-8",
    )
    await take(database, full)
    bare = tmp_path / "bare.csv"
    bare.write_text(f"{HEADER}\na,en,Q2?,y,A2.,u\n")
    assert await take(database, bare) == ImportCounts(added=0, changed=1, unchanged=0)
    async with database.read() as session:
        found = await read_entry(session, "a")
    assert found.version == 2
    assert found.content.status is EntryStatus.DRAFT
    assert found.content.tags == ("u",)
    assert found.content.translations["en"] == Translation(
        question="Q2?", answer="A2.", phrasings=("y",), buttons=(Button(title="Go", url="https://a.example"),)
    )
    assert found.content.translations["ru"].answer == "О."


@pytest.mark.parametrize(
    "content",
    [
        f'\ufeff{HEADER}\r\na,en,Q?,one|two,"A,\nB.",t|u\r\n'.encode(),
        f'{HEADER.replace(",", ";")}\na;en;Q?;one|two;"A,\nB.";t,u\n'.encode(),
        f'sep=;\r\n{HEADER.replace(",", ";")}\r\na;en;Q?;one | two;"A,\nB.";t,u\r\n'.encode(),
        f'{HEADER.replace(",", chr(9))}\na\ten\tQ?\tone|two\t"A,\nB."\tt;u\n'.encode(),
        b'tags,ANSWER, question ,phrasings,id,language,,\nt|u,"A,\nB.",Q?,one||two|,a,EN,,\n,,,,,,,\n',
    ],
)
def test_tables_of_spreadsheets_are_read(content: bytes) -> None:
    file = read_content(content, name="kb.csv", open_picture=no_picture)
    assert file.entries["a"].over(None) == EntryContent(
        id="a",
        tags=("t", "u"),
        translations={"en": Translation(question="Q?", answer="A,\nB.", phrasings=("one", "two"))},
    )


def test_yaml_and_json_take_rows_and_entries_alike() -> None:
    nested = """
- id: 007
  tags: [t, u]
  translations:
    en:
      question: yes
      phrasings: [no, 1.50]
      answer: |
        First.
        Second.
      buttons: [{title: Go, url: "https://a.example"}, Talk = entry:x]
"""
    rows = [
        {
            "id": "007",
            "language": "en",
            "question": "yes",
            "phrasings": "no|1.50",
            "answer": "First.\nSecond.",
            "tags": "t|u",
            "buttons": [{"title": "Go", "url": "https://a.example"}, {"title": "Talk", "payload": "entry:x"}],
        }
    ]
    from_yaml = read_content(nested.encode(), name="kb.yml", open_picture=no_picture)
    from_json = read_content(json.dumps(rows).encode(), name="kb.json", open_picture=no_picture)
    from_answer = read_content(
        json.dumps({"items": rows, "next": None}).encode(), name="a.json", open_picture=no_picture
    )
    assert from_yaml.entries["007"].over(None) == from_json.entries["007"].over(None)
    assert from_answer.entries["007"].over(None) == from_json.entries["007"].over(None)


@pytest.mark.parametrize("form", list(Format))
async def test_pictures_travel_with_an_exported_file(database: Database, form: Format) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "chart.png").write_bytes(png())
        (folder / "map.jpg").write_bytes(jpeg())
        (folder / "kb.csv").write_text(
            f"{HEADER},picture\na,en,Q?,,A.,,chart.png\nb,en,Q?,,A.,,map.jpg\nc,en,Q?,,A.,,\n"
        )
        await take(database, folder / "kb.csv")
        out = folder / "out"
        out.mkdir()
        assert await export_file(database, out / f"kb.{form}") == 3
        assert await take(database, out / f"kb.{form}") == ImportCounts(added=0, changed=0, unchanged=3)
        other = Database(f"sqlite:///{folder / 'other.sqlite3'}")
        try:
            async with other.engine.begin() as connection:
                from core.database import Base

                await connection.run_sync(Base.metadata.create_all)
            assert (await take(other, out / f"kb.{form}")).added == 3
            assert await everything(other) == await everything(database)
        finally:
            await other.close()


@pytest.mark.parametrize("form", list(Format))
async def test_a_printed_export_can_be_imported_where_it_came_from(
    database: Database, tmp_path: Path, form: Format
) -> None:
    (tmp_path / "chart.png").write_bytes(png())
    (tmp_path / "kb.csv").write_text(f"{HEADER},picture,status\na,en,Q?,,A.,,chart.png,\nb,en,Q?,,,,,draft\n")
    await take(database, tmp_path / "kb.csv")
    (tmp_path / f"out.{form}").write_text(await export_text(database, form), encoding="utf-8")
    assert await take(database, tmp_path / f"out.{form}") == ImportCounts(added=0, changed=0, unchanged=2)


async def test_progress_is_told_up_to_the_last_entry(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "kb.csv"
    path.write_text("\n".join([HEADER, *(f"e{number},en,Q?,one|two,A.,t" for number in range(450))]))
    seen: list[tuple[int, int]] = []
    await import_file(
        database, read_file(path), clock=clock, on_progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(200, 450), (400, 450), (450, 450)]
    assert len(await everything(database)) == 450
