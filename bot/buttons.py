"""What the payloads of our own buttons mean."""

import hashlib
from typing import Final

from knowledge_base.content import ENTRY_PAYLOAD, PAYLOAD_BYTES
from knowledge_base.snapshot import Snapshot

PERSON_PAYLOAD: Final = "person"
START_PAYLOADS: Final = frozenset({"start", "GET_STARTED"})
"""Telegram's bare /start, and the Get Started button as Messenger's README tells to set it."""

_ENTRY_DIGEST: Final = "entry#"


def entry_payload(entry: str) -> str:
    """A button's payload for an entry: at most 64 bytes, as Telegram allows."""
    plain = ENTRY_PAYLOAD + entry
    if len(plain.encode()) <= PAYLOAD_BYTES:
        return plain
    return _ENTRY_DIGEST + hashlib.sha256(entry.encode()).hexdigest()[:32]


def entry_of_payload(payload: str, snapshot: Snapshot) -> str | None:
    """The published entry a pressed button stands for, or None."""
    if payload.startswith(ENTRY_PAYLOAD):
        entry = payload.removeprefix(ENTRY_PAYLOAD)
        return entry if entry in snapshot.entries else None
    if payload.startswith(_ENTRY_DIGEST):
        return next((entry for entry in snapshot.entries if entry_payload(entry) == payload), None)
    return None
