"""Raw webhook bodies as Meta writes them, and their signatures (CHANNELS.md 2.1; vectors/meta_signature.json)."""

import hashlib
import hmac
import json
from typing import Any


def raw_body(envelope: Any) -> bytes:
    r"""Compact JSON with `\uXXXX` in lowercase and `\/`: signing a re-serialised body fails on purpose."""
    return json.dumps(envelope, separators=(",", ":"), ensure_ascii=True).replace("/", "\\/").encode()


def signature(secret: str, body: bytes, *, algorithm: str = "sha256") -> str:
    return f"{algorithm}={hmac.new(secret.encode(), body, algorithm).hexdigest()}"


def proof(secret: str, token: str) -> str:
    """The `appsecret_proof` of a token: hex HMAC-SHA256 with the app secret as key."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def signature_headers(secret: str, body: bytes, *, trouble: str | None = None) -> dict[str, bytes]:
    """Both signature headers; `trouble` is one of the delivery faults that spoil them."""
    new, old = signature(secret, body), signature(secret, body, algorithm="sha1")
    if trouble == "no_signature":
        return {}
    if trouble == "wrong_signature":
        new = signature(secret + "-not", body)
    headers = {"X-Hub-Signature-256": new.encode(), "X-Hub-Signature": old.encode()}
    if trouble == "non_ascii_signature":
        headers["X-Hub-Signature-256"] = "sha256=подпись".encode()
    if trouble == "old_signature_only":
        del headers["X-Hub-Signature-256"]
    return headers
