"""`python -m bench.prior ../shared/data/intents`: what other knowledge bases teach, written to nlu/prior.json.

Trials of curekart, banking77_10shot and clinc150 (eight phrasings an entry), from their train rows alone, each counting
the same. A brand's own trials outvote the prior as soon as there are a few hundred texts.
"""

import json
import sys
from pathlib import Path

import numpy as np

import nlu.calibration
from core.languages import LANGUAGES
from core.settings import Settings
from knowledge_base.encoder import open_encoder
from knowledge_base.search import Knowledge
from knowledge_base.vectors import FileVectorStore
from nlu.building import fit, gather_material, tune
from nlu.calibration import read_prior
from nlu.evaluation import knowledge_of_questions, read_questions
from nlu.evidence import SIGNS
from nlu.logistic import Belief, learn
from nlu.trials import Trials, practise

PHRASINGS = {"curekart": 1000, "banking77_10shot": 1000, "clinc150": 8}
WEIGHT = 300.0
"""Observations that each knowledge base counts as."""


def trials_of(folder: Path, phrasings: int, settings: Settings) -> Trials:
    knowledge = knowledge_of_questions(read_questions(folder / "train.csv"), LANGUAGES)
    counts: dict[str, int] = {}
    texts = []
    for place in np.random.default_rng(0).permutation(len(knowledge.texts)):
        text = knowledge.texts[int(place)]
        counts[text.entry] = counts.get(text.entry, 0) + 1
        if counts[text.entry] <= phrasings:
            texts.append(text)
    material = gather_material(
        Knowledge(texts=tuple(texts), revision=folder.name),
        encoder=open_encoder(settings.data_dir, settings.embedding_model),
        store=FileVectorStore(settings.data_dir),
    )
    assert material is not None
    tuning = tune(material, max_wrong_answer_rate=0.05)
    return practise(fit(material, tuning).matcher, material.meaning_known)


def main() -> None:
    folder, settings = Path(sys.argv[1]), Settings.load()
    trials = [trials_of(folder / name, phrasings, settings) for name, phrasings in PHRASINGS.items()]
    nothing = Belief(coefficients=np.zeros(len(SIGNS) + 1), curvature=0.01 * np.eye(len(SIGNS) + 1))
    belief = learn(
        np.concatenate([each.signs for each in trials]),
        np.concatenate([each.right for each in trials]),
        np.concatenate([each.weights / each.weights.sum() * WEIGHT for each in trials]),
        prior=nothing,
        firmness=1.0,
    )
    stored = {
        "signs": list(SIGNS),
        "coefficients": belief.coefficients.round(4).tolist(),
        "curvature": belief.curvature.round(6).tolist(),
    }
    path = Path(nlu.calibration.__file__).with_name("prior.json")
    path.write_text(json.dumps(stored), encoding="utf-8")
    print(dict(zip(("intercept", *SIGNS), belief.coefficients.round(2).tolist(), strict=True)))
    read_prior()


if __name__ == "__main__":
    main()
