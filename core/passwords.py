"""Passwords: argon2, checked in equal time whether or not the user exists, and never more than a few at once."""

import asyncio
from typing import Final

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError

from core.errors import UserMistake

SHORTEST: Final = 10
LONGEST: Final = 1024
"""A longer one is refused unread, so that nobody keeps us busy with megabytes (FIGURES.md C, CVE-2023-30082)."""


class Passwords:
    """Hashes and verifies in threads; each costs 64 MB and tens of milliseconds, so `at_once` bounds them."""

    def __init__(self, hasher: PasswordHash | None = None, *, at_once: int = 2) -> None:
        self._hasher = hasher or PasswordHash.recommended()
        self._turn = asyncio.Semaphore(at_once)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Raises `UserMistake` for a password that is too short or too long."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise UserMistake(f"A password has {SHORTEST} to {LONGEST} characters.")
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, _bytes(password))

    async def verify(self, password: str, stored: str | None) -> bool:
        """True for the password that was hashed to `stored`. None (no such user) takes as long, and is False."""
        if len(password) > LONGEST:
            return False
        async with self._turn:
            return await asyncio.to_thread(self._verify, _bytes(password), stored)

    def _verify(self, password: bytes, stored: str | None) -> bool:
        if self._nobody is None:
            self._nobody = self._hasher.hash("nobody has this password")
        try:
            right = self._hasher.verify(password, stored or self._nobody)
        except PwdlibError:
            return False
        return right and stored is not None


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
