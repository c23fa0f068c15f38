"""Vectors kept across restarts, so that a text is encoded once per model."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


def text_key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


class VectorStore(Protocol):
    """Keeps unit vectors by (model identity, text)."""

    def load(self, identity: str) -> Mapping[str, Vectors]:
        """All kept vectors of a model by `text_key`; empty when there are none or they cannot be read."""
        ...

    def save(self, identity: str, vectors: Mapping[str, Vectors]) -> None:
        """Replace the kept vectors of a model."""
        ...


class MemoryVectorStore:
    """For tests and throw-away knowledge bases."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, Vectors]] = {}

    def load(self, identity: str) -> Mapping[str, Vectors]:
        return self._kept.get(identity, {})

    def save(self, identity: str, vectors: Mapping[str, Vectors]) -> None:
        self._kept[identity] = dict(vectors)


class FileVectorStore:
    """One `.npz` per model in `<data_dir>/vectors/`, replaced atomically; an unreadable file counts as empty."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "vectors"

    def load(self, identity: str) -> Mapping[str, Vectors]:
        try:
            with np.load(self._folder / f"{identity}.npz", allow_pickle=False) as file:
                keys, rows = file["keys"], file["rows"]
        except (OSError, ValueError, KeyError, EOFError, TypeError):
            return {}
        if len(keys) != len(rows):
            return {}
        return {str(key): row for key, row in zip(keys, rows.astype(np.float32), strict=True)}

    def save(self, identity: str, vectors: Mapping[str, Vectors]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=self._folder, suffix=".partial")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, keys=np.array(list(vectors)), rows=stack(list(vectors.values())))
            Path(partial).replace(self._folder / f"{identity}.npz")
        except OSError:  # a full disk costs a slower restart, nothing else
            with contextlib.suppress(OSError):
                Path(partial).unlink()


def stack(rows: Sequence[Vectors]) -> Vectors:
    return np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)
