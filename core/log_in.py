"""Getting in with e-mail, password and, where there is one, the second factor."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import actor_of, digest_of
from core.audit import record
from core.clock import Clock
from core.database import Database
from core.errors import NotSignedIn, SettingMistake
from core.models import User
from core.passwords import Passwords
from core.roles import Actor
from core.second_factor import has_second_factor, is_right_code
from core.text import storable
from core.throttle import Throttle
from core.users import end_session, start_session
from core.vault import Vault

_WRONG: Final = "E-mail address or password are not right."
_TICKET_LIVES: Final = timedelta(minutes=5)


class SecondFactorNeeded(NotSignedIn):
    """The password was right; `ticket` goes along with the code that is still needed."""

    def __init__(self, ticket: str) -> None:
        super().__init__("The code of the authenticator app is needed too.")
        self.ticket = ticket


class LogIn:
    """Equal answers and equal time for an unknown user, a wrong password and no password."""

    def __init__(self, *, database: Database, clock: Clock, passwords: Passwords, vault: Vault) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords
        self._vault = vault
        self._per_person = Throttle(database=database, clock=clock, name="person", tries=5)
        self._per_address = Throttle(database=database, clock=clock, name="address", tries=60)
        self._per_code = Throttle(database=database, clock=clock, name="code", tries=5)

    async def __call__(
        self, *, email: str, password: str, address: str, old_cookie: str | None, device: str = ""
    ) -> tuple[Actor, str]:
        """The user and the cookie of his new log-in; the browser's earlier one ends.

        `address` is where the request came from. Raises `NotSignedIn`, `SecondFactorNeeded`, or `TooManyTries` after
        five tries a minute.
        """
        email = storable(email.strip().lower()[:255])
        await self._per_address.count(address)
        await self._per_person.count(f"{email} {address}")
        async with self._database.read() as session:
            user = await session.scalar(select(User).where(User.email == email, User.active))
        stored = None if user is None else user.password_hash
        if not await self._passwords.verify(password, stored) or user is None:
            raise NotSignedIn(_WRONG)
        await self._per_person.forget(f"{email} {address}")
        async with self._database.write() as session:
            current = await session.get(User, user.id)
            if current is None or not current.active or current.password_hash != stored:
                raise NotSignedIn(_WRONG)
            if await has_second_factor(session, user.id):
                raise SecondFactorNeeded(self._ticket(current))
            return await self._let_in(session, current, old_cookie=old_cookie, device=device)

    async def with_code(self, *, ticket: str, code: str, old_cookie: str | None, device: str = "") -> tuple[Actor, str]:
        """The second half. Raises `SecondFactorNeeded` for a wrong code, `NotSignedIn` for a ticket that is none any more."""
        found = self._read(ticket)
        user_id = int(found.get("user", 0))
        await self._per_code.count(str(user_id))
        entered: tuple[Actor, str] | None = None
        async with self._database.write() as session:
            user = await session.get(User, user_id)
            if user is None or not user.active or found.get("password") != digest_of(user.password_hash or ""):
                raise NotSignedIn(_WRONG)
            if await is_right_code(session, user_id, code, vault=self._vault, at=self._clock()):
                entered = await self._let_in(session, user, old_cookie=old_cookie, device=device)
        if entered is None:
            raise SecondFactorNeeded(ticket)
        await self._per_code.forget(str(user_id))
        return entered

    async def _let_in(
        self, session: AsyncSession, user: User, *, old_cookie: str | None, device: str
    ) -> tuple[Actor, str]:
        if old_cookie:
            await end_session(session, old_cookie)
        actor = actor_of(user)
        record(session, actor, "user.signed_in", subject=user.email, at=self._clock())
        return actor, await start_session(session, user.id, at=self._clock(), device=device)

    def _ticket(self, user: User) -> str:
        until = (self._clock() + _TICKET_LIVES).isoformat()
        password = digest_of(user.password_hash or "")  # another password ends the ticket
        return self._vault.seal({"user": user.id, "password": password, "until": until}).decode()

    def _read(self, ticket: str) -> dict[str, Any]:
        try:
            found = self._vault.open(ticket.encode("utf-8", "surrogatepass"))
        except SettingMistake:
            raise NotSignedIn(_WRONG) from None
        if not isinstance(found, dict) or "user" not in found or self._clock() > datetime.fromisoformat(found["until"]):
            raise NotSignedIn(_WRONG)
        return found
