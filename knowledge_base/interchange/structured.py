"""Knowledge as YAML or JSON: a list of entries with their translations, or of rows like those of the table."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import yaml

from core.errors import UserMistake
from core.messages import Button
from knowledge_base.content import StoredEntry, Translation
from knowledge_base.interchange.cells import divided, read_button
from knowledge_base.interchange.faults import FaultList
from knowledge_base.interchange.located import Located, json_items, yaml_items
from knowledge_base.interchange.rows import Row, suggestion

_ENTRY_KEYS: Final = ("id", "status", "tags", "translations")
_TEXT_KEYS: Final = ("question", "phrasings", "answer", "buttons", "picture")
_ROW_KEYS: Final = ("id", "language", "status", "tags", *_TEXT_KEYS)
_BUTTON_KEYS: Final = ("title", "url", "payload")
_TAG_SEPARATORS: Final = "|,;"


def read_yaml(text: str, faults: FaultList) -> list[Row]:
    """The rows of a YAML file, with line numbers; what cannot be read becomes a fault."""
    return _rows(yaml_items(text, faults), faults)


def read_json(text: str, faults: FaultList) -> list[Row]:
    """The same for JSON."""
    return _rows(json_items(text, faults), faults)


def write_yaml(entries: Iterable[StoredEntry], *, pictures: Mapping[str, str]) -> str:
    """A list of entries; `pictures` names the file of each digest."""
    documents = [_document(entry, pictures) for entry in entries]
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    written: str = yaml.dump(documents, Dumper=dumper, allow_unicode=True, sort_keys=False, width=120)
    return written


def write_json(entries: Iterable[StoredEntry], *, pictures: Mapping[str, str]) -> str:
    """A list of entries; `pictures` names the file of each digest."""
    documents = [_document(entry, pictures) for entry in entries]
    return json.dumps(documents, ensure_ascii=False, indent=2) + "\n"


def _document(entry: StoredEntry, pictures: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": entry.content.id,
        "status": str(entry.content.status),
        "tags": list(entry.content.tags),
        "translations": {
            language: _text_document(text, pictures) for language, text in entry.content.translations.items()
        },
    }


def _text_document(text: Translation, pictures: Mapping[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "question": text.question,
        "phrasings": list(text.phrasings),
        "answer": text.answer,
        "buttons": [button.to_json() for button in text.buttons],
        "picture": pictures[text.picture] if text.picture else "",
    }
    return document


def _rows(items: Iterable[Located], faults: FaultList) -> list[Row]:
    rows: list[Row] = []
    for item in items:
        if not isinstance(item.value, dict):
            faults.add(item.line, "An entry must be a mapping with id, question, answer and so on.")
        elif "translations" in item.value:
            rows.extend(_rows_of_entry(item, faults))
        else:
            row = _row(item.line, item.value, _ROW_KEYS, faults)
            if row is not None:
                rows.append(row)
    return rows


def _rows_of_entry(item: Located, faults: FaultList) -> Iterator[Row]:
    entry, translations = item.value, item.value["translations"]
    known = (*_ENTRY_KEYS, "version", "created_at", "updated_at")  # what the REST interface adds means nothing here
    _refuse_unknown(item.line, entry, known, faults)
    if not isinstance(translations, dict) or not translations:
        faults.add(item.line, "`translations` must hold at least one language with its question and answer.")
        return
    for language, text in translations.items():
        line = item.lines.get(str(language), item.line)
        if not isinstance(text, dict):
            faults.add(line, f"'{language}' must hold a question and an answer.")
            continue
        _refuse_unknown(line, text, _TEXT_KEYS, faults)
        shared = {key: entry[key] for key in ("id", "status", "tags") if key in entry}
        kept = {key: text[key] for key in _TEXT_KEYS if key in text}
        row = _row(line, {**shared, "language": language, **kept}, _ROW_KEYS, faults)
        if row is not None:
            yield row


def _row(line: int, values: Mapping[str, Any], known: tuple[str, ...], faults: FaultList) -> Row | None:
    before = len(faults.faults)
    _refuse_unknown(line, values, known, faults)
    required = {key: _text(line, key, values, faults) for key in ("id", "language", "question")}
    answer = _text(line, "answer", values, faults, required=values.get("status") != "draft")
    row = Row(
        line=line,
        **required,
        answer=answer,
        phrasings=_texts(line, "phrasings", values, "|", faults),
        tags=_texts(line, "tags", values, _TAG_SEPARATORS, faults),
        status=_text(line, "status", values, faults, required=False) if "status" in values else None,
        buttons=_buttons(line, values["buttons"], faults) if "buttons" in values else None,
        picture=_text(line, "picture", values, faults, required=False) if "picture" in values else None,
    )
    return row if len(faults.faults) == before else None


def _refuse_unknown(line: int, values: Mapping[str, Any], known: tuple[str, ...], faults: FaultList) -> None:
    for key in values:
        if key not in known:
            faults.add(line, f"'{str(key)[:40]}' is not a field.{suggestion(str(key), known)}")


def _text(line: int, key: str, values: Mapping[str, Any], faults: FaultList, *, required: bool = True) -> str:
    value = values.get(key)
    if value is None:
        if required:
            faults.add(line, f"`{key}` is missing.")
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    faults.add(line, f"`{key}` must be a text.")
    return ""


def _texts(line: int, key: str, values: Mapping[str, Any], separators: str, faults: FaultList) -> tuple[str, ...]:
    value = values.get(key)
    if value is None or isinstance(value, str):
        return tuple(divided(value or "", separators))
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    faults.add(line, f"`{key}` must be a list of texts.")
    return ()


def _buttons(line: int, value: Any, faults: FaultList) -> tuple[Button, ...] | None:
    if value is None or value == "":
        return ()
    items = divided(value) if isinstance(value, str) else value
    if not isinstance(items, list):
        faults.add(line, "`buttons` must be a list.")
        return ()
    buttons = []
    for item in items:
        try:
            buttons.append(read_button(item) if isinstance(item, str) else _button(item))
        except UserMistake as mistake:
            faults.add(line, str(mistake))
    return tuple(buttons)


def _button(item: Any) -> Button:
    if not isinstance(item, dict) or any(
        key not in _BUTTON_KEYS or not isinstance(value, str) for key, value in item.items()
    ):
        raise UserMistake("A button must have a title and either a url or a payload.")
    return Button(title=item.get("title", ""), url=item.get("url"), payload=item.get("payload"))
