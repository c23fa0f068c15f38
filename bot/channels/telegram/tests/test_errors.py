"""The table of CHANNELS.md 1.6, over the answers of the payload pack and worse ones."""

import asyncio
import json
from pathlib import Path
from typing import Any, Final

import pytest

from bot.channel import Acceptance, Outbound, Signal, SignalKind
from bot.channels.telegram.tests.canned import canned
from bot.channels.telegram.tests.opened import opened
from core.errors import (
    AccountStopped,
    ConversationMoved,
    NotSendable,
    OutcomeUnknown,
    RecipientGone,
    SendError,
    TryLater,
)
from core.messages import Author, Purpose

MEANING: Final[dict[str, type[SendError] | type[Acceptance]]] = {
    "err_400_chat_not_found": RecipientGone,
    "err_400_empty": NotSendable,
    "err_400_file_too_big": NotSendable,
    "err_400_migrate": ConversationMoved,
    "err_400_not_modified": Acceptance,
    "err_400_parse_entities": NotSendable,
    "err_400_query_too_old": Acceptance,
    "err_400_too_long": NotSendable,
    "err_401": AccountStopped,
    "err_403_blocked": RecipientGone,
    "err_403_cant_initiate": RecipientGone,
    "err_403_deactivated": RecipientGone,
    "err_403_kicked_supergroup": RecipientGone,
    "err_404": AccountStopped,
    "err_409_other_get_updates": TryLater,
    "err_409_webhook_active": TryLater,
    "err_429": TryLater,
    "err_502_html": TryLater,
    "ok_get_file": Acceptance,
    "ok_send_message": Acceptance,
    "ok_true": Acceptance,
}


def outbound(**given: Any) -> Outbound:
    fields = {"key": "k", "thread": "7", "author": Author.BOT, "purpose": Purpose.ANSWER, "text": "Hello", **given}
    return Outbound(**fields)


async def outcome(status: int, body: bytes, **given: Any) -> SendError | Acceptance:
    async with canned(status, body) as server, opened(server.base_url) as channel:
        try:
            return await channel.send(outbound(**given))
        except SendError as error:
            return error


async def packed(shared_dir: Path, name: str, **given: Any) -> SendError | Acceptance:
    found = json.loads((shared_dir / "data/payloads/responses/telegram" / f"{name}.json").read_bytes())
    body = found["body"]
    return await outcome(found["status"], (body if isinstance(body, str) else json.dumps(body)).encode(), **given)


async def test_every_answer_of_the_pack_means_what_the_table_says(shared_dir: Path) -> None:
    names = [path.stem for path in (shared_dir / "data/payloads/responses/telegram").glob("*.json")]
    outcomes = await asyncio.gather(*(packed(shared_dir, name) for name in names))
    assert {name: type(outcome) for name, outcome in zip(names, outcomes, strict=True)} == MEANING


async def test_a_flood_limit_stops_the_whole_account_for_the_time_asked(shared_dir: Path) -> None:
    error = await packed(shared_dir, "err_429")
    assert isinstance(error, TryLater)
    assert error.scope == "account"
    assert error.after_seconds is not None
    assert 30 <= error.after_seconds <= 31


async def test_a_moved_group_is_named_with_its_new_thread(shared_dir: Path) -> None:
    error = await packed(shared_dir, "err_400_migrate", thread="-55")
    assert isinstance(error, ConversationMoved)
    assert error.thread == "-1001000000003"


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (200, b"<html>ok</html>", OutcomeUnknown),
        (200, b"", OutcomeUnknown),
        (200, b'{"ok": true}', OutcomeUnknown),
        (200, b'{"ok": true, "result": {"mess', OutcomeUnknown),
        (200, b"\xff\xfe\xfd", OutcomeUnknown),
        (200, b"[" * 100_000, OutcomeUnknown),
        (200, b'{"ok": false, "error_code": 403, "description": "Forbidden"}', RecipientGone),
        (403, b"<html>firewall</html>", TryLater),
        (401, b"<html>proxy</html>", TryLater),
        (404, b"<html>no such page</html>", TryLater),
        (413, b"<html>too large</html>", NotSendable),
        (429, b"<html>slow down</html>", TryLater),
        (500, b'{"ok": false, "error_code": 500}', TryLater),
        (503, b"", TryLater),
        (418, b'{"ok": false}', NotSendable),
    ],
)
async def test_odd_answers_never_mean_more_than_they_say(status: int, body: bytes, meaning: type[SendError]) -> None:
    assert type(await outcome(status, body)) is meaning


async def test_a_message_of_an_unknown_shape_was_taken_all_the_same() -> None:
    body = b'{"ok": true, "result": {"message_id": 12, "chat": {"id": 7, "type": "teapot"}, "from": 3, "date": null}}'
    found = await outcome(200, body)
    assert isinstance(found, Acceptance)
    assert found.external_id == "7:12"


async def test_a_late_press_is_acknowledged_without_error(shared_dir: Path) -> None:
    found = json.loads((shared_dir / "data/payloads/responses/telegram/err_400_query_too_old.json").read_bytes())
    async with canned(400, json.dumps(found["body"]).encode()) as server, opened(server.base_url) as channel:
        await channel.signal(Signal(kind=SignalKind.PRESS_RECEIVED, thread="7", reference="1"))
    assert server.methods == ["answerCallbackQuery"]
