"""A knowledge base that has only begun: cautious, not broken."""

import asyncio
from pathlib import Path

import pytest

from core.settings import Settings
from knowledge_base.encoder import open_encoder
from knowledge_base.search import Knowledge, KnownText
from nlu.decisions import Answer
from nlu.understanding import Context, Understanding

QUESTIONS = {
    "returns": "How do I return an item?",
    "delivery": "How long does delivery take?",
    "payment": "Which cards can I pay with?",
    "hours": "When are you open?",
    "password": "I forgot my password",
}
STRANGERS = [
    "do you sell gift cards for birthdays",
    "my neighbour says that your founder was on television",
    "is the green one waterproof",
    "what is the weather in Lisbon tomorrow",
    "who won the cup final last night",
    "can I work for you as a driver",
    "tell me about quantum physics",
    "please sing a song for my daughter",
]


def _understanding(questions: dict[str, str], *, data_dir: Path | None) -> Understanding:
    texts = tuple(
        KnownText(entry=entry, language="en", text=text, kind="question") for entry, text in questions.items()
    )
    encoder = None if data_dir is None else open_encoder(data_dir, Settings(_env_file=None).embedding_model)
    return asyncio.run(Understanding.build(Knowledge(texts=texts, revision="few"), encoder=encoder))


@pytest.mark.parametrize("meaning", [True, False])
@pytest.mark.parametrize("count", [1, 5])
def test_few_entries_with_one_phrasing_each_answer_their_own_words_and_no_strangers(
    tmp_path: Path, count: int, *, meaning: bool
) -> None:
    questions = dict(list(QUESTIONS.items())[:count])
    understanding = _understanding(questions, data_dir=tmp_path if meaning else None)
    for entry, question in questions.items():
        decision = asyncio.run(understanding.decide(question, Context()))
        assert isinstance(decision, Answer)
        assert decision.entry == entry
    for text in STRANGERS:
        decision = asyncio.run(understanding.decide(text, Context()))
        assert not isinstance(decision, Answer), text


def test_another_wording_finds_the_entry_even_where_it_is_not_sure_enough_to_answer(tmp_path: Path) -> None:
    understanding = _understanding(QUESTIONS, data_dir=tmp_path)
    for text, entry in {
        "I want to send something back": "returns",
        "what are your opening hours": "hours",
        "cannot log in, lost the password": "password",
        "how many days until my parcel is delivered": "delivery",
    }.items():
        found = asyncio.run(understanding.candidates(text, Context()))
        assert found[0].entry == entry
        assert 0 < found[0].confidence < 1
