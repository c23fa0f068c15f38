"""Models that an operator brings: folders of other dimensions and languages, and a hub on loopback."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bot.channel import FindingLevel
from bot.understanding import examine_model
from core.errors import ModelUnavailable
from core.languages import LANGUAGES
from core.settings import Settings
from knowledge_base.encoder import open_encoder
from knowledge_base.model_choice import (
    AUTOMATIC,
    MULTILINGUAL_MODEL,
    hub_is_reachable,
    last_served,
    model_now,
    models_in_turn,
    note_served,
)
from knowledge_base.model_files import BUNDLED_MODEL, TOKENIZER_FILE, WEIGHTS_FILE, folder_of
from tests.conftest import ROOT
from tests.knowledge_base.model_hub import model_hub

NOWHERE = "http://127.0.0.1:9"


def made(folder: Path, dimensions: int, *languages: str) -> Path:
    command = [sys.executable, "-m", "tests.knowledge_base.small_model", str(folder), str(dimensions), *languages]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small models: `pair` for English and Russian, and one that calls itself an e5 of many languages."""
    folder = tmp_path_factory.mktemp("models")
    made(folder / "pair", 48, "en", "ru")
    made(folder / "small-e5", 32, "multilingual", "en", "zh")
    return folder


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


def test_a_folder_of_other_dimensions_and_two_languages_serves(models: Path, data_dir: Path) -> None:
    encoder = open_encoder(data_dir, str(models / "pair"))
    vectors = encoder.encode_now(["Where is my order?", "Где мой заказ?", "word " * 500])
    assert vectors.shape == (3, encoder.dimensions) == (3, 48)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert encoder.languages == {"en", "ru"}
    (finding,) = examine_model(Settings(data_dir=data_dir, embedding_model=str(models / "pair")))
    assert finding.sentence.endswith("serves en, ru by meaning and words, uk, ms, zh-Hant by words alone.")


def test_an_e5_gets_its_prefix_and_serves_every_language(models: Path, data_dir: Path) -> None:
    encoder = open_encoder(data_dir, str(models / "small-e5"))
    assert encoder.manifest.prefix == "query: "
    assert encoder.languages == set(LANGUAGES)


def test_other_models_have_other_identities(models: Path, data_dir: Path) -> None:
    first, second = (open_encoder(data_dir, str(models / name)).identity for name in ("pair", "small-e5"))
    assert first != second


@pytest.mark.parametrize("file", [WEIGHTS_FILE, TOKENIZER_FILE])
def test_a_missing_or_changed_file_is_told_with_its_name(models: Path, tmp_path: Path, file: str) -> None:
    model = str(models / "pair")
    open_encoder(tmp_path, model).close()
    path = folder_of(tmp_path, model) / file
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(ModelUnavailable, match=f"{file} is missing or damaged"):
        open_encoder(tmp_path, model)
    path.unlink()
    with pytest.raises(ModelUnavailable, match=f"{file} is missing or damaged"):
        open_encoder(tmp_path, model)
    (finding,) = examine_model(Settings(data_dir=tmp_path, embedding_model=model))
    assert (finding.level, "prepared again" in finding.sentence) == (FindingLevel.BAD, True)


def test_a_folder_that_is_no_model_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "holiday pictures").mkdir()
    with pytest.raises(ModelUnavailable, match="could not be prepared") as caught:
        open_encoder(tmp_path / "data", str(tmp_path / "holiday pictures"))
    assert "\n" not in str(caught.value)


def test_a_hub_is_asked_for_the_pinned_revision(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, _, revision = MULTILINGUAL_MODEL.partition("@")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with model_hub(models / "small-e5", name=name, revision=revision) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        assert hub_is_reachable()
        assert list(models_in_turn(tmp_path, AUTOMATIC)) == [BUNDLED_MODEL, MULTILINGUAL_MODEL]
        encoder = open_encoder(tmp_path, MULTILINGUAL_MODEL)
    assert (encoder.dimensions, encoder.manifest.prefix, encoder.manifest.source) == (32, "query: ", MULTILINGUAL_MODEL)
    assert model_now(tmp_path, AUTOMATIC) == MULTILINGUAL_MODEL  # from now on, hub or not
    assert list(models_in_turn(tmp_path, AUTOMATIC)) == [MULTILINGUAL_MODEL]
    (finding,) = examine_model(Settings(data_dir=tmp_path))
    assert finding.sentence.endswith("serves en, ru, uk, ms, zh-Hant by meaning and words.")


def test_without_a_hub_the_bundled_model_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", NOWHERE)
    assert not hub_is_reachable()
    assert list(models_in_turn(tmp_path, AUTOMATIC)) == [BUNDLED_MODEL]


def test_what_served_last_is_opened_first_where_it_is_ready(models: Path, data_dir: Path) -> None:
    former, wanted = str(models / "pair"), str(models / "small-e5")
    open_encoder(data_dir, former).close()
    note_served(data_dir, former)
    assert last_served(data_dir) == former
    assert list(models_in_turn(data_dir, wanted)) == [former, wanted]
    assert list(models_in_turn(data_dir, former)) == [former]
