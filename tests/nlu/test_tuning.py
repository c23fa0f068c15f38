import json
import os
from pathlib import Path

import numpy as np

from nlu.calibration import Calibration, Curve, Cutoffs
from nlu.experience import read_prior
from nlu.tuning import FileTuningStore, Tuning, cautious_tuning, tuning_from_json, tuning_key, tuning_to_json


def learnt(model: str = "model") -> Tuning:
    curve = Curve(
        confidence=np.array([0.9, 0.25]),
        right=np.array([True, False]),
        answerable=np.array([True, False]),
        weights=np.array([1.0, 2.0]),
        languages=np.array(["en", "zh-Hant"]),
    )
    calibration = Calibration(
        beliefs={"": read_prior().wording.belief, "en": read_prior().meaning.belief},
        cutoffs={"": Cutoffs(sure=0.9, answer=0.8, clarify=0.5)},
        rescue=0.25,
        curve=curve,
        meaning_known=frozenset({"en"}),
    )
    return Tuning(model=model, shares={"en": 0.6}, answered=frozenset({"do you hire"}), calibration=calibration)


def test_tuning_comes_back_from_json_as_it_was() -> None:
    written = json.dumps(tuning_to_json(learnt()))
    again = tuning_from_json(json.loads(written))
    assert json.dumps(tuning_to_json(again)) == written
    assert again.calibration.curve.languages.tolist() == ["en", "zh-Hant"]
    assert again.calibration.curve.right.dtype == np.bool_
    assert again.answered == frozenset({"do you hire"})
    assert again.calibration.meaning_known == frozenset({"en"})


def test_key_changes_with_knowledge_model_and_allowed_error() -> None:
    keys = {
        tuning_key(revision=revision, model=model, max_wrong_answer_rate=rate)
        for revision in ("one", "two")
        for model in ("", "model")
        for rate in (0.05, 0.1)
    }
    assert len(keys) == 8


def test_unreadable_file_counts_as_nothing_kept(tmp_path: Path) -> None:
    store = FileTuningStore(tmp_path)
    store.save("good", learnt())
    for content in ("", "{", "[]", '{"format": 0}', '{"format": 2, "signs": []}'):
        (store.folder / "bad.json").write_text(content)
        assert store.load("bad") is None
        found = store.latest("model")
        assert found is not None
        assert found.calibration.rescue == 0.25


def test_latest_is_of_the_asked_model(tmp_path: Path) -> None:
    store = FileTuningStore(tmp_path)
    store.save("words", learnt(model=""))
    store.save("meaning", learnt(model="model"))
    found = store.latest("")
    assert found is not None
    assert found.model == ""
    assert store.latest("another") is None


def test_only_the_newest_files_are_kept(tmp_path: Path) -> None:
    store = FileTuningStore(tmp_path)
    for number in range(30):
        store.save(f"key{number:02}", learnt())
        os.utime(store.folder / f"key{number:02}.json", ns=(number, number))
    kept = sorted(path.stem for path in store.folder.glob("*.json"))
    assert len(kept) == 24
    assert "key29" in kept
    assert "key00" not in kept


def test_without_anything_learnt_only_what_is_next_to_certain_is_answered() -> None:
    tuning = cautious_tuning(model="", shares={}, max_wrong_answer_rate=0.02)
    assert tuning.calibration.cutoffs_of("en").answer == 0.98
