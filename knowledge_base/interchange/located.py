"""The list a YAML or JSON file holds, each item with the line it begins on; what cannot be read becomes a fault."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from knowledge_base.interchange.faults import FaultList

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_LIST_IN_OBJECT: Final = re.compile(r'[ \t\r\n]*\{[ \t\r\n]*"items"[ \t\r\n]*:')
_DEEPEST: Final = 20
_TOO_DEEP: Final = "The file is nested too deeply to be read."
_NO_LIST: Final = "The file must hold a list of entries."


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A value of the list, the line it begins on, and the lines of its translations where the format tells them."""

    line: int
    value: Any
    lines: Mapping[str, int] = field(default_factory=dict)


def yaml_items(text: str, faults: FaultList) -> list[Located]:
    """Every scalar is taken as text, so that an id 007 or an answer `yes` stays what it is."""
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        if _too_deep(text, loader):
            faults.add(1, _TOO_DEEP)
            return []
        return list(_located_nodes(yaml.compose(text, Loader=loader), faults))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        last = text.rstrip().count("\n") + 1
        faults.add(min(mark.line + 1, last) if mark else 1, f"This is not YAML: {error.problem or error.context}.")
    except yaml.reader.ReaderError as error:
        faults.add(text.count("\n", 0, error.position) + 1, "This is not YAML: a control character stands here.")
    except (yaml.YAMLError, ValueError) as error:
        faults.add(1, f"This is not YAML: {error}.")
    return []


def json_items(text: str, faults: FaultList) -> list[Located]:
    """A list, or an object whose first key `items` holds the list (as the REST interface answers)."""
    try:
        in_object = _LIST_IN_OBJECT.match(text)
        if in_object:
            json.loads(text)  # what stands behind the list must be right as well
        start = _skip_space(text, in_object.end() if in_object else 0)
        if text[start : start + 1] == "[":
            return list(_located_values(text, start, faults, is_whole=not in_object))
        json.loads(text)  # tells where it stops being JSON, if it ever was
        faults.add(1, _NO_LIST)
    except json.JSONDecodeError as error:
        faults.add(error.lineno, f"This is not JSON: {error.msg[0].lower()}{error.msg[1:]}.")
    except RecursionError:
        faults.add(1, _TOO_DEEP)
    except ValueError as error:
        faults.add(1, f"This is not JSON: {error}.")  # a number of thousands of digits
    return []


def _too_deep(text: str, loader: Any) -> bool:
    """Asked first because the C library dies of deep nesting instead of raising."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            return True
    return False


def _located_nodes(root: yaml.Node | None, faults: FaultList) -> Iterator[Located]:
    _refuse_repeated_keys(root, faults)
    if isinstance(root, yaml.MappingNode):
        root = next((node for key, node in root.value if key.value == "items"), root)
    if not isinstance(root, yaml.SequenceNode):
        faults.add(1, _NO_LIST)
        return
    for node in root.value:
        lines = {}
        for key, inner in node.value if isinstance(node, yaml.MappingNode) else ():
            if key.value == "translations" and isinstance(inner, yaml.MappingNode):
                lines = {str(name.value): name.start_mark.line + 1 for name, _ in inner.value}
        value = yaml.constructor.BaseConstructor().construct_document(node)
        yield Located(line=node.start_mark.line + 1, value=value, lines=lines)


def _refuse_repeated_keys(root: yaml.Node | None, faults: FaultList) -> None:
    waiting, seen = [root], {id(root)}
    while waiting:
        node = waiting.pop()
        inner = list(node.value) if isinstance(node, yaml.SequenceNode) else []
        if isinstance(node, yaml.MappingNode):
            names: set[str] = set()
            for key, value in node.value:
                inner.append(value)
                if str(key.value) in names:
                    faults.add(key.start_mark.line + 1, f"'{str(key.value)[:40]}' stands there twice.")
                names.add(str(key.value))
        fresh = [one for one in inner if id(one) not in seen]  # an alias is the same node again
        seen.update(id(one) for one in fresh)
        waiting.extend(fresh)


def _located_values(text: str, start: int, faults: FaultList, *, is_whole: bool) -> Iterator[Located]:
    repeated: list[str] = []
    decoder = json.JSONDecoder(object_pairs_hook=lambda pairs: _object(pairs, repeated))
    line, counted = 1, 0
    position = _skip_space(text, start + 1)
    while text[position : position + 1] != "]":
        value, end = decoder.raw_decode(text, position)
        line, counted = line + text.count("\n", counted, position), position
        for name in repeated:
            faults.add(line, f"'{name[:40]}' stands there twice.")
        repeated.clear()
        yield Located(line=line, value=value)
        position = _skip_space(text, end)
        if text[position : position + 1] == ",":
            position = _skip_space(text, position + 1)
            if text[position : position + 1] == "]":
                raise json.JSONDecodeError("A comma stands before the end of the list", text, position)
        elif text[position : position + 1] != "]":
            raise json.JSONDecodeError("Expecting ',' delimiter", text, position)
    if is_whole and text[position + 1 :].strip():
        raise json.JSONDecodeError("Extra data", text, position + 1)


def _object(pairs: list[tuple[str, Any]], repeated: list[str]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        repeated.extend(name for name in found if names.count(name) > 1)
    return found


def _skip_space(text: str, position: int) -> int:
    matched = _SPACE.match(text, position)
    return matched.end() if matched else position
