"""The second factor: a code of an authenticator app (TOTP, RFC 6238), or a recovery code that works once.

No code works twice: the half minute of the last one that was taken is kept, and it and all before are used up.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp
import segno
from sqlalchemy import delete, func, select
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import digest_of
from core.errors import Conflict, NotFound, UserMistake
from core.models import User
from core.sign_in_models import RecoveryCode, SecondFactor
from core.vault import Vault

_STEP_SECONDS: Final = 30
_RECOVERY_CODES: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that looks like another."""
_WRONG: Final = "The code is not right, or was used already."


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What the app needs: as a picture (an SVG path on a square of `size` units) and to type."""

    secret: str
    address: str
    """`otpauth://…`"""
    size: int
    path: str


async def has_second_factor(session: AsyncSession, user_id: int) -> bool:
    found = await session.get(SecondFactor, user_id)
    return found is not None and found.confirmed_at is not None


async def recovery_codes_left(session: AsyncSession, user_id: int) -> int:
    query = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user_id)
    return await session.scalar(query) or 0


async def enrol(session: AsyncSession, user: User, *, brand: str, vault: Vault, at: datetime) -> Enrolment:
    """A new secret, to be confirmed with a code; one that was never confirmed ends. Raises `Conflict` while one is on."""
    if await has_second_factor(session, user.id):
        raise Conflict("A second factor is on already.")
    secret = pyotp.random_base32()
    await session.merge(SecondFactor(user_id=user.id, secret=vault.seal(secret), created_at=at, last_step=0))
    address = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=brand)
    code = segno.make(address, error="m", micro=False)
    rows = list(code.matrix_iter(border=4))
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return Enrolment(secret=secret, address=address, size=len(rows), path=path)


async def confirm(session: AsyncSession, user_id: int, code: str, *, vault: Vault, at: datetime) -> list[str]:
    """From now on it is asked for. Returns the recovery codes, which nobody can read again.

    Raises `NotFound` where none was begun, `Conflict` while one is on, `UserMistake` for a wrong code.
    """
    factor = await session.get(SecondFactor, user_id, with_for_update=True)
    if factor is None:
        raise NotFound("Begin with a new secret.")
    if factor.confirmed_at is not None:
        raise Conflict("A second factor is on already.")
    if not _take(factor, code, vault=vault, at=at):
        raise UserMistake(_WRONG)
    factor.confirmed_at = at
    codes = ["-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2)) for _ in range(_RECOVERY_CODES)]  # fmt: skip
    session.add_all(RecoveryCode(digest=_digest(user_id, one), user_id=user_id) for one in codes)
    return codes


async def is_right_code(session: AsyncSession, user_id: int, code: str, *, vault: Vault, at: datetime) -> bool:
    """Whether the code lets the user in; it is used up with this transaction."""
    factor = await session.get(SecondFactor, user_id, with_for_update=True)
    if factor is None or factor.confirmed_at is None:
        return False
    if _take(factor, code, vault=vault, at=at):
        return True
    gone = delete(RecoveryCode).where(RecoveryCode.digest == _digest(user_id, code), RecoveryCode.user_id == user_id)
    deleted = await session.execute(gone)
    return isinstance(deleted, CursorResult) and deleted.rowcount == 1


async def remove_second_factor(session: AsyncSession, user_id: int) -> None:
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    await session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))


def _take(factor: SecondFactor, code: str, *, vault: Vault, at: datetime) -> bool:
    """A code of this half minute or of its neighbours (RFC 6238, 5.2), later than the last one that was taken."""
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdigit() and len(typed) == 6):
        return False
    totp = pyotp.TOTP(str(vault.open(factor.secret)))
    now = int(at.timestamp()) // _STEP_SECONDS
    for step in (now - 1, now, now + 1):
        if step > factor.last_step and hmac.compare_digest(totp.generate_otp(step), typed):
            factor.last_step = step
            return True
    return False


def _digest(user_id: int, code: str) -> str:
    plain = "".join(character for character in code.lower() if character.isalnum())
    return digest_of(f"recovery:{user_id}:{plain}")
