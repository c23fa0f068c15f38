"""What is kept about a trained model, beside its file: of which knowledge it is, and what its practice said."""

import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Self

from core.errors import ModelUnavailable, UserMistake
from nlu.rasa.practice import SIGNS, Outcomes

MODEL_SUFFIX: Final = ".tar.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedModel:
    """`name` is the model file's without its suffix; `revision` that of the knowledge it was trained from;
    `trained_at` ISO 8601 in UTC; `intents` maps them to entries.
    """

    name: str
    revision: str
    configuration: str
    trained_at: str
    intents: Mapping[str, str]
    outcomes: Outcomes

    def file_in(self, folder: Path) -> Path:
        return folder / f"{self.name}{MODEL_SUFFIX}"

    def write(self, folder: Path) -> None:
        stored = {
            "name": self.name,
            "revision": self.revision,
            "configuration": self.configuration,
            "trained_at": self.trained_at,
            "signs": list(SIGNS),
            "intents": dict(self.intents),
            "outcomes": self.outcomes.as_json(),
        }
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f"{self.name}.json.part"
        unfinished.write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")
        unfinished.replace(folder / f"{self.name}.json")

    @classmethod
    def read(cls, folder: Path, model_file: str) -> Self:
        """By the file name that Rasa tells. Raises ModelUnavailable for a model that this product did not train."""
        name = PurePosixPath(model_file).name.removesuffix(MODEL_SUFFIX)
        try:
            stored = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
            if stored["signs"] != list(SIGNS):
                raise ModelUnavailable(f"Rasa's model {name} was calibrated by another version; train it again.")
            return cls(
                name=name,
                revision=str(stored["revision"]),
                configuration=str(stored["configuration"]),
                trained_at=str(stored["trained_at"]),
                intents={str(intent): str(entry) for intent, entry in stored["intents"].items()},
                outcomes=Outcomes.from_json(stored["outcomes"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelUnavailable(
                f"Rasa's model {name} was not trained by `replydesk nlu rasa train` on this data folder."
            ) from error


def models_folder(data_dir: Path) -> Path:
    return data_dir.absolute() / "rasa" / "models"


def insist_on_safe_archive(path: Path) -> None:
    """Refuse a model whose archive would write outside the folder it is unpacked into, or hold links or devices
    (CVE-2021-41127). Raises UserMistake.
    """
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                inside = PurePosixPath(member.name)
                if inside.is_absolute() or ".." in inside.parts or not (member.isfile() or member.isdir()):
                    raise UserMistake(f"{path} is not a safe model file: it holds {member.name!r}.")
    except (OSError, tarfile.TarError) as error:
        raise UserMistake(f"{path} cannot be read as a model file.") from error
