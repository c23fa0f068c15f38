"""Conversations through the front door: what customers and agents do, and what they see. On both databases."""

import pytest

from bot.phrases import phrases
from core.messages import Author, ConversationStatus, EventKind, MessageState, Purpose
from tests.integration.conftest import ANSWERS, LONG_ANSWER
from tests.integration.desk import Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")
OPENING, DELIVERY, RETURNS = ANSWERS["opening"], ANSWERS["delivery"], ANSWERS["returns"]
WAITING, OPEN, BOT = ConversationStatus.WAITING, ConversationStatus.OPEN, ConversationStatus.BOT


async def test_a_burst_of_messages_is_one_turn(desk: Desk) -> None:
    for platform in (desk.house.simulator.telegram, desk.house.simulator.messenger):
        customer = platform.customer("Burst")
        customer.write("ask opening")
        customer.write("ask delivery")
        await desk.until_shown(customer, OPENING, DELIVERY)
        first, second = await desk.messages(customer, author=Author.BOT)
        assert first.created_at == second.created_at


async def test_who_never_pauses_gets_a_decision_all_the_same(desk: Desk) -> None:
    customer = desk.house.simulator.telegram.customer("Talker")

    async def is_decided_while_talking() -> bool:
        customer.write("mystery")
        found = await desk.conversation(customer)
        return found is not None and found.status == WAITING

    await desk.house.until(is_decided_while_talking, seconds=20)


async def test_an_edit_while_the_bot_thinks_changes_the_question(desk: Desk) -> None:
    customer = desk.house.simulator.telegram.customer("Editor")
    number = customer.write("slow ask opening#edited")
    await desk.gates.begun["slow ask opening#edited"].wait()
    customer.edit(number, "ask delivery")

    async def is_edited() -> bool:
        (message,) = await desk.messages(customer, author=Author.CUSTOMER)
        return message.text == "ask delivery"

    await desk.house.until(is_edited)
    desk.gates.opened["slow ask opening#edited"].set()
    await desk.until_shown(customer, DELIVERY)


async def test_an_edit_after_the_answer_is_shown_as_edited_and_not_answered_twice(desk: Desk) -> None:
    for platform in (desk.house.simulator.telegram, desk.house.simulator.messenger):
        customer = platform.customer("Late editor")
        number = customer.write("ask opening")
        await desk.until_shown(customer, OPENING)
        customer.edit(number, "ask delivery")

        async def is_edited(customer: object = customer) -> bool:
            return (await desk.messages(customer, author=Author.CUSTOMER))[0].edited_at is not None  # type: ignore[arg-type]

        await desk.house.until(is_edited)
        customer.write("ask returns")
        await desk.until_shown(customer, OPENING, RETURNS)
        edited = (await desk.messages(customer, author=Author.CUSTOMER))[0]
        assert (edited.text, [one["text"] for one in edited.edits]) == ("ask delivery", ["ask opening"])


async def test_an_album_is_one_turn_and_its_pictures_are_kept(desk: Desk) -> None:
    customer = desk.house.simulator.telegram.customer("Photographer")
    customer.album(("ask opening", "", ""))
    await desk.until_shown(customer, OPENING)
    await desk.until_settled(customer, messages=3)
    assert len(await desk.messages(customer, author=Author.BOT)) == 1

    async def are_kept() -> bool:
        kept = [one.attachments[0].get("stored") for one in await desk.messages(customer, author=Author.CUSTOMER)]
        return len(set(kept)) == 3 and None not in kept

    await desk.house.until(are_kept)


async def test_a_deleted_question_is_not_answered(desk: Desk) -> None:
    customer = desk.house.simulator.telegram.customer("Regretful")
    number = customer.write("slow ask opening#deleted")
    await desk.gates.begun["slow ask opening#deleted"].wait()
    content = {
        "business_connection_id": "",
        "chat": customer.as_chat(),
        "message_ids": [int(number)],
    }
    desk.house.simulator.telegram.put("deleted_business_messages", content)

    async def is_deleted() -> bool:
        (message,) = await desk.messages(customer, author=Author.CUSTOMER)
        return message.deleted_at is not None

    await desk.house.until(is_deleted)
    desk.gates.opened["slow ask opening#deleted"].set()
    customer.write("ask delivery")
    await desk.until_shown(customer, DELIVERY)
    (gone, _) = await desk.messages(customer, author=Author.CUSTOMER)
    assert gone.text == ""


async def test_one_conversation_in_trouble_never_holds_up_another(desk: Desk) -> None:
    telegram = desk.house.simulator.telegram
    stuck, thinking, calm = telegram.customer("Stuck"), telegram.customer("Thinking"), telegram.customer("Calm")
    telegram.faults.add(kind="server_error", method="sendMessage", times=None, customer=stuck.id)
    stuck.write("ask opening")
    thinking.write("slow ask opening#other")
    await desk.gates.begun["slow ask opening#other"].wait()
    calm.write("ask delivery")
    await desk.until_shown(calm, DELIVERY)
    assert stuck.screen.texts() == thinking.screen.texts() == []
    telegram.faults.clear()
    desk.gates.opened["slow ask opening#other"].set()
    await desk.until_shown(thinking, OPENING)
    await desk.until_shown(stuck, OPENING)


async def test_answers_of_one_conversation_keep_their_order_though_the_first_has_trouble(desk: Desk) -> None:
    telegram = desk.house.simulator.telegram
    customer = telegram.customer("Ordered")
    telegram.faults.add(kind="server_error", method="sendMessage", times=1, customer=customer.id)
    customer.write("ask opening")
    await desk.until_state(customer, MessageState.PENDING)
    customer.write("ask delivery")
    await desk.until_shown(customer, OPENING, DELIVERY)


async def test_two_close_candidates_become_buttons_and_the_press_is_answered(desk: Desk) -> None:
    for platform in (desk.house.simulator.telegram, desk.house.simulator.messenger):
        customer = platform.customer("Unsure")
        customer.write("which opening or delivery")
        await desk.house.until(lambda customer=customer: len(customer.screen.texts()) == 1)
        _, button = customer.screen.find_button("entry:delivery")
        customer.press(button.text)
        await desk.until_shown(customer, phrases("en")["clarification"], DELIVERY)


async def test_words_beside_a_press_are_not_lost(desk: Desk) -> None:
    customer = desk.house.simulator.messenger.customer("Talkative presser")
    customer.write("which opening or delivery")
    await desk.house.until(lambda: len(customer.screen.texts()) == 1)
    customer.press("entry:delivery")
    customer.write("ask returns")
    await desk.until_shown(customer, phrases("en")["clarification"], DELIVERY, RETURNS)


async def test_a_second_failure_becomes_a_case(desk: Desk) -> None:
    customer = desk.house.simulator.telegram.customer("Unlucky")
    customer.write("which opening or delivery")
    await desk.house.until(lambda: len(customer.screen.texts()) == 1)
    customer.write("which opening or delivery")
    await desk.until_status(customer, WAITING)
    assert len(await desk.cases(customer)) == 1


async def test_the_button_for_a_person_fetches_one(desk: Desk) -> None:
    customer = desk.house.simulator.telegram.customer("Wants a person")
    customer.write("which opening or delivery")
    await desk.house.until(lambda: len(customer.screen.texts()) == 1)
    customer.press("person")
    await desk.until_status(customer, WAITING)
    (case,) = await desk.cases(customer)
    assert case.reason == "asked_for_human"
    await desk.house.until(lambda: len(customer.screen.texts()) == 2)


async def test_a_picture_alone_becomes_a_case_and_the_customer_is_told(desk: Desk) -> None:
    for platform in (desk.house.simulator.telegram, desk.house.simulator.messenger):
        customer = platform.customer("Silent photographer")
        customer.photo()
        await desk.until_status(customer, WAITING)
        assert [case.reason for case in await desk.cases(customer)] == ["media_only"]
        await desk.house.until(lambda customer=customer: len(customer.screen.texts()) == 1)


async def test_a_broken_understanding_becomes_a_case(desk: Desk) -> None:
    customer = desk.house.simulator.telegram.customer("Breaks it")
    customer.write("break")
    await desk.until_status(customer, WAITING)
    (case,) = await desk.cases(customer)
    assert (case.reason, case.question) == ("error", "break")
    await desk.house.until(lambda: len(customer.screen.texts()) == 1)


async def test_late_answer_becomes_a_draft_when_an_agent_took_over(desk: Desk) -> None:
    customer = desk.house.simulator.telegram.customer("Taken over")
    customer.write("slow ask opening#draft")
    await desk.gates.begun["slow ask opening#draft"].wait()
    await desk.do(customer, "claim")
    desk.gates.opened["slow ask opening#draft"].set()
    await desk.until_settled(customer, messages=1)
    (draft,) = await desk.messages(customer, author=Author.BOT)
    assert (draft.purpose, draft.text, draft.state) == (Purpose.DRAFT, OPENING, MessageState.HANDLED)
    await desk.do(customer, "messages", text="Ann here.")
    await desk.until_shown(customer, "Ann here.")


async def test_the_bot_is_silent_while_people_have_it_and_answers_after_the_hand_back(desk: Desk) -> None:
    customer = desk.house.simulator.telegram.customer("Patient")
    customer.write("mystery")
    await desk.until_status(customer, WAITING)
    await desk.house.until(lambda: len(customer.screen.texts()) == 1)
    told = customer.screen.texts()
    customer.write("ask opening")
    await desk.until_settled(customer, messages=2)
    await desk.do(customer, "claim")
    customer.write("ask delivery")
    await desk.until_settled(customer, messages=3)
    assert customer.screen.texts() == told
    await desk.do(customer, "messages", text="Ann here.")
    await desk.until_shown(customer, *told, "Ann here.")
    await desk.do(customer, "handback")
    customer.write("ask returns")
    await desk.until_shown(customer, *told, "Ann here.", RETURNS)


async def test_whoever_waits_for_a_long_thought_sees_that_the_bot_types(desk: Desk) -> None:
    customer = desk.house.simulator.telegram.customer("Sees it type")
    customer.write("slow ask opening#typing")
    await desk.house.until(lambda: customer.screen.typing)
    desk.gates.opened["slow ask opening#typing"].set()
    await desk.until_shown(customer, OPENING)


async def test_what_nobody_answered_is_the_bots_question_after_the_hand_back(desk: Desk) -> None:
    customer = desk.house.simulator.telegram.customer("Not forgotten")
    customer.write("mystery")
    await desk.until_status(customer, WAITING)
    await desk.do(customer, "claim")
    await desk.do(customer, "messages", text="That is solved.")
    customer.write("ask opening")
    await desk.until_settled(customer, messages=2)
    told = [*customer.screen.texts()]
    await desk.do(customer, "handback")
    await desk.until_shown(customer, *told, OPENING)


async def test_handed_back_with_a_question_the_bot_does_not_know_it_comes_to_people_again(desk: Desk) -> None:
    customer = desk.house.simulator.telegram.customer("Comes again")
    customer.write("mystery")
    await desk.until_status(customer, WAITING)
    await desk.do(customer, "claim")
    await desk.do(customer, "handback")
    await desk.until_status(customer, WAITING)
    assert len(await desk.cases(customer)) == 2


async def test_a_resolved_conversation_goes_back_to_the_bot_when_the_customer_writes(desk: Desk) -> None:
    customer = desk.house.simulator.messenger.customer("Comes back")
    customer.write("mystery")
    await desk.until_status(customer, WAITING)
    await desk.do(customer, "claim")
    await desk.do(customer, "messages", text="Solved.")
    await desk.do(customer, "resolve")
    customer.write("ask opening")
    await desk.house.until(lambda: customer.screen.texts()[-2:] == ["Solved.", OPENING])
    assert EventKind.REOPEN in await desk.events(customer)
    assert (await desk.the_conversation(customer)).status == BOT


async def test_who_answers_in_the_pages_inbox_takes_the_conversation(desk: Desk) -> None:
    page = desk.house.simulator.messenger
    customer = page.customer("Inbox customer")
    customer.write("slow ask opening#inbox")
    await desk.gates.begun["slow ask opening#inbox"].wait()
    await page.agent_writes(customer.id, "A person here.")
    await desk.until_status(customer, OPEN)
    desk.gates.opened["slow ask opening#inbox"].set()
    customer.write("ask delivery")
    await desk.until_settled(customer, messages=2)
    assert customer.screen.texts() == ["A person here."]
    assert (await desk.the_conversation(customer)).waiting_since is not None, "the second question waits for a person"


async def test_an_echo_that_comes_before_the_answer_of_the_call_is_ours(desk: Desk) -> None:
    customer = desk.house.simulator.messenger.customer("Echoed")
    customer.write("ask opening")
    await desk.until_shown(customer, OPENING)
    await desk.until_state(customer, MessageState.READ)
    assert (await desk.the_conversation(customer)).status == BOT
    assert len(await desk.messages(customer)) == 2


async def test_long_texts_arrive_in_pieces_and_in_order(desk: Desk) -> None:
    for platform in (desk.house.simulator.telegram, desk.house.simulator.messenger):
        customer = platform.customer("Reader")
        customer.write("ask everything")
        await desk.until_settled(customer, messages=1)
        pieces = customer.screen.texts()
        assert len(pieces) > 1
        assert " ".join(" ".join(pieces).split()) == " ".join(LONG_ANSWER.split())
        (message,) = await desk.messages(customer, author=Author.BOT)
        assert len(await desk.deliveries(message)) == len(pieces)


async def test_receipts_only_move_forward(desk: Desk) -> None:
    page = desk.house.simulator.messenger
    customer = page.customer("Reads")
    customer.write("ask opening")
    await desk.until_state(customer, MessageState.READ)
    (shown,) = [one for one in customer.screen.messages.values() if one.author == "brand"]
    page.emit(customer, delivery={"mids": [shown.id], "watermark": page.milliseconds()})
    customer.write("ask delivery")
    await desk.until_state(customer, MessageState.READ, MessageState.READ)


async def test_a_handed_off_conversation_whose_thread_another_app_takes_stays_with_people(desk: Desk) -> None:
    page = desk.house.simulator.messenger
    customer = page.customer("Moved to another app")
    customer.write("slow ask opening#thread")
    await desk.gates.begun["slow ask opening#thread"].wait()
    page.take_thread(customer.id)
    await desk.until_status(customer, OPEN)
    desk.gates.opened["slow ask opening#thread"].set()
    await desk.until_settled(customer, messages=1)
    conversation = await desk.the_conversation(customer)
    assert customer.screen.texts() == []
    assert conversation.waiting_since is not None, "nobody has answered yet"
