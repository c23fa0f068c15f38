"""`python -m bench.brands ../shared/data/intents`: how the calibration does on brands that it never saw.

Each simulated brand is a part of the entries of one data set with a few phrasings each; its customers ask the phrasings
kept back (where they were drawn `unlike`, those worded furthest from the known ones), the other entries' phrasings and
those of the other sets, which nobody can answer. Made of train and validation rows only. What other knowledge bases
teach (`nlu/prior.json`) is learnt anew for each from the *other* sets.
"""

import argparse
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.experience import Examined, examine, experience_of
from core.settings import Settings
from knowledge_base.encoder import Encoder, open_encoder
from knowledge_base.search import Knowledge, KnownText
from knowledge_base.vectors import FileVectorStore, VectorStore
from nlu.calibration import calibrate
from nlu.evaluation import OUT_OF_SCOPE, Question, auroc, calibration_error, matthews_correlation
from nlu.experience import Prior

SOURCES: Final = ("curekart", "banking77_10shot", "clinc150")
BRANDS_EACH: Final = 20
LIMIT: Final = 0.05
_MOST_QUESTIONS: Final = 500
_MOST_ENTRIES: Final = 60
_FEWEST_ENTRIES: Final = 5

Rows = Mapping[str, Sequence[str]]
"""Sentences by entry; `out_of_scope` among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """`source` is where its entries come from, `strangers` the share of its questions that have no entry."""

    source: str
    strangers: float
    knowledge: Knowledge
    questions: Sequence[Question]


def read_rows(folder: Path) -> dict[str, Rows]:
    """The train and validation rows of every source, without repeats."""
    return {source: _read(folder / source) for source in SOURCES}


def _read(folder: Path) -> Rows:
    rows: dict[str, list[str]] = {}
    for name in ("train", "validation"):
        path = folder / f"{name}.csv"
        if path.exists():
            with path.open(encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    rows.setdefault(row["label"], []).append(row["sentence"])
    return {label: list(dict.fromkeys(sentences)) for label, sentences in rows.items()}


def imagine(rows: Mapping[str, Rows], source: str, seed: int, vectors: Mapping[str, NDArray[np.float32]]) -> Brand:
    """The same brand for the same seed. `vectors` by sentence."""
    generator = np.random.default_rng([seed, SOURCES.index(source)])
    own = {label: sentences for label, sentences in rows[source].items() if label != OUT_OF_SCOPE}
    strangers, near = float(generator.uniform(0.15, 0.7)), float(generator.choice([0.2, 0.5, 0.8]))
    unlike, mean, spread = (
        generator.random() < 1 / 3,
        _between(generator, 4, 25),
        float(generator.choice([0.2, 0.6, 0.9])),
    )
    most = min(_MOST_ENTRIES, int(len(own) * 0.8))
    labels = list(generator.permutation(sorted(own)))
    inside = labels[: int(_between(generator, _FEWEST_ENTRIES, most))]
    known, asked = [], []
    for label in inside:
        wanted = round(mean * np.exp(generator.normal(0, spread) - spread**2 / 2))
        count = max(1, min(wanted, int(len(own[label]) * 0.7)))
        order = _drawn(generator, np.stack([vectors[each] for each in own[label]]), unlike=bool(unlike))
        known += [KnownText(entry=label, language="en", text=own[label][at], kind="phrasing") for at in order[:count]]
        asked += [Question(sentence=own[label][at], label=label) for at in order[count:]]
    total = min(int(_MOST_QUESTIONS * (1 - strangers)), len(asked))
    answerable = [asked[int(at)] for at in generator.permutation(len(asked))[:total]]
    kept_out = [text for label in labels[len(inside) :] for text in own[label]]
    foreign = [text for other in SOURCES for text in _foreign(rows, other, source)]
    wanted = round(total * strangers / (1 - strangers))
    of_both = [
        *_some(generator, kept_out, round(wanted * near)),
        *_some(generator, foreign, round(wanted * (1 - near))),
    ]
    texts = {text.text for text in known}
    unanswerable = [Question(sentence=text, label=OUT_OF_SCOPE) for text in of_both if text not in texts]
    return Brand(
        source=source,
        strangers=len(unanswerable) / max(len(unanswerable) + total, 1),
        knowledge=Knowledge(texts=tuple(known), revision=f"{source} {seed}"),
        questions=[*answerable, *unanswerable],
    )


def _between(generator: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(generator.uniform(np.log(low), np.log(high))))


def _drawn(generator: np.random.Generator, vectors: NDArray[np.float32], *, unlike: bool) -> list[int]:
    """An order of a source entry's phrasings: by chance, or those like one of them first."""
    if not unlike:
        return [int(at) for at in generator.permutation(len(vectors))]
    closeness = vectors @ vectors[generator.integers(len(vectors))] + generator.normal(0, 0.1, len(vectors))
    return [int(at) for at in np.argsort(-closeness)]


def _foreign(rows: Mapping[str, Rows], other: str, source: str) -> Sequence[str]:
    if other != source:
        return [sentences[0] for sentences in rows[other].values()] + list(rows[other].get(OUT_OF_SCOPE, ()))
    return rows[source].get(OUT_OF_SCOPE, ())


def _some(generator: np.random.Generator, texts: Sequence[str], count: int) -> list[str]:
    return [texts[int(at)] for at in generator.permutation(len(texts))[:count]]


def imagine_all(
    folder: Path, *, encoder: Encoder, store: VectorStore, each: int = BRANDS_EACH, first: int = 0
) -> list[Brand]:
    from nlu.building import encode_all  # noqa: PLC0415  # beside the examination, which imports it too

    rows = read_rows(folder)
    texts = sorted({text for source in rows.values() for sentences in source.values() for text in sentences})
    vectors = dict(zip(texts, encode_all(texts, encoder=encoder, store=store), strict=True))
    return [imagine(rows, source, first + seed, vectors) for source in SOURCES for seed in range(each)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Rates between 0 and 1; `wrong` is of all questions, `wrong_when_sure` of the sure answers."""

    source: str
    strangers: float
    accuracy: float
    auroc: float
    calibration_error: float
    correlation: float
    best_correlation: float
    answered: float
    wrong: float
    sure: float
    sure_and_wrong: float


def judge(brand: Brand, examined: Examined, prior: Prior, *, knows_meaning: bool) -> Result:
    """Calibrated on the brand's phrasings alone, then asked."""
    known = {"en"} if knows_meaning else set()
    calibration = calibrate(examined.trials, prior, max_wrong_answer_rate=LIMIT, meaning_known=known)
    confidence = calibration.confidence(examined.signs, ["en"] * len(examined.signs))
    cutoffs, right, truth = calibration.cutoffs_of("en"), examined.right, examined.truth

    def correlation(cutoff: float) -> float:
        return matthews_correlation(truth, np.where(confidence >= cutoff, examined.said, -1))

    answered, sure, answerable = confidence >= cutoffs.answer, confidence >= cutoffs.sure, truth >= 0
    return Result(
        source=brand.source,
        strangers=brand.strangers,
        accuracy=float(right[answerable].mean()),
        auroc=auroc(confidence[answerable], confidence[~answerable]) or 0.0,
        calibration_error=calibration_error(confidence, right),
        correlation=correlation(cutoffs.answer),
        best_correlation=max(correlation(float(each)) for each in np.quantile(confidence, np.linspace(0, 1, 50))),
        answered=float(answered.mean()),
        wrong=float((answered & ~right).mean()),
        sure=float((sure & right).mean()),
        sure_and_wrong=float((sure & ~right).mean()),
    )


def judge_all(brands: Sequence[Brand], examined: Sequence[Examined], *, knows_meaning: bool) -> list[Result]:
    """Every brand with the experience of the other sources."""
    priors = {}
    for source in SOURCES:
        others = [each for brand, each in zip(brands, examined, strict=True) if brand.source != source]
        taught = experience_of(others, knows_meaning=knows_meaning)
        priors[source] = Prior(meaning=taught, wording=taught)
    return [
        judge(brand, each, priors[brand.source], knows_meaning=knows_meaning)
        for brand, each in zip(brands, examined, strict=True)
    ]


def print_results(results: Sequence[Result]) -> None:
    groups = {source: [each for each in results if each.source == source] for source in SOURCES}
    for low, high in ((0.0, 0.3), (0.3, 0.5), (0.5, 1.0)):
        groups[f"strangers {low:.0%}-{high:.0%}"] = [each for each in results if low <= each.strangers < high]
    for name, group in {"all": results, **groups}.items():
        wrong = np.array([each.wrong for each in group])
        sure, false = sum(each.sure for each in group), sum(each.sure_and_wrong for each in group)
        print(
            f"{name:18} {len(group):3}  in scope {_mean(group, 'accuracy')}  AUROC {_mean(group, 'auroc')}"
            f"  ECE {_mean(group, 'calibration_error')}  MCC {_mean(group, 'correlation')}"
            f" (worst {min(each.correlation for each in group):.3f}, at its best cut-off"
            f" {_mean(group, 'best_correlation')})  answered {_mean(group, 'answered')}"
            f"  wrong of all {wrong.mean():.3f} (9 of 10 ≤ {np.quantile(wrong, 0.9):.3f}, worst {wrong.max():.3f})"
            f"  sure {_mean(group, 'sure')}, of these answers wrong {false / max(sure + false, 1e-9):.3f}"
        )


def _mean(group: Sequence[Result], name: str) -> str:
    return f"{np.mean([getattr(each, name) for each in group]):.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="the folder of the data sets")
    parser.add_argument("--each", type=int, default=BRANDS_EACH, help="brands a source")
    parser.add_argument("--first", type=int, default=1000, help="first seed (bench.prior learns from those under 1000)")
    arguments = parser.parse_args()
    settings = Settings.load()
    encoder, store = open_encoder(settings.data_dir, settings.embedding_model), FileVectorStore(settings.data_dir)
    brands = imagine_all(arguments.folder, encoder=encoder, store=store, each=arguments.each, first=arguments.first)
    for title, used in (("with the embedding model", encoder), ("by words alone", None)):
        examined = [examine(brand.knowledge, brand.questions, encoder=used, store=store) for brand in brands]
        print(f"\n{title}, limit {LIMIT:.0%} of all questions:")
        print_results(judge_all(brands, examined, knows_meaning=used is not None))


if __name__ == "__main__":
    main()
