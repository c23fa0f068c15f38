"""The brand's own words: what the bot says changes with them, holes are kept, ours come back."""

from pathlib import Path

import pytest

from bot.phrases import phrases
from bot.phrases.own import load_own, mistakes_of, save_own
from core.database import Database
from core.errors import UserMistake
from core.models import Preference
from tests.running_house import running_house


async def test_the_bot_says_it_in_the_brands_own_words_at_once(tmp_path: Path) -> None:
    async with running_house(tmp_path / "data", answers={"opening": "From 9 to 6."}) as house:
        customer = house.simulator.telegram.customer("Olha")
        customer.write("hello")
        await house.until(lambda: customer.screen.texts() == [phrases("en")["smalltalk_greeting"]])
        async with house.product.database.write() as session:
            own = {"smalltalk_greeting": "Ahoy!", "handoff_not_understood": "x"}
            with pytest.raises(UserMistake, match="there is no such phrase"):
                await save_own(session, {"en": own})
            await save_own(session, {"en": {"smalltalk_greeting": "Ahoy!", "handoff": "A sailor comes."}})
        customer.write("hello")
        await house.until(lambda: customer.screen.texts()[-1] == "Ahoy!")
        customer.write("something else")
        await house.until(lambda: "A sailor comes." in customer.screen.texts()[-1])


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("smalltalk_thanks", "You are welcome, {name}!", "{name} is not known here."),
        ("welcome", "Welcome to {shop}!", "{shop} is not known here; {brand} is."),
        ("promise_today", "Soon.", "{time} is missing."),
        ("welcome", "Hello {brand.__class__}", "braces hold a placeholder's plain name and nothing else"),
        ("welcome", "Hello {brand!r:>9999}", "braces hold a placeholder's plain name and nothing else"),
        ("welcome", "Hello {brand", "braces hold a placeholder's plain name and nothing else"),
        ("person_button", "Talk to a real person now", "a button shows at most 20 characters."),
        ("clarification", "  ", "the text is empty"),
        ("nonsense", "Hello", "there is no such phrase."),
        ("clarification", "x" * 1001, "at most 1000 characters."),
    ],
)
def test_a_text_that_cannot_stand_for_the_phrase_is_told_why(key: str, text: str, sentence: str) -> None:
    assert any(sentence in mistake for mistake in mistakes_of(key, text))


def test_the_brands_name_may_be_left_out() -> None:
    assert list(mistakes_of("welcome", "Hello there!")) == []


async def test_one_fault_refuses_all_and_tells_where(database: Database) -> None:
    async with database.write() as session:
        with pytest.raises(UserMistake, match=r"ru, welcome: \{shop\} is not known here"):
            await save_own(session, {"en": {"clarification": "Which?"}, "ru": {"welcome": "Привет, {shop}"}})
    async with database.read() as session:
        assert await load_own(session) == {}


async def test_ours_come_back_and_our_own_words_are_not_kept_as_theirs(database: Database) -> None:
    async with database.write() as session:
        await save_own(session, {"en": {"clarification": "Which?"}, "ms": {"clarification": "Yang mana?"}})
        await save_own(session, {"en": {"clarification": None, "welcome": phrases("en")["welcome"]}})
    async with database.read() as session:
        assert await load_own(session) == {"ms": {"clarification": "Yang mana?"}}


async def test_what_no_longer_fits_is_left_out_instead_of_breaking_a_turn(database: Database) -> None:
    async with database.write() as session:
        stored = {"en": {"gone_phrase": "x", "welcome": "{shop}", "clarification": "Which?"}, "xx": {"welcome": "y"}}
        session.add(Preference(key="phrases", value=stored))
    async with database.read() as session:
        assert await load_own(session) == {"en": {"clarification": "Which?"}}
