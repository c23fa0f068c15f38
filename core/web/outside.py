"""`/login/outside`: to the OpenID provider, and back from it."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from core.access import actor_of, session_cookie
from core.audit import record
from core.clock import Clock
from core.database import Database
from core.errors import NotAllowed, NotSignedIn, UserMistake
from core.users import end_session, start_session
from core.web.screens import safe_next
from core.web.signing_in import SignInPages, let_in

if TYPE_CHECKING:
    from core.open_id import OpenId  # an extra that is not always installed

_COOKIE: Final = "replydesk_outside"
_PATH: Final = "/login/outside"
_LIVES_SECONDS: Final = 600


def create_outside(
    *, database: Database, clock: Clock, open_id: "OpenId", pages: SignInPages, public_url: str | None
) -> APIRouter:
    router = APIRouter()

    def redirect_of(request: Request) -> str:
        base = public_url or f"{request.url.scheme}://{request.headers.get('host', '')}"
        return base.rstrip("/") + f"{_PATH}/back"

    @router.get(_PATH)
    async def begin(request: Request) -> Response:
        following = safe_next(request.query_params.get("next", "/"))
        redirect = redirect_of(request)
        try:
            begun = await open_id.begin(redirect=redirect, following=following)
        except NotSignedIn:
            return pages.form(request, following=following, mistake="login.outside_failed")
        response = RedirectResponse(begun.address, HTTPStatus.SEE_OTHER)
        response.set_cookie(
            _COOKIE,
            begun.sealed,
            max_age=_LIVES_SECONDS,
            httponly=True,
            secure=redirect.startswith("https:"),
            samesite="lax",
            path=_PATH,
        )
        return response

    @router.get(f"{_PATH}/back")
    async def back(request: Request) -> Response:
        try:
            user, following = await open_id.finish(
                sealed=request.cookies.get(_COOKIE, ""),
                query=dict(request.query_params),
                redirect=redirect_of(request),
            )
        except (NotSignedIn, NotAllowed, UserMistake) as error:
            mistake = "login.outside_failed" if isinstance(error, NotSignedIn) else "login.outside_nobody"
            return pages.form(request, following="/", mistake=mistake)
        async with database.write() as session:
            if old := session_cookie(request):
                await end_session(session, old)
            cookie = await start_session(session, user.id, at=clock(), device=request.headers.get("user-agent", ""))
            record(
                session, actor_of(user), "user.signed_in", subject=user.email, details={"by": "provider"}, at=clock()
            )
        response = let_in(request, cookie, following=following, secure=redirect_of(request).startswith("https:"))
        response.delete_cookie(_COOKIE, path=_PATH, httponly=True, samesite="lax")
        return response

    return router
