"""Loads the adapter, and aiogram with it, without building what we never use.

When aiogram is imported it completes the validators of all its types (3 s of processor time and 85 MB here), though
they are declared to be built on first use. We send a handful of methods and read answers and updates as raw JSON
(client.py, parser.py), so while it is imported each type is only told the names that its fields mention; pydantic then
completes the few that are used.
"""

import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any, Final

from pydantic import BaseModel

_ONE_AT_A_TIME: Final = threading.Lock()
_NAME: Final = re.compile(r"[A-Za-z_]\w*")


def load_adapter() -> ModuleType:
    """bot/channels/telegram/adapter.py; takes a second the first time, in whichever thread."""
    with _ONE_AT_A_TIME, _unfinished_types():
        return import_module("bot.channels.telegram.adapter")


@contextmanager
def _unfinished_types() -> Iterator[None]:
    """Types of aiogram stay as they were declared (`defer_build`); all other models are completed as ever."""
    complete = BaseModel.__dict__["model_rebuild"]

    def only_name(cls: type[BaseModel], /, **how: Any) -> bool | None:
        namespace = how.get("_types_namespace")
        if namespace and cls.__module__.startswith("aiogram.types.") and cls.model_config.get("defer_build"):
            _name_fields(cls, namespace)
            return None
        return complete.__func__(cls, **how)  # type: ignore[no-any-return]

    BaseModel.model_rebuild = classmethod(only_name)  # type: ignore[assignment]
    try:
        yield
    finally:
        BaseModel.model_rebuild = complete  # type: ignore[method-assign]


def _name_fields(cls: type[BaseModel], namespace: Mapping[str, Any]) -> None:
    """What aiogram imports for type checkers only, put where pydantic looks the names of annotations up."""
    module = vars(sys.modules[cls.__module__])
    mentioned = {name for annotation in cls.__annotations__.values() for name in _NAME.findall(str(annotation))}
    for name in mentioned & namespace.keys():
        module.setdefault(name, namespace[name])
