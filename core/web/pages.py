"""The pages before one is in: `/setup` by the one-time link, `/login`, `/logout`, and the shared style sheet."""

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from core.access import Access, clear_session_cookie, session_cookie, set_session_cookie
from core.clock import Clock
from core.database import Database
from core.errors import NotFound, NotSignedIn, TooManyTries, UserMistake
from core.first_run import STEPS, save_first_run
from core.passwords import Passwords
from core.preferences import Brand, load_brand, save_brand
from core.problems import headers_of
from core.roles import Role
from core.setup_link import has_users, is_setup_token, use_setup_token
from core.users import LogIn, add_user, end_session, start_session
from core.web.screens import WEB, Screens, read_form, safe_next

_KEPT_AN_HOUR: Final = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
_EMPTY_FORM: Final = {"email": "", "name": "", "brand": ""}


def create_pages(
    *, database: Database, clock: Clock, access: Access, passwords: Passwords, screens: Screens
) -> APIRouter:
    """All three pages, the style sheet and the icon under `/web/`."""
    router = APIRouter(include_in_schema=False)
    router.include_router(
        _signing_in(database=database, clock=clock, access=access, passwords=passwords, screens=screens)
    )
    router.include_router(
        _setting_up(database=database, clock=clock, access=access, passwords=passwords, screens=screens)
    )

    @router.get("/web/replydesk.css")
    async def style() -> Response:
        return FileResponse(WEB / "replydesk.css", media_type="text/css", headers=_KEPT_AN_HOUR)

    @router.get("/web/replydesk.svg")
    async def icon() -> Response:
        return FileResponse(WEB / "replydesk.svg", media_type="image/svg+xml", headers=_KEPT_AN_HOUR)

    return router


def _signing_in(
    *, database: Database, clock: Clock, access: Access, passwords: Passwords, screens: Screens
) -> APIRouter:
    router = APIRouter()
    log_in = LogIn(database=database, clock=clock, passwords=passwords)

    @router.get("/login")
    async def show_login(request: Request) -> Response:
        following = safe_next(request.query_params.get("next", "/"))
        if await access.identify(request) is not None:
            return RedirectResponse(following, HTTPStatus.SEE_OTHER)
        async with database.read() as session:
            if not await has_users(session):
                return screens.show(request, "no_users.html")
        return screens.show(request, "login.html", next=following, email="", mistake=None)

    @router.post("/login")
    async def do_log_in(request: Request) -> Response:
        access.refuse_foreign_origin(request)
        form = await read_form(request)
        following = safe_next(form.get("next", "/"))
        email = form.get("email", "")[:255]
        try:
            _, cookie = await log_in(
                email=email,
                password=form.get("password", ""),
                address=request.client.host if request.client else "",
                old_cookie=session_cookie(request),
            )
        except (NotSignedIn, TooManyTries) as error:
            mistake = "login.too_many" if isinstance(error, TooManyTries) else "login.wrong"
            page = screens.show(
                request, "login.html", status=error.status, next=following, email=email, mistake=mistake
            )
            page.headers.update(headers_of(error))
            return page
        response = RedirectResponse(following, HTTPStatus.SEE_OTHER)
        set_session_cookie(request, response, cookie)
        return response

    @router.get("/logout")
    async def back_to_start() -> Response:
        """Signing out changes something, so a link alone must not do it."""
        return RedirectResponse("/", HTTPStatus.SEE_OTHER)

    @router.post("/logout")
    async def log_out(request: Request) -> Response:
        access.refuse_foreign_origin(request)
        cookie = session_cookie(request)
        if cookie:
            async with database.write() as session:
                await end_session(session, cookie)
        response = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        clear_session_cookie(response)
        return response

    return router


def _setting_up(
    *, database: Database, clock: Clock, access: Access, passwords: Passwords, screens: Screens
) -> APIRouter:
    router = APIRouter()

    def not_valid(request: Request) -> Response:
        return screens.show(request, "setup_not_valid.html", status=HTTPStatus.NOT_FOUND)

    @router.get("/setup")
    async def show_setup(request: Request) -> Response:
        token = request.query_params.get("token", "")
        async with database.read() as session:
            if not await is_setup_token(session, token):
                return not_valid(request)
            brand = await load_brand(session)
        form = {**_EMPTY_FORM, "brand": "" if brand.name == Brand().name else brand.name}
        return screens.show(request, "setup.html", token=token, form=form, mistake=None)

    @router.post("/setup")
    async def do_set_up(request: Request) -> Response:
        access.refuse_foreign_origin(request)
        form = await read_form(request)
        token = form.get("token", "")
        async with database.read() as session:
            if not await is_setup_token(session, token):
                return not_valid(request)
        try:
            password_hash = await passwords.hash(form.get("password", ""))
            cookie = await _create_first(form, token=token, password_hash=password_hash)
        except NotFound:
            return not_valid(request)
        except UserMistake as error:
            shown = {name: form.get(name, "") for name in _EMPTY_FORM}
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return screens.show(request, "setup.html", status=status, token=token, form=shown, mistake=str(error))
        response = RedirectResponse(f"/setup/{STEPS[0]}", HTTPStatus.SEE_OTHER)
        set_session_cookie(request, response, cookie)
        return response

    async def _create_first(form: dict[str, str], *, token: str, password_hash: str) -> str:
        async with database.write() as session:
            await use_setup_token(session, token)
            user = await add_user(
                session,
                email=form.get("email", ""),
                name=form.get("name", ""),
                role=Role.ADMIN,
                password_hash=password_hash,
                at=clock(),
            )
            brand = (await load_brand(session)).with_changes({"name": form.get("brand", "")})
            await save_brand(session, brand)
            await save_first_run(session, step=STEPS[0], finished=False)
            return await start_session(session, user.id, at=clock())

    return router
