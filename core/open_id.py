"""Signing in through an OpenID provider: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 9700).

An extra: `pip install 'replydesk[oidc]'` and REPLYDESK_OIDC_…; without them nobody imports this file.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote_plus

import httpx
import structlog
from joserfc import jwk, jwt
from joserfc.errors import JoseError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import record
from core.clock import Clock
from core.database import Database
from core.errors import NotAllowed, NotSignedIn, SettingMistake
from core.models import User
from core.open_id_provider import Provider
from core.sign_in_models import OutsideIdentity
from core.text import storable
from core.users import add_user, valid_email
from core.vault import Vault

log = structlog.get_logger(__name__)

_SCOPE: Final = "openid email profile"
_ALGORITHMS: Final = ("RS256", "PS256", "ES256")
_PATIENCE_SECONDS: Final = 10.0
_LIVES: Final = timedelta(minutes=10)
_LEEWAY: Final = timedelta(minutes=1)
"""How far the provider's clock may be from ours."""
_FAILED: Final = "The sign-in at the provider did not work. Try again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Where to send the browser, and what it has to bring back in a cookie."""

    address: str
    sealed: str


class OpenId:
    """One provider. What the browser carries meanwhile is sealed, so nothing is kept here between the two halves."""

    def __init__(self, *, provider: Provider, database: Database, clock: Clock, vault: Vault) -> None:
        self._provider = provider
        self._database = database
        self._clock = clock
        self._vault = vault

    async def begin(self, *, redirect: str, following: str) -> Begun:
        """Raises `NotSignedIn` where the provider cannot be reached."""
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        async with self._client() as client:
            endpoints = await self._discover(client)
        asked = {
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": redirect,
            "scope": _SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        address = str(httpx.URL(endpoints["authorization_endpoint"]).copy_merge_params(asked))
        carried = {
            "state": state,
            "nonce": nonce,
            "verifier": verifier,
            "next": following,
            "until": (self._clock() + _LIVES).isoformat(),
        }
        return Begun(address=address, sealed=self._vault.seal(carried).decode())

    async def finish(self, *, sealed: str, query: Mapping[str, str], redirect: str) -> tuple[User, str]:
        """Who it is, and where he wanted to go.

        Raises `NotSignedIn` for an answer that is not to our question, `NotAllowed` for somebody who is nobody here.
        """
        carried = self._opened(sealed)
        if not hmac.compare_digest(carried["state"], query.get("state", "")) or "code" not in query:
            raise NotSignedIn(_FAILED)
        async with self._client() as client:
            claims = await self._claims(client, code=query["code"], carried=carried, redirect=redirect)
        async with self._database.write() as session:
            return await self._user(session, claims), carried["next"]

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=_PATIENCE_SECONDS)

    def _opened(self, sealed: str) -> dict[str, str]:
        try:
            carried = self._vault.open(sealed.encode("utf-8", "surrogatepass"))
        except SettingMistake:
            raise NotSignedIn(_FAILED) from None
        if not isinstance(carried, dict) or "verifier" not in carried:
            raise NotSignedIn(_FAILED)
        if self._clock() > datetime.fromisoformat(carried["until"]):
            raise NotSignedIn(_FAILED)
        return carried

    async def _discover(self, client: httpx.AsyncClient) -> dict[str, str]:
        found = await _read(client.get(f"{self._provider.issuer}/.well-known/openid-configuration"))
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if str(found.get("issuer", "")).rstrip("/") != self._provider.issuer or any(one not in found for one in wanted):
            log.error("open_id_provider_misconfigured", issuer=self._provider.issuer)
            raise NotSignedIn(_FAILED)
        return found

    async def _claims(
        self, client: httpx.AsyncClient, *, code: str, carried: Mapping[str, str], redirect: str
    ) -> dict[str, Any]:
        endpoints = await self._discover(client)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": carried["verifier"],
        }
        ourselves = (quote_plus(self._provider.client_id), quote_plus(self._provider.client_secret))  # RFC 6749, 2.3.1
        token = await _read(client.post(endpoints["token_endpoint"], data=form, auth=ourselves))
        found: Any = await _read(client.get(endpoints["jwks_uri"]))
        try:
            keys = jwk.KeySet.import_key_set(found)
            claims = dict(jwt.decode(str(token.get("id_token", "")), keys, algorithms=list(_ALGORITHMS)).claims)
        except (JoseError, ValueError, KeyError) as error:
            log.warning("open_id_token_refused", error=type(error).__name__)
            raise NotSignedIn(_FAILED) from error
        if not self._are_good(claims, nonce=carried["nonce"]):
            log.warning("open_id_claims_refused")
            raise NotSignedIn(_FAILED)
        return claims

    def _are_good(self, claims: Mapping[str, Any], *, nonce: str) -> bool:
        """OpenID Connect Core 1.0, 3.1.3.7."""
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        now = self._clock().timestamp()
        expires, issued = claims.get("exp"), claims.get("iat")
        return (
            str(claims.get("iss", "")).rstrip("/") == self._provider.issuer
            and self._provider.client_id in audiences
            and (len(audiences) == 1 or claims.get("azp") == self._provider.client_id)
            and isinstance(expires, int | float)
            and now < expires + _LEEWAY.total_seconds()
            and isinstance(issued, int | float)
            and issued < now + _LEEWAY.total_seconds()
            and hmac.compare_digest(str(claims.get("nonce", "")), nonce)
            and bool(claims.get("sub"))
        )

    async def _user(self, session: AsyncSession, claims: Mapping[str, Any]) -> User:
        """Known by the provider's own name of him, else by a proved e-mail address."""
        key = (self._provider.issuer, str(claims["sub"])[:255])
        known = await session.get(OutsideIdentity, key)
        user = await self._by_address(session, claims) if known is None else await session.get(User, known.user_id)
        if user is None or not user.active:
            raise NotAllowed("Nobody here has this account. An administrator can add you.")
        if known is None:
            session.add(OutsideIdentity(issuer=key[0], subject=key[1], user_id=user.id))
        return user

    async def _by_address(self, session: AsyncSession, claims: Mapping[str, Any]) -> User | None:
        if claims.get("email_verified") is not True:
            return None
        email = valid_email(str(claims.get("email", "")))
        user: User | None = await session.scalar(select(User).where(User.email == email))
        if user is not None or email.rpartition("@")[2] not in self._provider.domains:
            return user
        name = storable(str(claims.get("name", "")))[:200]
        user = await add_user(session, email=email, role=self._provider.role, name=name, at=self._clock())
        details = {"role": user.role, "by": self._provider.issuer}
        record(session, None, "user.added", subject=email, details=details, at=self._clock())
        return user


async def _read(asked: Awaitable[httpx.Response]) -> dict[str, Any]:
    """The JSON object of an answer. Raises `NotSignedIn` for trouble and for anything else."""
    try:
        answer = await asked
        answer.raise_for_status()
        found = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        log.warning("open_id_provider_refused", error=type(error).__name__)
        raise NotSignedIn(_FAILED) from error
    if not isinstance(found, dict):
        raise NotSignedIn(_FAILED)
    return found


def _challenge(verifier: str) -> str:
    """RFC 7636, 4.2."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
