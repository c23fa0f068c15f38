"""A small OpenID provider on loopback: it says what it was told to say, and checks what a strict one would check."""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwk, jwt

from bot.simulator.server import QuietServer
from tests.running_house import free_port

CLIENT_ID = "replydesk"
CLIENT_SECRET = "a secret at the provider"


@dataclass
class FakeProvider:
    """`claims` go into every identity token, over what a right one has; `troubles` collects what was asked wrongly."""

    issuer: str
    now: int
    claims: dict[str, Any] = field(default_factory=dict)
    key: Any = field(
        default_factory=lambda: jwk.RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256", "use": "sig"})
    )
    signing_key: Any = None
    troubles: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, asked: dict[str, str]) -> str:
        if asked.get("client_id") != CLIENT_ID or asked.get("code_challenge_method") != "S256":
            self.troubles.append(f"authorize: {asked}")
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        asked = self.codes.pop(form.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT_ID}:{quote_plus(CLIENT_SECRET)}".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        right = asked is not None and challenge.decode().rstrip("=") == asked["code_challenge"]
        if asked is None or not right or authorization != f"Basic {basic}":
            self.troubles.append(f"token: {form}")
            return None
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "person-1",
            "nonce": asked["nonce"],
            "iat": self.now,
            "exp": self.now + 300,
            "email": "anna@example.com",
            "email_verified": True,
        } | self.claims
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signing_key or self.key)
        return {"access_token": "x", "token_type": "Bearer", "id_token": signed}


@asynccontextmanager
async def fake_provider(*, now: int) -> AsyncIterator[FakeProvider]:
    port = free_port()
    provider = FakeProvider(issuer=f"http://127.0.0.1:{port}", now=now)
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    async def configuration() -> dict[str, str]:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": provider.issuer} | {name: f"{provider.issuer}/{path}" for name, path in names.items()}

    @app.get("/authorize")
    async def authorize(request: Request) -> RedirectResponse:
        return RedirectResponse(provider.authorize(dict(request.query_params)))

    @app.post("/token")
    async def token(request: Request) -> JSONResponse:
        form = {name: str(value) for name, value in (await request.form()).items()}
        answer = provider.token(form, request.headers.get("authorization", ""))
        return JSONResponse(answer or {"error": "invalid_grant"}, 200 if answer else 400)

    @app.get("/keys")
    async def keys() -> dict[str, Any]:
        return {"keys": [provider.key.as_dict(private=False)]}

    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="off")
    server = QuietServer(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by a flag only
        await asyncio.sleep(0.01)
    try:
        yield provider
    finally:
        server.should_exit = True
        await serving
