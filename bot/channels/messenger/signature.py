"""The two proofs between Meta and us (CHANNELS.md 2.1 and 2.5)."""

import hashlib
import hmac
from typing import Final

HEADER: Final = "x-hub-signature-256"


def signature(app_secret: str, body: bytes) -> str:
    """What Meta writes into `X-Hub-Signature-256` for these raw bytes."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(app_secret: str, body: bytes, header: str) -> bool:
    """Whether the header belongs to the raw bytes; in constant time, for any header text.

    Compared as bytes: `compare_digest` raises for non-ASCII text (CHANNELS.md 5, bug 29).
    """
    return hmac.compare_digest(signature(app_secret, body).encode(), header.encode("utf-8", "surrogatepass"))


def same_word(one: str, other: str) -> bool:
    """Equality in constant time, for any texts."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def appsecret_proof(app_secret: str, token: str) -> str:
    """Shows Graph that the caller of this token knows the app's secret."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
