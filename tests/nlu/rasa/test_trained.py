import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelUnavailable, UserMistake
from nlu.rasa.calibration import calibrate
from nlu.rasa.trained import TrainedModel, insist_on_safe_archive
from tests.nlu.rasa.scripted import outcomes, trained


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    trained().write(tmp_path)
    found = TrainedModel.read(tmp_path, "/somewhere/replydesk-1.tar.gz")
    assert (found.name, found.revision, found.intents) == ("replydesk-1", "first", trained().intents)
    assert np.array_equal(found.outcomes.signs, trained().outcomes.signs)
    assert found.outcomes.languages.tolist() == trained().outcomes.languages.tolist()


@pytest.mark.parametrize("name", ["nlu-20260101.tar.gz", "../secret.tar.gz", ""])
def test_a_model_that_is_not_ours_is_not_trusted(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="nlu rasa train"):
        TrainedModel.read(tmp_path, name)


def test_a_broken_record_is_not_trusted(tmp_path: Path) -> None:
    trained().write(tmp_path)
    (tmp_path / "replydesk-1.json").write_text('{"signs": []')
    with pytest.raises(ModelUnavailable):
        TrainedModel.read(tmp_path, "replydesk-1.tar.gz")


def _archive(path: Path, member: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(member, io.BytesIO(b"x" * member.size))
    return path


def _member(name: str, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/passwd"
    member.size = 1 if kind == tarfile.REGTYPE else 0
    return member


@pytest.mark.parametrize(
    "member",
    [_member("../outside"), _member("/etc/cron.d/x"), _member("a/../../b"), _member("link", tarfile.SYMTYPE), _member("hard", tarfile.LNKTYPE), _member("device", tarfile.CHRTYPE)],
)  # fmt: skip
def test_a_model_file_that_reaches_outside_is_refused(member: tarfile.TarInfo, tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match="not a safe model file"):
        insist_on_safe_archive(_archive(tmp_path / "model.tar.gz", member))


def test_an_ordinary_model_file_is_taken_and_a_broken_one_is_not(tmp_path: Path) -> None:
    insist_on_safe_archive(_archive(tmp_path / "model.tar.gz", _member("metadata.json")))
    (tmp_path / "broken.tar.gz").write_bytes(b"nothing of the kind")
    with pytest.raises(UserMistake, match="cannot be read"):
        insist_on_safe_archive(tmp_path / "broken.tar.gz")


def test_a_practice_without_any_question_leaves_the_cautious_prior() -> None:
    calibration = calibrate(outcomes(0), max_wrong_answer_rate=0.05)
    assert calibration.cutoffs_of("en").answer >= 0.9
    unsure = calibration.confidence(np.array([[-2.0, 0.05, 0.6, 0.3]]), ["en"])[0]
    sure = calibration.confidence(np.array([[4.0, 0.9, 1.0, 1.0]]), ["en"])[0]
    assert unsure < 0.2 < sure


def test_a_smaller_allowed_error_never_lowers_the_cutoff() -> None:
    generator = np.random.default_rng(1)
    practised = outcomes(300)
    noisy = practised.some(np.ones(300, dtype=bool))
    noisy.signs[:] += generator.normal(0, 1.5, noisy.signs.shape)
    cutoffs = [
        calibrate(noisy, max_wrong_answer_rate=limit).cutoffs_of("en").answer for limit in (0.2, 0.1, 0.05, 0.02)
    ]
    assert cutoffs == sorted(cutoffs)
