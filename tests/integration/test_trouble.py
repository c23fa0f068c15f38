"""When platforms, customers and credentials make trouble: what is sent, what is kept, who gets it. On both databases."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from bot.accounts import DEMO
from bot.cli import app as command_line
from bot.models import InboxItem, InboxState
from bot.simulator import demo
from bot.simulator.graph.signing import raw_body, signature_headers
from core.messages import Author, ConversationStatus, MessageState
from tests.integration.conftest import ANSWERS
from tests.integration.desk import Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")
OPENING, DELIVERY = ANSWERS["opening"], ANSWERS["delivery"]
WAITING, OPEN, BOT = ConversationStatus.WAITING, ConversationStatus.OPEN, ConversationStatus.BOT
SENT, READ, FAILED, IN_DOUBT = MessageState.SENT, MessageState.READ, MessageState.FAILED, MessageState.IN_DOUBT


async def test_a_lost_answer_on_telegram_is_in_doubt_goes_to_a_person_and_is_not_repeated(desk: Desk) -> None:
    telegram = desk.house.simulator.telegram
    customer = telegram.customer("In doubt")
    telegram.faults.add(kind="lost_answer", method="sendMessage", customer=customer.id)
    customer.write("ask opening")
    await desk.until_status(customer, WAITING)
    await desk.until_state(customer, IN_DOUBT)
    (case,) = await desk.cases(customer)
    assert (case.reason, case.question) == ("delivery_in_doubt", "ask opening")
    await desk.do(customer, "messages", text="Did you get our answer?")
    await desk.until_shown(customer, OPENING, "Did you get our answer?")


async def test_a_lost_answer_on_messenger_is_settled_by_its_echo(desk: Desk) -> None:
    page = desk.house.simulator.messenger
    customer = page.customer("Echo settles")
    page.faults.add(kind="lost_answer", method="messages", customer=customer.id, times=None)
    customer.write("ask opening")
    await desk.until_shown(customer, OPENING)
    page.faults.clear()

    async def is_settled() -> bool:
        found = await desk.messages(customer, author=Author.BOT)
        return [one.state in (SENT, MessageState.DELIVERED, READ) for one in found] == [True]

    await desk.house.until(is_settled, seconds=20)
    assert (await desk.the_conversation(customer)).status == BOT
    assert customer.screen.texts() == [OPENING]


async def test_asked_to_slow_down_it_waits_and_sends_once(desk: Desk) -> None:
    telegram = desk.house.simulator.telegram
    customer = telegram.customer("Flooded")
    telegram.faults.add(kind="too_many_requests", method="sendMessage", customer=customer.id, times=2, retry_after=1)
    customer.write("ask opening")
    await desk.until_shown(customer, OPENING)
    await desk.until_state(customer, SENT)
    (message,) = await desk.messages(customer, author=Author.BOT)
    assert message.attempts == 3


async def test_who_blocked_us_is_unreachable_until_he_comes_back(desk: Desk) -> None:
    customer = desk.house.simulator.telegram.customer("Blocker")
    customer.write("slow ask opening#blocked")
    await desk.gates.begun["slow ask opening#blocked"].wait()
    customer.blocked = True  # the platform refuses before it tells us
    desk.gates.opened["slow ask opening#blocked"].set()
    await desk.until_state(customer, FAILED)
    assert not await desk.is_reachable(customer)
    customer.unblock()

    async def is_back() -> bool:
        return await desk.is_reachable(customer)

    await desk.house.until(is_back)
    customer.write("ask delivery")
    await desk.until_shown(customer, DELIVERY)


async def test_blocking_stops_what_was_still_to_be_sent(desk: Desk) -> None:
    telegram = desk.house.simulator.telegram
    customer = telegram.customer("Blocks in time")
    telegram.faults.add(kind="server_error", method="sendMessage", customer=customer.id, times=None)
    customer.write("ask opening")
    await desk.until_state(customer, MessageState.PENDING)
    customer.block()
    await desk.until_state(customer, FAILED)
    telegram.faults.clear()
    assert customer.screen.texts() == []


async def test_outside_the_window_a_person_gets_it(desk: Desk) -> None:
    page = desk.house.simulator.messenger
    customer = page.customer("Too late")
    customer.write("slow ask opening#window")
    await desk.gates.begun["slow ask opening#window"].wait()
    page.faults.add(kind="outside_window", method="messages", customer=customer.id, times=None)
    desk.gates.opened["slow ask opening#window"].set()
    await desk.until_status(customer, WAITING)
    assert [(case.reason, case.question) for case in await desk.cases(customer)] == [
        ("window_closed", "slow ask opening#window")
    ]
    await desk.until_state(customer, FAILED)
    page.faults.clear()


async def test_when_another_app_has_the_thread_its_people_get_it_and_the_customer_still_waits(desk: Desk) -> None:
    page = desk.house.simulator.messenger
    customer = page.customer("Elsewhere")
    customer.write("slow ask opening#elsewhere")
    await desk.gates.begun["slow ask opening#elsewhere"].wait()
    customer.owner = "999"
    desk.gates.opened["slow ask opening#elsewhere"].set()
    await desk.until_status(customer, OPEN)
    await desk.until_state(customer, FAILED)
    assert [case.reason for case in await desk.cases(customer)] == ["thread_elsewhere"]
    assert (await desk.the_conversation(customer)).waiting_since is not None


async def test_a_group_that_moved_gets_its_answer_under_the_new_key(desk: Desk) -> None:
    telegram = desk.house.simulator.telegram
    customer = telegram.customer("Moving", customer_id=700_500_001)
    new = -1001000000777 - len(telegram.customers)
    telegram.faults.add(kind="migrated", method="sendMessage", customer=customer.id, migrate_to_chat_id=new)
    customer.write("ask opening")
    await desk.until_shown(customer, OPENING)
    assert await desk.conversation(customer) is None, "the old key is gone"


async def test_small_signs_never_hold_anything_up(desk: Desk) -> None:
    telegram = desk.house.simulator.telegram
    customer = telegram.customer("No signs")
    telegram.faults.add(kind="slow", method="sendChatAction", times=None, seconds=3600)
    customer.write("ask opening")
    await desk.until_shown(customer, OPENING)
    telegram.faults.clear()


async def test_repeated_webhooks_are_ignored(desk: Desk) -> None:
    page = desk.house.simulator.messenger
    customer = page.customer("Repeated")
    page.webhook.hold()
    customer.write("ask opening")
    page.webhook.release(copies=3)
    await desk.until_shown(customer, OPENING)
    customer.write("ask delivery")
    await desk.until_shown(customer, OPENING, DELIVERY)
    await desk.until_settled(customer, messages=2)


async def test_one_bad_item_stops_neither_its_batch_nor_the_queue(desk: Desk) -> None:
    customer = desk.house.simulator.messenger.customer("Beside the bad one")
    good = {
        "sender": {"id": customer.id},
        "recipient": {"id": demo.DEMO_PAGE_ID},
        "timestamp": desk.house.simulator.messenger.milliseconds(),
        "message": {"mid": f"m_good_{customer.id}", "text": "ask opening"},
    }
    bad: list[Any] = [{"sender": "nonsense"}, None, 7, {"sender": {"id": "1"}, "message": "words"}, [[[]]]]
    customer.last_action_at = desk.house.simulator.messenger.pace.now()
    desk.house.simulator.messenger.inject(
        {"object": "page", "entry": [{"id": demo.DEMO_PAGE_ID, "time": 1, "messaging": [*bad, good]}, *bad]}
    )
    telegram = desk.house.simulator.telegram
    other = telegram.customer("Behind the bad ones")
    for poison in ({"message": None}, {"message": []}, {"edited_message": 5}, {"message": {"chat": {}}}, {}):
        telegram.inject(poison)
    other.write("ask delivery")
    await desk.until_shown(customer, OPENING)
    await desk.until_shown(other, DELIVERY)


async def test_dead_letters_are_listed_and_replayed_by_the_command(desk: Desk) -> None:
    telegram = desk.house.simulator.telegram
    customer = telegram.customer("Replayed")
    telegram.faults.add(kind="lost_request", method="sendMessage", customer=customer.id)
    customer.write("ask opening")
    await desk.until_state(customer, IN_DOUBT)
    (message,) = await desk.messages(customer, author=Author.BOT)
    telegram.inject({"message": None})
    await desk.house.until(lambda: _some_letter_is_dead(desk))
    letter = f"out-{message.id}"
    listed = await _command(desk, "list")
    assert letter in listed
    assert "in-" in listed
    await _command(desk, "replay", letter)
    await desk.until_shown(customer, OPENING)
    await desk.until_state(customer, SENT)
    assert letter not in await _command(desk, "list")
    assert "is not a dead letter" in await _command(desk, "replay", letter, exit_code=2)


async def _some_letter_is_dead(desk: Desk) -> bool:
    async with desk.house.product.database.read() as session:
        return await session.scalar(select(func.count()).where(InboxItem.state == InboxState.DEAD)) != 0


async def _command(desk: Desk, *words: str, exit_code: int = 0) -> str:
    """`replydesk dead-letter …` on this house's database, in a thread because it runs an event loop of its own."""
    url = desk.house.product.database.url.render_as_string(hide_password=False)
    result = await asyncio.to_thread(
        CliRunner().invoke, command_line, ["dead-letter", *words], env={"REPLYDESK_DATABASE_URL": url}
    )
    assert result.exit_code == exit_code, result.output
    return str(result.output)


async def test_requests_that_are_not_the_platforms_are_refused_and_leave_no_row(desk: Desk) -> None:
    before = await _rows(desk)
    messenger, telegram = (f"{desk.house.url}/webhooks/{channel}/{DEMO}" for channel in ("messenger", "telegram"))
    body = raw_body({"object": "page", "entry": [{"id": "1", "messaging": []}]})
    async with httpx.AsyncClient() as http:

        async def status(url: str, content: bytes = body, **headers: Any) -> int:
            return (await http.post(url, content=content, headers=headers)).status_code

        assert await status(messenger) == 401
        for trouble in ("wrong_signature", "non_ascii_signature"):
            wrong = signature_headers(demo.DEMO_APP_SECRET, body, trouble=trouble)
            assert (await http.post(messenger, content=body, headers=list(wrong.items()))).status_code == 403
        assert await status(telegram) == 401
        assert await status(telegram, **{"X-Telegram-Bot-Api-Secret-Token": "guessed"}) == 401
        assert await status(messenger, b"x" * (3 * 1024 * 1024 + 1)) == 413
        assert (await http.post(messenger, content=_endless())).status_code == 413
        assert await status(f"{desk.house.url}/webhooks/messenger/nobody") == 404
        assert await status(f"{desk.house.url}/webhooks/nothing/{DEMO}") == 404
        assert (await http.put(messenger, content=body)).status_code == 405
        wrong_token = {"hub.mode": "subscribe", "hub.verify_token": "guessed", "hub.challenge": "1"}
        assert (await http.get(messenger, params=wrong_token)).status_code == 403
    assert await _rows(desk) == before


async def _endless() -> Any:
    """Four megabytes in pieces, with no length said before."""
    for _ in range(64):
        yield b"x" * 65536


async def _rows(desk: Desk) -> int:
    async with desk.house.product.database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(InboxItem)) or 0)


async def test_items_as_odd_as_can_be_are_kept_and_buried(desk: Desk) -> None:
    """Nested beyond reason, beyond numbers, with NUL and lone surrogates: a 200, and never a stuck queue."""
    secret = desk.house.product.vault.derive(f"webhook/telegram/{DEMO}")
    url = f"{desk.house.url}/webhooks/telegram/{DEMO}"
    odd = [
        b"[" * 900 + b"]" * 900,
        b"[" * 100_000,
        b'{"update_id": 1e999, "message": {"chat": {"id": 1e400}}}',
        b'{"update_id": 99000001, "message": {"message_id": 1, "date": 1e18, "chat": {"id": 5, "type": "private"}}}',
        b'{"update_id": 99000002, "message": {"message_id": 2, "date": 5, "text": "\\u0000 \\udfff", "chat": 7}}',
        b"\xff\xfe\x00",
        b"",
        b"null",
    ]
    async with httpx.AsyncClient() as http:
        for body in odd:
            answer = await http.post(url, content=body, headers={"X-Telegram-Bot-Api-Secret-Token": secret})
            assert answer.status_code == 200, body[:60]
    customer = desk.house.simulator.telegram.customer("After the odd ones")
    customer.write("ask opening")
    await desk.until_shown(customer, OPENING)
