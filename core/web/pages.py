"""The pages before one is in: `/setup` by the one-time link, signing in and out, and the shared style sheet."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from core.access import Access, set_session_cookie
from core.clock import Clock
from core.database import Database
from core.errors import NotFound, UserMistake
from core.first_run import STEPS, save_first_run
from core.log_in import LogIn
from core.passwords import Passwords
from core.preferences import Brand, load_brand, save_brand
from core.roles import Role
from core.setup_link import is_setup_token, use_setup_token
from core.users import add_user, start_session
from core.vault import Vault
from core.web.outside import create_outside
from core.web.password_page import create_password_page
from core.web.screens import WEB, Screens, read_form
from core.web.signing_in import SignInPages, create_signing_in

if TYPE_CHECKING:
    from core.open_id import OpenId  # an extra that is not always installed

_KEPT_AN_HOUR: Final = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
_EMPTY_FORM: Final = {"email": "", "name": "", "brand": ""}


def create_pages(
    *,
    database: Database,
    clock: Clock,
    access: Access,
    passwords: Passwords,
    vault: Vault,
    screens: Screens,
    open_id: "OpenId | None" = None,
    public_url: str | None = None,
) -> APIRouter:
    """All of them, the style sheet and the icon under `/web/`."""
    router = APIRouter(include_in_schema=False)
    log_in = LogIn(database=database, clock=clock, passwords=passwords, vault=vault)
    pages = SignInPages(screens=screens, outside=open_id is not None)
    router.include_router(create_signing_in(database=database, access=access, log_in=log_in, pages=pages))
    if open_id is not None:
        router.include_router(
            create_outside(database=database, clock=clock, open_id=open_id, pages=pages, public_url=public_url)
        )
    router.include_router(
        create_password_page(database=database, clock=clock, access=access, passwords=passwords, screens=screens)
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
            cookie = await _create_first(
                form, token=token, password_hash=password_hash, device=request.headers.get("user-agent", "")
            )
        except NotFound:
            return not_valid(request)
        except UserMistake as error:
            shown = {name: form.get(name, "") for name in _EMPTY_FORM}
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return screens.show(request, "setup.html", status=status, token=token, form=shown, mistake=str(error))
        response = RedirectResponse(f"/setup/{STEPS[0]}", HTTPStatus.SEE_OTHER)
        set_session_cookie(request, response, cookie)
        return response

    async def _create_first(form: dict[str, str], *, token: str, password_hash: str, device: str) -> str:
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
            return await start_session(session, user.id, at=clock(), device=device)

    return router
