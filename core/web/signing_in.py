"""The pages of getting in and out: `/login` with its second step, `/logout`."""

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from core.access import Access, clear_session_cookie, session_cookie, set_session_cookie
from core.database import Database
from core.errors import NotSignedIn, TooManyTries
from core.log_in import LogIn, SecondFactorNeeded
from core.problems import headers_of
from core.setup_link import has_users
from core.users import end_session
from core.web.screens import Screens, read_form, safe_next


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPages:
    """What is shown on the way in. `outside`: an OpenID provider is offered too."""

    screens: Screens
    outside: bool

    def form(self, request: Request, *, following: str, email: str = "", mistake: str | None = None) -> Response:
        status = HTTPStatus.OK if mistake is None else HTTPStatus.UNAUTHORIZED
        shown = {"next": following, "email": email, "mistake": mistake, "outside": self.outside}
        return self.screens.show(request, "login.html", status=status, **shown)

    def refused(self, request: Request, error: NotSignedIn | TooManyTries, *, following: str, email: str) -> Response:
        mistake = "login.too_many" if isinstance(error, TooManyTries) else "login.wrong"
        page = self.form(request, following=following, email=email, mistake=mistake)
        page.status_code = error.status
        page.headers.update(headers_of(error))
        return page

    def code(self, request: Request, *, following: str, ticket: str, mistake: str | None = None) -> Response:
        status = HTTPStatus.OK if mistake is None else HTTPStatus.UNAUTHORIZED
        shown = {"next": following, "ticket": ticket, "mistake": mistake}
        return self.screens.show(request, "login_code.html", status=status, **shown)


def let_in(request: Request, cookie: str, *, following: str, secure: bool = False) -> Response:
    """`secure`: the browser is known to come over https, although no `Origin` says so."""
    response = RedirectResponse(following, HTTPStatus.SEE_OTHER)
    set_session_cookie(request, response, cookie, secure=secure)
    return response


def create_signing_in(*, database: Database, access: Access, log_in: LogIn, pages: SignInPages) -> APIRouter:
    router = APIRouter()
    router.include_router(_posting(access=access, log_in=log_in, pages=pages))
    router.include_router(_leaving(database=database, access=access))

    @router.get("/login")
    async def show_login(request: Request) -> Response:
        following = safe_next(request.query_params.get("next", "/"))
        if await access.identify(request) is not None:
            return RedirectResponse(following, HTTPStatus.SEE_OTHER)
        async with database.read() as session:
            if not await has_users(session):
                return pages.screens.show(request, "no_users.html")
        return pages.form(request, following=following)

    return router


def _posting(*, access: Access, log_in: LogIn, pages: SignInPages) -> APIRouter:
    router = APIRouter()

    @router.post("/login")
    async def do_log_in(request: Request) -> Response:
        access.refuse_foreign_origin(request)
        form = await read_form(request)
        following, email = safe_next(form.get("next", "/")), form.get("email", "")[:255]
        try:
            _, cookie = await log_in(
                email=email,
                password=form.get("password", ""),
                address=request.client.host if request.client else "",
                old_cookie=session_cookie(request),
                device=request.headers.get("user-agent", ""),
            )
        except SecondFactorNeeded as needed:
            return pages.code(request, following=following, ticket=needed.ticket)
        except (NotSignedIn, TooManyTries) as error:
            return pages.refused(request, error, following=following, email=email)
        return let_in(request, cookie, following=following)

    @router.post("/login/code")
    async def second_step(request: Request) -> Response:
        access.refuse_foreign_origin(request)
        form = await read_form(request)
        following, ticket = safe_next(form.get("next", "/")), form.get("ticket", "")
        try:
            _, cookie = await log_in.with_code(
                ticket=ticket,
                code=form.get("code", "")[:64],
                old_cookie=session_cookie(request),
                device=request.headers.get("user-agent", ""),
            )
        except SecondFactorNeeded:
            return pages.code(request, following=following, ticket=ticket, mistake="login.wrong_code")
        except (NotSignedIn, TooManyTries) as error:
            return pages.refused(request, error, following=following, email="")
        return let_in(request, cookie, following=following)

    return router


def _leaving(*, database: Database, access: Access) -> APIRouter:
    router = APIRouter()

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
