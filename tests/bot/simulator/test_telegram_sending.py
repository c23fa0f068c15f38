"""The fake Bot API with the real aiogram as its client."""

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    MessageEntity,
    ReactionTypeEmoji,
    ReplyParameters,
)

from bot.simulator.app import Simulator
from bot.simulator.demo import DEMO_TELEGRAM_TOKEN

from .conftest import MovableClock


def make_bot(simulator: Simulator, token: str = DEMO_TELEGRAM_TOKEN) -> Bot:
    api = TelegramAPIServer.from_base(f"{simulator.base_url}/telegram")
    return Bot(token, session=AiohttpSession(api=api))


@pytest.fixture
async def bot(simulator: Simulator) -> AsyncIterator[Bot]:
    bot = make_bot(simulator)
    yield bot
    await bot.session.close()


async def test_a_bot_introduces_itself_and_a_wrong_token_is_refused(simulator: Simulator, bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.id, me.is_bot, me.username) == (100000001, True, "demo_shop_bot")
    stranger = make_bot(simulator, "1:wrong")
    with pytest.raises(TelegramUnauthorizedError):
        await stranger.get_me()
    await stranger.session.close()


async def test_a_text_with_entities_and_buttons_is_on_the_customers_screen(simulator: Simulator, bot: Bot) -> None:
    anna = simulator.telegram.customer("Анна", language="ru")
    asked = anna.write("Здравствуйте")
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Да", callback_data="yes")]])
    sent = await bot.send_message(
        anna.chat_id,
        "Готово 👍 да",
        entities=[MessageEntity(type="bold", offset=0, length=6)],
        reply_markup=keyboard,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_parameters=ReplyParameters(message_id=int(asked)),
    )
    assert sent.text == "Готово 👍 да"
    shown = anna.screen.messages[str(sent.message_id)]
    assert shown.entities[0]["type"] == "bold"
    assert (shown.buttons[0][0].text, shown.reply_to, shown.state) == ("Да", asked, "read")
    call = simulator.record.entries(kind="call", name="sendMessage")[0]
    assert (call["accepted"], call["message_id"], call["customer"]) == (True, sent.message_id, anna.id)
    assert DEMO_TELEGRAM_TOKEN not in str(simulator.record.entries())


async def test_html_is_parsed_before_it_is_measured(simulator: Simulator, bot: Bot) -> None:
    anna = simulator.telegram.customer("Anna")
    anna.start()
    sent = await bot.send_message(anna.chat_id, "<b>😀bold</b> &lt;ok&gt;", parse_mode="HTML")
    assert sent.text == "😀bold <ok>"
    assert sent.entities is not None
    assert (sent.entities[0].offset, sent.entities[0].length) == (0, 6)
    long = await bot.send_message(anna.chat_id, "<b>" + "a" * 4096 + "</b>", parse_mode="HTML")
    assert len(long.text or "") == 4096
    with pytest.raises(TelegramBadRequest, match="can't parse entities"):
        await bot.send_message(anna.chat_id, "<x>no</x>", parse_mode="HTML")


@pytest.mark.parametrize(
    ("text", "words"),
    [("   ", "text is empty"), ("a" * 4097, "too long"), ("😀" * 2049, "too long")],
)
async def test_a_text_that_telegram_would_refuse_is_refused(
    simulator: Simulator, bot: Bot, text: str, words: str
) -> None:
    anna = simulator.telegram.customer("Anna")
    anna.start()
    with pytest.raises(TelegramBadRequest, match=words):
        await bot.send_message(anna.chat_id, text)
    assert anna.screen.texts() == []


async def test_an_entity_that_cuts_a_symbol_in_two_is_refused(simulator: Simulator, bot: Bot) -> None:
    anna = simulator.telegram.customer("Anna")
    anna.start()
    with pytest.raises(TelegramBadRequest, match="in a middle of a UTF-16 symbol"):
        await bot.send_message(anna.chat_id, "😀 hi", entities=[MessageEntity(type="bold", offset=1, length=2)])


async def test_only_people_who_wrote_and_did_not_block_can_be_reached(simulator: Simulator, bot: Bot) -> None:
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(5, "hi")
    anna = simulator.telegram.customer("Anna")
    with pytest.raises(TelegramForbiddenError, match="can't initiate conversation"):
        await bot.send_message(anna.chat_id, "hi")
    anna.write("hello")
    await bot.send_message(anna.chat_id, "hi")
    anna.block()
    with pytest.raises(TelegramForbiddenError, match="blocked by the user"):
        await bot.send_message(anna.chat_id, "hi again")
    anna.unblock()
    await bot.send_message(anna.chat_id, "welcome back")
    assert anna.screen.texts() == ["hi", "welcome back"]


async def test_flood_answers_carry_the_wait_twice_and_end_after_the_script(simulator: Simulator, bot: Bot) -> None:
    anna = simulator.telegram.customer("Anna")
    anna.start()
    simulator.telegram.faults.add(kind="too_many_requests", method="sendMessage", times=2, retry_after=7)
    for _ in range(2):
        with pytest.raises(TelegramRetryAfter) as caught:
            await bot.send_message(anna.chat_id, "hi")
        assert caught.value.retry_after == 7
    await bot.send_message(anna.chat_id, "hi")
    assert anna.screen.texts() == ["hi"]


async def test_an_upgraded_group_tells_its_new_id_which_then_works(simulator: Simulator, bot: Bot) -> None:
    group = simulator.telegram.customer("Operators", customer_id=-5)
    group.started = True
    simulator.telegram.faults.add(kind="migrated", migrate_to_chat_id=-100500)
    with pytest.raises(TelegramMigrateToChat) as caught:
        await bot.send_message(-5, "hi")
    await bot.send_message(caught.value.migrate_to_chat_id, "hi")
    assert group.screen.texts() == ["hi"]


async def test_a_lost_answer_was_accepted_a_lost_request_was_not(simulator: Simulator, bot: Bot) -> None:
    anna = simulator.telegram.customer("Anna")
    anna.start()
    simulator.telegram.faults.add(kind="lost_request")
    simulator.telegram.faults.add(kind="lost_answer")
    for text in ("not accepted", "accepted"):
        with pytest.raises(TelegramNetworkError):
            await bot.send_message(anna.chat_id, text)
    assert anna.screen.texts() == ["accepted"]
    calls = simulator.record.entries(kind="call", name="sendMessage")
    assert [(call["accepted"], call["fault"]) for call in calls] == [(False, "lost_request"), (True, "lost_answer")]


async def test_a_broken_proxy_answers_html(simulator: Simulator, bot: Bot) -> None:
    anna = simulator.telegram.customer("Anna")
    anna.start()
    simulator.telegram.faults.add(kind="html_502")
    with pytest.raises(ClientDecodeError):
        await bot.send_message(anna.chat_id, "hi")
    assert anna.screen.texts() == []


async def test_a_slow_answer_is_accepted_before_the_client_gives_up(simulator: Simulator) -> None:
    anna = simulator.telegram.customer("Anna")
    anna.start()
    simulator.telegram.faults.add(kind="slow", seconds=6000)
    bot = make_bot(simulator)
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(anna.chat_id, "hi", request_timeout=1)
    assert anna.screen.texts() == ["hi"]
    simulator.pace.advance(6000)
    await bot.session.close()


async def test_edits_and_deletions_change_the_screen(simulator: Simulator, bot: Bot) -> None:
    anna = simulator.telegram.customer("Anna")
    own = anna.write("hello")
    sent = await bot.send_message(anna.chat_id, "one")
    await bot.edit_message_text("two", chat_id=anna.chat_id, message_id=sent.message_id)
    assert anna.screen.texts() == ["two"]
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text("two", chat_id=anna.chat_id, message_id=sent.message_id)
    with pytest.raises(TelegramBadRequest, match="can't be edited"):
        await bot.edit_message_text("two", chat_id=anna.chat_id, message_id=int(own))
    await bot.delete_message(anna.chat_id, sent.message_id)
    assert anna.screen.texts() == []
    with pytest.raises(TelegramBadRequest, match="not found"):
        await bot.delete_message(anna.chat_id, sent.message_id)


async def test_a_press_can_be_answered_once_and_in_time(simulator: Simulator, bot: Bot, clock: MovableClock) -> None:
    anna = simulator.telegram.customer("Anna")
    anna.start()
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Yes", callback_data="yes")]])
    await bot.send_message(anna.chat_id, "Helpful?", reply_markup=keyboard)
    query = anna.press("Yes")
    assert await bot.answer_callback_query(query, text="Thanks")
    assert anna.screen.toast == "Thanks"
    late = anna.press("Yes")
    clock.move(seconds=151)
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(late)


async def test_the_typing_sign_ends_after_five_seconds_or_with_a_message(
    simulator: Simulator, bot: Bot, clock: MovableClock
) -> None:
    anna = simulator.telegram.customer("Anna")
    anna.start()
    await bot.send_chat_action(anna.chat_id, "typing")
    assert anna.screen.typing
    clock.move(seconds=6)
    assert not anna.screen.typing
    await bot.send_chat_action(anna.chat_id, "typing")
    await bot.send_message(anna.chat_id, "hi")
    assert not anna.screen.typing


async def test_files_go_both_ways(simulator: Simulator, bot: Bot) -> None:
    anna = simulator.telegram.customer("Anna")
    anna.document(b"my order", name="order.pdf")
    update = (await bot.get_updates())[0]
    assert update.message is not None
    assert update.message.document is not None
    received = await bot.download(update.message.document)
    assert received is not None
    assert received.read() == b"my order"
    photo = await bot.send_photo(anna.chat_id, BufferedInputFile(b"\x89PNG", "a.png"), caption="Here")
    assert photo.caption == "Here"
    assert photo.photo is not None
    again = await bot.send_photo(anna.chat_id, photo.photo[-1].file_id)
    assert [picture.size for picture in anna.screen.messages[str(again.message_id)].pictures] == [4]
    with pytest.raises(TelegramBadRequest, match="wrong file identifier"):
        await bot.send_photo(anna.chat_id, "nonsense")


async def test_small_methods_answer(simulator: Simulator, bot: Bot) -> None:
    anna = simulator.telegram.customer("Anna")
    own = anna.write("hello")
    assert (await bot.get_chat(anna.chat_id)).first_name == "Anna"
    assert (await bot.get_user_profile_photos(anna.chat_id)).total_count == 0
    await bot.set_message_reaction(anna.chat_id, int(own), reaction=[ReactionTypeEmoji(emoji="👍")])
    assert anna.screen.messages[own].reactions == {"brand": "👍"}
    assert await bot.set_my_commands([])


async def test_chance_faults_repeat_with_the_same_seed() -> None:
    from bot.simulator.faults import Faults

    def strikes() -> list[bool]:
        faults = Faults(known=frozenset(), seed=5)
        faults.add(kind="lost_answer", times=None, probability=0.3)
        return [faults.strike("sendMessage") is not None for _ in range(50)]

    assert strikes() == strikes()
    assert 3 < sum(strikes()) < 30
