"""What the contract suite must know of postcards."""

import hashlib
import hmac
from collections.abc import Mapping

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
from tests.contract.case import DEAD_TOKEN, LOST_ANSWER, RATE_LIMIT, RECIPIENT_GONE, REFUSED, ContractCase

from ..settings import PostcardCredentials  # noqa: TID252 - a test copies the folder elsewhere
from .fake_post_office import fake_post_office

TOKEN = "token-of-the-post-office"
STAMP = "stamp-of-the-post-office"


def _signed(secret: str, body: bytes) -> Mapping[str, str]:
    return {"x-postcard-stamp": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


CASE = ContractCase(
    credentials=lambda base_url: PostcardCredentials.model_validate({"token": TOKEN, "stamp": STAMP, "url": base_url}),
    secrets=(TOKEN, STAMP),
    signed=lambda body: _signed(STAMP, body),
    wrongly_signed=lambda body: _signed("another stamp", body),
    signature_header="x-postcard-stamp",
    signature_covers_body=True,
    expected={
        "two_cards": ["CustomerWrote", "CustomerWrote"],
        "empty_card": ["CustomerWrote"],
        "moved_away": ["Reachability"],
        "advertisement": ["Ignored:advertisement"],
    },
    fake=fake_post_office,
    troubles={
        RATE_LIMIT: TryLater,
        RECIPIENT_GONE: RecipientGone,
        DEAD_TOKEN: AccountStopped,
        LOST_ANSWER: OutcomeUnknown,
        REFUSED: NotSendable,
    },
    never={
        WindowClosed: "The post office delivers whenever we write.",
        ElsewhereOwned: "Nobody else writes in our name.",
        ConversationMoved: "An address is an address.",
    },
)
