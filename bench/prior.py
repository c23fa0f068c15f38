"""`python -m bench.prior ../shared/data/intents`: what other knowledge bases teach, written to nlu/prior.json.

Learnt on the simulated brands of `bench/brands.py`, made of the train rows of curekart, banking77_10shot and clinc150 and
clinc150's validation rows, each brand counting the same; once with the embedding model, once by words alone.
"""

import json
import sys
from pathlib import Path
from typing import Any

import nlu.experience
from bench.brands import imagine_all
from bench.experience import examine, experience_of
from core.settings import Settings
from knowledge_base.encoder import open_encoder
from knowledge_base.vectors import FileVectorStore
from nlu.evidence import SIGNS
from nlu.experience import Experience, read_prior

_BRANDS_EACH = 40


def as_stored(taught: Experience) -> dict[str, Any]:
    usual = taught.usual
    return {
        "coefficients": taught.belief.coefficients.round(4).tolist(),
        "curvature": taught.belief.curvature.round(6).tolist(),
        "usual": {name: getattr(usual, name).round(4).tolist() for name in ("limits", "answer", "sure")},
        "firmness": taught.firmness,
    }


def main() -> None:
    folder, settings = Path(sys.argv[1]), Settings.load()
    encoder, store = open_encoder(settings.data_dir, settings.embedding_model), FileVectorStore(settings.data_dir)
    brands = imagine_all(folder, encoder=encoder, store=store, each=_BRANDS_EACH)
    stored: dict[str, Any] = {"signs": list(SIGNS)}
    for kind, used in (("meaning", encoder), ("wording", None)):
        examined = [examine(brand.knowledge, brand.questions, encoder=used, store=store) for brand in brands]
        stored[kind] = as_stored(experience_of(examined, knows_meaning=used is not None))
        print(kind, stored[kind]["coefficients"], stored[kind]["usual"])
    Path(nlu.experience.__file__).with_name("prior.json").write_text(json.dumps(stored) + "\n", encoding="utf-8")
    read_prior.cache_clear()
    read_prior()


if __name__ == "__main__":
    main()
