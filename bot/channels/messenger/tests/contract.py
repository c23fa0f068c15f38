"""What the contract suite must know of Messenger."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from bot.channels.messenger.settings import MessengerCredentials
from bot.channels.messenger.signature import HEADER, signature
from bot.simulator.app import Simulator
from bot.simulator.graph.customer import MessengerCustomer
from bot.simulator.screens import BRAND
from bot.simulator.server import running_simulator
from core.errors import (
    AccountStopped,
    ConversationMoved,
    ElsewhereOwned,
    NotSendable,
    OutcomeUnknown,
    RecipientGone,
    TryLater,
    WindowClosed,
)
from tests.contract.case import DEAD_TOKEN, LOST_ANSWER, RATE_LIMIT, RECIPIENT_GONE, REFUSED, ContractCase, Taken

PAGE: Final = "100200300400500"
TOKEN: Final = "EAAGpageTokenForTests"
SECRET: Final = "app-secret-for-these-tests"
VERIFY: Final = "verify-word-for-tests"

FAULTS: Final = {
    RATE_LIMIT: "rate",
    RECIPIENT_GONE: "unavailable",
    DEAD_TOKEN: "token_password",
    LOST_ANSWER: "lost_answer",
    REFUSED: "retired_tag",
}
"""The suite's words in the simulator's; all others are the simulator's own."""


def credentials(base_url: str) -> MessengerCredentials:
    given = {"page_id": PAGE, "page_token": TOKEN, "app_secret": SECRET, "verify_token": VERIFY, "graph_url": base_url}
    return MessengerCredentials.model_validate(given)


class FakePage:
    """The simulator's Page with one customer who has just written."""

    def __init__(self, *, simulator: Simulator, customer: MessengerCustomer) -> None:
        self.base_url = f"{simulator.base_url}/graph"
        self.thread = customer.id
        self._simulator = simulator
        self._screen = customer.screen

    def taken(self) -> Sequence[Taken]:
        shown = [message for message in self._screen.messages.values() if message.author == BRAND]
        return [Taken(external_id=message.id, thread=self.thread, text=message.text) for message in shown]

    def fail_next(self, trouble: str) -> None:
        self._simulator.messenger.faults.add(kind=FAULTS.get(trouble, trouble), method="messages")


@asynccontextmanager
async def fake_page() -> AsyncIterator[FakePage]:
    async with running_simulator(
        page_id=PAGE, page_token=TOKEN, app_secret=SECRET, verify_token=VERIFY, receipts="none", echo_mode="never"
    ) as simulator:
        customer = simulator.messenger.customer("Anna")
        customer.write("Hello")
        yield FakePage(simulator=simulator, customer=customer)


def _signed(secret: str, body: bytes) -> Mapping[str, str]:
    return {HEADER: signature(secret, body)}


CASE: Final = ContractCase(
    credentials=credentials,
    secrets=(TOKEN, SECRET, VERIFY),
    signed=lambda body: _signed(SECRET, body),
    wrongly_signed=lambda body: _signed("another secret", body),
    signature_header=HEADER,
    signature_covers_body=True,
    fake=fake_page,
    troubles={
        RATE_LIMIT: TryLater,
        RECIPIENT_GONE: RecipientGone,
        DEAD_TOKEN: AccountStopped,
        LOST_ANSWER: OutcomeUnknown,
        REFUSED: NotSendable,
        "html_502": TryLater,
        "unknown_error": TryLater,
        "temporary": TryLater,
        "app_rate": TryLater,
        "outside_window": WindowClosed,
        "cannot_receive": NotSendable,
        "page_restricted": AccountStopped,
        "permission": AccountStopped,
        "permission_missing": AccountStopped,
        "no_user": RecipientGone,
        "upload_failed": NotSendable,
        "no_object": NotSendable,
        "token_expired": AccountStopped,
        "abusive": AccountStopped,
        "account_deleted": RecipientGone,
        "thread_owned": ElsewhereOwned,
    },
    never={ConversationMoved: "A page-scoped id stays with the person."},
    expected={
        "text": ["CustomerWrote"],
        "text_escaped": ["CustomerWrote"],
        "text_odd_characters": ["CustomerWrote"],
        "text_with_ids_as_numbers": ["CustomerWrote"],
        "text_without_timestamp": ["CustomerWrote"],
        "text_time_in_seconds": ["CustomerWrote"],
        "text_time_iso": ["CustomerWrote"],
        "quick_reply": ["CustomerWrote"],
        "reply_to": ["CustomerWrote"],
        "picture": ["CustomerWrote"],
        "two_pictures_with_text": ["CustomerWrote"],
        "voice": ["CustomerWrote"],
        "video": ["CustomerWrote"],
        "document": ["CustomerWrote"],
        "location": ["CustomerWrote"],
        "link_share": ["CustomerWrote"],
        "fallback_null": ["CustomerWrote"],
        "fallback_text_payload": ["CustomerWrote"],
        "sticker_twice": ["CustomerWrote"],
        "thumbs_up": ["CustomerWrote"],
        "post_share": ["CustomerWrote"],
        "product": ["CustomerWrote"],
        "appointment": ["CustomerWrote"],
        "unknown_attachment": ["CustomerWrote"],
        "unsupported": ["CustomerWrote"],
        "empty_message": ["CustomerWrote"],
        "deleted": ["CustomerDeleted"],
        "edited": ["CustomerEdited"],
        "advertisement": ["CustomerWrote"],
        "get_started": ["CustomerWrote"],
        "button_without_mid": ["CustomerWrote"],
        "plugin_visitor": ["CustomerWrote"],
        "echo_ours": ["Echo"],
        "echo_page_inbox": ["Echo"],
        "delivered": ["Receipt"],
        "delivered_watermark_text": ["Receipt"],
        "read": ["Receipt"],
        "reaction": ["CustomerReacted"],
        "reaction_taken_back": ["CustomerReacted"],
        "referral": ["Ignored:referral"],
        "optin": ["Ignored:optin"],
        "pass_to_us": ["ThreadControl"],
        "pass_to_page_inbox": ["ThreadControl"],
        "take_from_us": ["ThreadControl"],
        "request_by_page_inbox": ["ThreadControl"],
        "request_by_other_app": ["Ignored:request_thread_control"],
        "standby": ["Ignored:standby", "Ignored:standby", "Ignored:standby"],
        "standby_echo": ["ThreadControl"],
        "policy": ["PlatformWarning"],
        "policy_old_key": ["PlatformWarning"],
        "app_roles": ["Ignored:app_roles"],
        "account_linking": ["Ignored:account_linking"],
        "order": ["Ignored:order"],
        "response_feedback": ["Ignored:response_feedback"],
        "hop_context": ["Ignored:hop_context"],
        "unknown_kind": ["Ignored:telepathy"],
        "dashboard_test": ["Ignored:dashboard_test"],
        "dashboard_test_postback": ["Ignored:dashboard_test"],
        "change_feed": ["Ignored:change_feed"],
        "change_postback": ["CustomerWrote"],
        "empty_entry": ["Ignored:empty_entry"],
        "batch": ["CustomerWrote", "CustomerWrote", "CustomerWrote", "Ignored:standby", "Ignored:change_feed"],
        "duplicate_in_batch": ["CustomerWrote"],
    },
)
