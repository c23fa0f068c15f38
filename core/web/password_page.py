"""`/password?token=…`: whoever was sent the link sets his password; every log-in of his ends."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from core.access import Access
from core.audit import record
from core.clock import Clock
from core.database import Database
from core.errors import NotFound, UserMistake
from core.password_link import use_password_link, user_of_link
from core.passwords import Passwords
from core.users import set_password
from core.web.screens import Screens, read_form


def create_password_page(
    *, database: Database, clock: Clock, access: Access, passwords: Passwords, screens: Screens
) -> APIRouter:
    """The form, and what becomes of it."""
    router = APIRouter()

    def not_valid(request: Request) -> Response:
        return screens.show(request, "password_not_valid.html", status=HTTPStatus.NOT_FOUND)

    @router.get("/password")
    async def show_form(request: Request) -> Response:
        token = request.query_params.get("token", "")
        async with database.read() as session:
            user = await user_of_link(session, token, at=clock())
        if user is None:
            return not_valid(request)
        return screens.show(request, "password.html", token=token, email=user.email, mistake=None)

    @router.post("/password")
    async def set_new(request: Request) -> Response:
        access.refuse_foreign_origin(request)
        form = await read_form(request)
        token = form.get("token", "")
        async with database.read() as session:
            user = await user_of_link(session, token, at=clock())
        if user is None:
            return not_valid(request)
        try:
            hashed = await passwords.hash(form.get("password", ""))
        except UserMistake as error:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return screens.show(
                request, "password.html", status=status, token=token, email=user.email, mistake=str(error)
            )
        try:
            async with database.write() as session:
                user = await use_password_link(session, token, at=clock())
                await set_password(session, user, hashed)
                record(session, None, "user.password_set_by_link", subject=user.email, at=clock())
        except NotFound:
            return not_valid(request)
        return RedirectResponse("/login", HTTPStatus.SEE_OTHER)

    return router
