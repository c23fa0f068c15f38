"""The secret key and what hangs on it: encrypted credentials and secrets derived from names."""

import base64
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Any, Final, Self

from cryptography.fernet import Fernet, InvalidToken

from core.errors import SettingMistake
from core.settings import Settings

KEY_FILE: Final = "secret.key"
_SHORTEST: Final = 32


class Vault:
    """Encrypts JSON at rest and derives stable secrets. `key` is at least 32 unguessable characters."""

    def __init__(self, key: str) -> None:
        if len(key) < _SHORTEST:
            raise SettingMistake(f"The secret key is too short: it needs at least {_SHORTEST} characters.")
        self._key = key.encode()
        self._fernet = Fernet(base64.urlsafe_b64encode(self._mac("encryption")))

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """With REPLYDESK_SECRET_KEY, else with the key of the data folder, which is made on first start.

        Raises `SettingMistake` for a key that is too short or a file that cannot be read.
        """
        if settings.secret_key is not None:
            return cls(settings.secret_key.get_secret_value())
        return cls(_key_of(settings.data_dir / KEY_FILE))

    def seal(self, value: Any) -> bytes:
        """Any JSON value, so that only this key reads it again."""
        return self._fernet.encrypt(json.dumps(value).encode())

    def open(self, sealed: bytes) -> Any:
        """The value again. Raises `SettingMistake` where it was sealed with another key or is damaged."""
        try:
            return json.loads(self._fernet.decrypt(sealed))
        except InvalidToken as error:
            raise SettingMistake(
                "Stored credentials cannot be read with this secret key: put the old REPLYDESK_SECRET_KEY or secret.key back."
            ) from error

    def derive(self, name: str) -> str:
        """A secret for one purpose: 64 hex characters, always the same for the same key and name."""
        return self._mac(f"derived:{name}").hex()

    def _mac(self, purpose: str) -> bytes:
        return hmac.new(self._key, purpose.encode(), hashlib.sha256).digest()


def _key_of(path: Path) -> str:
    try:
        if not path.exists():
            _make_key(path)
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingMistake(f"The secret key file {path} cannot be read or made.") from error


def _make_key(path: Path) -> None:
    """Write a new key, whole or not at all; where another process was quicker, its key stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # unlike a rename it never replaces what is there
        except FileExistsError:
            return
    finally:
        draft.unlink()
