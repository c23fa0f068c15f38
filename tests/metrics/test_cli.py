import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from metrics.cli import app
from tests.metrics.timelines import bot, customer, report, timeline


def write(folder: Path, name: str, content: Any) -> str:
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(file)


def explain(*files: str) -> Result:
    return CliRunner().invoke(app, ["explain", *files])


def test_one_file_prints_one_report(tmp_path: Path) -> None:
    result = explain(write(tmp_path, "one.json", timeline(customer(0), bot(1))))
    assert result.exit_code == 0
    assert json.loads(result.stdout) == report(customer(0), bot(1))


def test_several_files_print_an_array_in_their_order(tmp_path: Path) -> None:
    files = [
        write(tmp_path, f"{count}.json", timeline(*(customer(0, str(number)) for number in range(count))))
        for count in (3, 1, 2)
    ]
    assert [figures["episodes"] for figures in json.loads(explain(*files).stdout)] == [3, 1, 2]


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert explain(write(tmp_path, "bom.json", "\ufeff" + json.dumps(timeline()))).exit_code == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "line 1, column 2: not JSON"),
        (
            timeline({**customer(0), "at": "2026-03-02T08:00:00"}),
            "events[0].at: '2026-03-02T08:00:00' has no time zone",
        ),
        (timeline(customer(0), {**customer(0), "kind": "massage"}), "events[1].kind: 'massage' is unknown"),
    ],
)
def test_a_bad_timeline_is_refused_in_one_sentence(tmp_path: Path, content: Any, sentence: str) -> None:
    good, bad = write(tmp_path, "good.json", timeline()), write(tmp_path, "bad.json", content)
    result = explain(good, bad)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"{bad}: {sentence}")
    assert result.stderr.count("\n") == 1


def test_a_missing_file_a_folder_and_no_text_are_refused_in_one_sentence(tmp_path: Path) -> None:
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")
    expected = {
        str(tmp_path / "missing.json"): "cannot be read: No such file or directory.",
        str(tmp_path): "cannot be read: Is a directory.",
        str(binary): "is not UTF-8 text.",
    }
    for file, sentence in expected.items():
        result = explain(file)
        assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"{file}: {sentence}\n")
