from collections.abc import Awaitable, Callable, Mapping

import httpx
import pytest

from nlu.decisions import Answer, Clarify, HandOff, Reason, SmallTalk
from nlu.rasa.breaker import Breaker
from nlu.rasa.client import RasaUnavailable
from nlu.rasa.trained import TrainedModel
from nlu.rasa.training_data import intent_of
from nlu.rasa.understanding import RasaUnderstanding
from nlu.understanding import Context, Understanding
from tests.nlu.rasa.scripted import Clock, ScriptedRasa, trained

CONTEXT = Context(languages=("en",))


Over = Callable[..., Awaitable[RasaUnderstanding]]


@pytest.fixture
def over(builtin: Understanding) -> Over:
    async def made(
        rasa: ScriptedRasa, *, model: TrainedModel | None = None, clock: Clock | None = None
    ) -> RasaUnderstanding:
        breaker = Breaker(clock=clock or Clock(), failing=RasaUnavailable, name="Rasa", failures=3)
        return await RasaUnderstanding.over(builtin, client=rasa.client(), breaker=breaker, trained=model or trained())

    return made


def _sure(entry: str) -> Mapping[str, float]:
    others = [name for name in ("opening", "returns", "payment") if name != entry]
    return {intent_of(entry): 0.97, **{intent_of(name): 0.01 for name in others}, "out_of_scope": 0.01}


async def test_what_rasa_is_sure_of_is_answered_with_calibrated_confidence(over: Over) -> None:
    rasa = ScriptedRasa(rank=lambda _: _sure("returns"))
    decision = await (await over(rasa)).decide("send my order back please", CONTEXT)
    assert isinstance(decision, Answer)
    assert decision.entry == "returns"
    assert decision.confidence != pytest.approx(0.97)
    assert decision.candidates[0].question == "How do I return an order?"


async def test_what_rasa_is_not_sure_of_goes_to_a_person(over: Over) -> None:
    rasa = ScriptedRasa(rank=lambda _: {intent_of("returns"): 0.2, intent_of("payment"): 0.1, "out_of_scope": 0.7})
    decision = await (await over(rasa)).decide("who won the match yesterday", CONTEXT)
    assert isinstance(decision, HandOff)


async def test_a_phrasing_word_for_word_is_its_entry_even_when_the_model_never_saw_it(over: Over) -> None:
    rasa = ScriptedRasa(rank=lambda _: {intent_of("opening"): 0.4, "out_of_scope": 0.6})
    model = trained(revision="older", entries=("opening", "returns"))
    decision = await (await over(rasa, model=model)).decide("Can I pay by card?", CONTEXT)
    assert isinstance(decision, Answer)
    assert decision.entry == "payment"


async def test_an_entry_that_was_deleted_since_the_training_is_never_offered(over: Over) -> None:
    rasa = ScriptedRasa(rank=lambda _: {intent_of("gone"): 0.9, intent_of("opening"): 0.05})
    understanding = await over(rasa, model=trained(entries=("gone", "opening", "returns")))
    found = await understanding.candidates("is the shop open", CONTEXT)
    assert [candidate.entry for candidate in found] == ["opening"]


@pytest.mark.parametrize(
    ("text", "kind"), [("hello", SmallTalk), ("I want to talk to a human", HandOff), ("🙂", SmallTalk | HandOff)]
)
async def test_people_and_small_talk_come_first_as_ever(text: str, kind: type, over: Over) -> None:
    rasa = ScriptedRasa(rank=lambda _: _sure("opening"))
    decision = await (await over(rasa)).decide(text, CONTEXT)
    assert isinstance(decision, kind)


async def test_somebody_who_wants_a_person_gets_one_though_rasa_is_sure(over: Over) -> None:
    rasa = ScriptedRasa(rank=lambda _: _sure("returns"))
    decision = await (await over(rasa)).decide("a human please, about sending my parcel back", CONTEXT)
    assert isinstance(decision, HandOff)
    assert decision.reason == Reason.ASKED_FOR_HUMAN


@pytest.mark.parametrize(
    "text", ["", " \n", "x" * 10_000, "\ud800", "\x00\x07", "https://example.org/a?b=c", "\u202eopen\u202c"]
)
async def test_any_text_gives_a_decision(text: str, over: Over) -> None:
    rasa = ScriptedRasa(rank=lambda _: _sure("opening"))
    decision = await (await over(rasa)).decide(text, CONTEXT)
    assert isinstance(decision, Answer | Clarify | HandOff | SmallTalk)


async def test_without_rasa_the_builtin_engine_decides_the_same_question(over: Over, builtin: Understanding) -> None:
    rasa = ScriptedRasa(trouble=lambda: httpx.Response(500))
    understanding = await over(rasa)
    for text in ("what are your opening hours", "hello", "who won the match yesterday"):
        assert await understanding.decide(text, CONTEXT) == await builtin.decide(text, CONTEXT)
    assert understanding.fallbacks == 2


async def test_a_rasa_that_is_away_is_not_asked_until_the_pause_is_over(over: Over) -> None:
    clock, rasa = Clock(), ScriptedRasa(rank=lambda _: _sure("opening"))
    understanding = await over(rasa, clock=clock)
    rasa.trouble = lambda: httpx.Response(503)
    for _ in range(10):
        await understanding.decide("is the shop open on sunday", CONTEXT)
    assert len(rasa.requests) == 3
    rasa.trouble = None
    clock.move(11)
    await understanding.decide("is the shop open on sunday", CONTEXT)
    await understanding.decide("is the shop open on monday", CONTEXT)
    assert rasa.asked == ["is the shop open on sunday", "is the shop open on monday"]
    assert understanding.fallbacks == 10
