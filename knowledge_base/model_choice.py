"""Which embedding model serves: the one that was asked for, or by itself the best one that can be had."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from knowledge_base.model_files import BUNDLED_MODEL, folder_of, is_prepared

AUTOMATIC: Final = "auto"
"""REPLYDESK_EMBEDDING_MODEL=auto: the multilingual model where a hub can be reached, the bundled one until then."""

MULTILINGUAL_MODEL: Final = "intfloat/multilingual-e5-small@fd1525a9fd15316a2d503bf26ab031a61d056e98"
"""Name and pinned revision (a model's author may change what a bare name stands for)."""

_HUB: Final = "https://huggingface.co"
_HUB_SECONDS: Final = 5.0
_SERVED: Final = "served.txt"


def model_now(data_dir: Path, model: str) -> str:
    """What `model` stands for at this moment, without asking anybody."""
    if model != AUTOMATIC:
        return model
    return MULTILINGUAL_MODEL if is_prepared(folder_of(data_dir, MULTILINGUAL_MODEL)) else BUNDLED_MODEL


def models_in_turn(data_dir: Path, model: str) -> Iterator[str]:
    """The models to open one after the other, each better than the former: what served last where that is ready, what
    is wanted, and what a hub has. The hub is asked when the last one's turn comes.
    """
    now, last = model_now(data_dir, model), last_served(data_dir)
    if last is not None and last != now and is_prepared(folder_of(data_dir, last)):
        yield last
    yield now
    if model == AUTOMATIC and now != MULTILINGUAL_MODEL and hub_is_reachable():
        yield MULTILINGUAL_MODEL


def last_served(data_dir: Path) -> str | None:
    """The model whose vectors were complete last."""
    with contextlib.suppress(OSError, UnicodeError):
        return (data_dir / "models" / _SERVED).read_text(encoding="utf-8").strip() or None
    return None


def note_served(data_dir: Path, model: str) -> None:
    with contextlib.suppress(OSError):  # costs a start by words alone, nothing else
        (data_dir / "models" / _SERVED).write_text(model, encoding="utf-8")


def hub_is_reachable(model: str = MULTILINGUAL_MODEL) -> bool:
    """Whether the model hub (HF_ENDPOINT or the public one) offers the model now; asked once, for five seconds at most."""
    import httpx  # noqa: PLC0415  # only where a model is chosen by itself

    if os.environ.get("HF_HUB_OFFLINE", "0").casefold() in {"1", "true", "yes", "on"}:
        return False
    name, _, revision = model.partition("@")
    url = f"{os.environ.get('HF_ENDPOINT', _HUB).rstrip('/')}/{name}/resolve/{revision or 'main'}/config.json"
    try:
        return httpx.head(url, timeout=_HUB_SECONDS, follow_redirects=True).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
