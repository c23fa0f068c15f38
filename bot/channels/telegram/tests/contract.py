"""What the contract suite must know of Telegram."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from bot.channels.telegram.settings import TelegramCredentials
from bot.channels.telegram.tests.fates import FIXTURES
from bot.simulator.app import Simulator
from bot.simulator.server import running_simulator
from core.errors import (
    AccountStopped,
    ConversationMoved,
    ElsewhereOwned,
    NotSendable,
    OutcomeUnknown,
    RecipientGone,
    SendError,
    TryLater,
    WindowClosed,
)
from tests.contract.case import DEAD_TOKEN, LOST_ANSWER, RATE_LIMIT, RECIPIENT_GONE, REFUSED, ContractCase, Taken

TOKEN: Final = "7300000001:contract-token-of-the-harbour-tea-bot"
WEBHOOK_SECRET: Final = "contract_webhook_secret"
SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"

FAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    RATE_LIMIT: {"kind": "too_many_requests", "retry_after": 3},
    RECIPIENT_GONE: {"kind": "blocked"},
    DEAD_TOKEN: {"kind": "unauthorized"},
    LOST_ANSWER: {"kind": "lost_answer"},
    REFUSED: {"kind": "message_too_long"},
    "never_written": {"kind": "cannot_initiate"},
    "deactivated": {"kind": "deactivated"},
    "unknown_chat": {"kind": "chat_not_found"},
    "deleted_bot": {"kind": "not_found"},
    "group_moved": {"kind": "migrated"},
    "broken_proxy": {"kind": "html_502"},
    "server_error": {"kind": "server_error"},
    "other_poller": {"kind": "other_poller"},
    "file_too_big": {"kind": "entity_too_large"},
    "entities_refused_twice": {"kind": "cannot_parse_entities", "times": 2},
    "connection_cut": {"kind": "lost_request"},
    "business_window": {"kind": "error", "status": 400, "description": "Bad Request: BUSINESS_PEER_USAGE_MISSING"},
}
"""The suite's names of trouble, as faults of the simulator."""

TROUBLES: Final[Mapping[str, type[SendError]]] = {
    RATE_LIMIT: TryLater,
    RECIPIENT_GONE: RecipientGone,
    DEAD_TOKEN: AccountStopped,
    LOST_ANSWER: OutcomeUnknown,
    REFUSED: NotSendable,
    "never_written": RecipientGone,
    "deactivated": RecipientGone,
    "unknown_chat": RecipientGone,
    "deleted_bot": AccountStopped,
    "group_moved": ConversationMoved,
    "broken_proxy": TryLater,
    "server_error": TryLater,
    "other_poller": TryLater,
    "file_too_big": NotSendable,
    "entities_refused_twice": NotSendable,
    "connection_cut": OutcomeUnknown,
    "business_window": WindowClosed,
}


class SimulatedTelegram:
    """The simulator's bot as the suite sees it; Anna wrote just now."""

    def __init__(self, simulator: Simulator) -> None:
        self.telegram = simulator.telegram
        self.base_url = f"{simulator.base_url}/telegram"
        self.anna = self.telegram.customer("Anna")
        self.anna.write("Hello")

    @property
    def thread(self) -> str:
        return self.anna.id

    def taken(self) -> Sequence[Taken]:
        calls = self.telegram.record.entries(platform="telegram", kind="call")
        return [
            Taken(
                external_id=f"{call['customer']}:{call['message_id']}",
                thread=call["customer"],
                text=call["parameters"].get("text", ""),
            )
            for call in calls
            if call["name"].startswith("send") and call["accepted"] and call["message_id"] is not None
        ]

    def fail_next(self, trouble: str) -> None:
        self.telegram.faults.add(method="sendMessage", **FAULTS[trouble])


@asynccontextmanager
async def simulated_telegram() -> AsyncIterator[SimulatedTelegram]:
    async with running_simulator(telegram_token=TOKEN) as simulator:
        yield SimulatedTelegram(simulator)


def credentials(base_url: str, **given: Any) -> TelegramCredentials:
    fields = {"bot_token": TOKEN, "api_url": base_url, "webhook_secret": WEBHOOK_SECRET, **given}
    return TelegramCredentials.model_validate(fields)


CASE: Final = ContractCase(
    credentials=credentials,
    secrets=(TOKEN, WEBHOOK_SECRET),
    signed=lambda _body: {SECRET_HEADER: WEBHOOK_SECRET},
    wrongly_signed=lambda _body: {SECRET_HEADER: "another_webhook_secret"},
    signature_header=SECRET_HEADER,
    signature_covers_body=False,
    expected=FIXTURES,
    fake=simulated_telegram,
    troubles=TROUBLES,
    never={ElsewhereOwned: "Telegram has no handover between apps; a business owner's messages arrive as echoes."},
)
