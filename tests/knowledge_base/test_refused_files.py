"""Every way in which a file can be wrong, with the line that is told."""

from pathlib import Path

import pytest

from core.errors import UserMistake
from knowledge_base.interchange.faults import FileRefused
from knowledge_base.interchange.import_file import read_file
from tests.knowledge_base.pictures_made import png

HEADER = "id,language,question,phrasings,answer,tags"
GOOD = "a,en,Q?,one|two,A.,t"


def faults_of(folder: Path, text: str | bytes, *, name: str = "kb.csv") -> list[tuple[int, str]]:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(FileRefused) as refused:
        read_file(path)
    assert str(refused.value).startswith(f"{name} was not imported: ")
    return [(fault.line, fault.sentence) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("", 1, "The file is empty"),
        (HEADER, 1, "There is no entry"),
        ("id,language,question,answer\na,en,q,a", 1, "The columns are missing: phrasings, tags."),
        ("id,language,question,phrasings,answr,tags\n", 1, "'answr' is not a column. Did you mean 'answer'?"),
        (f"{HEADER},colour\n", 1, "'colour' is not a column."),
        (f"{HEADER},id\n", 1, "The column 'id' stands there twice."),
        (f"{HEADER}\n{GOOD}\n,en,Q?,,A.,", 3, "The id is empty."),
        (f"{HEADER}\n{GOOD}\nb,,Q?,,A.,", 3, "The language is empty."),
        (f"{HEADER}\n{GOOD}\nb,en, ,,A.,", 3, "The question is empty."),
        (f"{HEADER}\n{GOOD}\nb,en,Q?,,,", 3, "The answer is empty."),
        (f"{HEADER}\nb,de,Q?,,A.,", 2, "'de' is not one of the languages en, ru, uk, ms, zh-Hant."),
        (f"{HEADER}\nb,zh-TW,Q?,,A.,", 2, "Did you mean 'zh-Hant'?"),
        (f"{HEADER}\nb,enn,Q?,,A.,", 2, "Did you mean 'en'?"),
        (f"{HEADER}\n{GOOD}\nb,en,Q?,,A.,\n{GOOD}", 4, "The entry 'a' stands in en on line 2 already."),
        (f"{HEADER}\n{GOOD}\nb,en,Q?,,A.", 3, "The row has 5 cells, the first line 6."),
        (f"{HEADER}\n{GOOD}\nb,en,Q?,,A,.,", 3, "The row has 7 cells, the first line 6."),
        (f'{HEADER}\n{GOOD}\nb,en,"Q?,,A.,\nc,en,Q?,,A.,', 3, "A quotation mark opens in this row and is never closed"),
        (f'{HEADER}\n{GOOD}\nb,en,"Q"?,,A.,\n', 3, "The quotation marks of this row do not match"),
        (f"{HEADER}\n{'x' * 256},en,Q?,,A.,", 2, "The id has 256 characters; 255 are the most."),
        (f"{HEADER},status\n{GOOD},gone", 2, "'gone' is not a status; draft and published are."),
        (f"{HEADER},status\n{GOOD},draft\na,ru,Q?,,A.,,published", 3, "is draft above and published here."),
        (f"{HEADER},buttons\n{GOOD},Rules", 2, "The button 'Rules' is not of the form"),
        (f"{HEADER},buttons\n{GOOD},Rules = ftp://x.example", 2, "which is not a web address"),
        (f"{HEADER},buttons\n{GOOD},Rules = {'ї' * 33}", 2, "a payload of more than 64 bytes"),
        (f"{HEADER},picture\n{GOOD},none.png", 2, "The picture 'none.png' is not there."),
        (f"{HEADER},picture\n{GOOD},../a.png", 2, "The picture '../a.png' lies outside the file's folder."),
        (f"{HEADER},picture\n{GOOD},kb.csv", 2, "'kb.csv' is not a PNG or JPEG picture."),
        (f"{HEADER},picture\n{GOOD},big.png", 2, "The picture 'big.png' has more than 5 MB."),
    ],
)
def test_a_bad_table_is_refused_with_the_line(tmp_path: Path, text: str, line: int, sentence: str) -> None:
    (tmp_path / "big.png").write_bytes(png() + bytes(5_000_000))
    faults = faults_of(tmp_path, text)
    assert [fault for fault in faults if fault[0] == line and sentence in fault[1]], faults


def test_all_faults_are_told_in_the_order_of_lines(tmp_path: Path) -> None:
    text = f'{HEADER}\n,en,Q?,,A.,\n{GOOD}\nb,xx,,,A.,\n\nc,en,"many\nlines",,,\n{GOOD}\nd,en,"open'
    assert [line for line, _ in faults_of(tmp_path, text)] == [2, 4, 4, 6, 8, 9]


def test_text_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    text = f"{HEADER}\n{GOOD}\n".encode() + "b,ru,Вопрос,,Ответ,".encode("cp1251")
    assert faults_of(tmp_path, text) == [
        (3, "This is not UTF-8 text; save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8').")
    ]
    assert faults_of(tmp_path, HEADER.encode("utf-16"))[0][0] == 1


@pytest.mark.parametrize(
    ("name", "text", "line", "sentence"),
    [
        ("kb.yaml", "", 1, "The file must hold a list of entries."),
        ("kb.yaml", "id: a", 1, "The file must hold a list of entries."),
        ("kb.yaml", "- id: a\n  question: [", 2, "This is not YAML"),
        ("kb.yaml", "- id: a\n\tquestion: x", 2, "This is not YAML"),
        ("kb.yaml", "- just text", 1, "An entry must be a mapping"),
        ("kb.yaml", "- id: a\n  language: en\n  question: q\n", 1, "`answer` is missing."),
        ("kb.yaml", "\n- {id: a, language: en, question: q, answer: {x: y}}", 2, "`answer` must be a text."),
        ("kb.yaml", "- {id: a, language: en, question: q, answer: a, phrasings: {x: y}}", 1, "must be a list of texts"),
        ("kb.yaml", "- {id: a, language: en, question: q, answer: a, phrasing: x}", 1, "Did you mean 'phrasings'?"),
        ("kb.yaml", "- {id: a, language: en, question: q, answer: a, buttons: [{name: x}]}", 1, "A button must have"),
        ("kb.yaml", "- id: a\n  translations:\n    en:\n      question: q\n", 3, "`answer` is missing."),
        ("kb.yaml", "- id: a\n  translations:\n    en: text\n", 3, "'en' must hold a question and an answer."),
        ("kb.yaml", "- id: a\n  translations: []\n", 1, "`translations` must hold at least one language"),
        (
            "kb.yaml",
            "- id: a\n  translations:\n    xx: {question: q, answer: a}",
            3,
            "'xx' is not one of the languages",
        ),
        ("kb.yaml", "- id: a\n  answer: \x07\n", 2, "This is not YAML"),
        ("kb.json", "", 1, "This is not JSON"),
        ("kb.json", '[\n{"id": "a",}]', 2, "This is not JSON"),
        ("kb.json", '{"id": "a"}', 1, "The file must hold a list of entries."),
        ("kb.json", '[\n{"id": "a", "language": "en", "question": "q"}\n]', 2, "`answer` is missing."),
        ("kb.json", '[\n\n{"id": true, "language": "en", "question": "q", "answer": "a"}]', 3, "`id` must be a text."),
        ("kb.json", "[1]", 1, "An entry must be a mapping"),
        ("kb.json", "[] []", 1, "This is not JSON: extra data."),
        ("kb.json", '[\n{"id": "a"},\n]', 3, "This is not JSON: a comma stands before the end of the list."),
        ("kb.json", '[\n{"id": "a", "id": "b"}]', 2, "'id' stands there twice."),
        ("kb.json", '{"items": [\n{"id": "a"}], "next": }', 2, "This is not JSON"),
        ("kb.json", '{"items": [\n\n{"id": 5, "language": "en", "answer": "a"}]}', 3, "`question` is missing."),
        ("kb.json", '{"items": 5}', 1, "The file must hold a list of entries."),
        ("kb.json", f'[{{"id": {"9" * 5_000}}}]', 1, "This is not JSON"),
        (
            "kb.yaml",
            "- id: a\n  translations:\n    en: {question: q, answer: a}\n    en: {}\n",
            4,
            "'en' stands there twice.",
        ),
        ("kb.yaml", "- &a [*a]", 1, "This is not YAML"),
        ("kb.json", "[" * 100_000, 1, "The file is nested too deeply"),
        ("kb.yaml", "[" * 100_000, 1, "The file is nested too deeply"),
    ],
)
def test_a_bad_list_is_refused_with_the_line(tmp_path: Path, name: str, text: str, line: int, sentence: str) -> None:
    faults = faults_of(tmp_path, text, name=name)
    assert [fault for fault in faults if fault[0] == line and sentence in fault[1]], faults


def test_a_file_of_another_kind_or_none_at_all_is_told_plainly(tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match=r"neither \.csv nor \.yaml nor \.json"):
        read_file(tmp_path / "kb.xlsx")
    with pytest.raises(UserMistake, match="cannot be read: No such file"):
        read_file(tmp_path / "kb.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UserMistake, match="cannot be read"):
        read_file(tmp_path / "folder.csv")


def test_a_file_with_very_many_faults_shows_the_first_fifty(tmp_path: Path) -> None:
    (tmp_path / "kb.csv").write_text("\n".join([HEADER, *(f"e{number},en,Q?,,," for number in range(80))]))
    with pytest.raises(FileRefused) as refused:
        read_file(tmp_path / "kb.csv")
    assert len(refused.value.faults) == 80
    assert str(refused.value).splitlines()[0] == "kb.csv was not imported: 80 faults."
    assert str(refused.value).splitlines()[-1] == "… and 30 more."
