"""The web application: the platforms' door, REST, pages and health, put together once."""

from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

import bot.api
import bot.documentation
import bot.first_run.api
import bot.health
import bot.phrases.api
import bot.preview
import core.api
import core.web.pages
import handoff.api
import handoff.contacts.api
import knowledge_base.api
import metrics.api
import nlu.api
from bot.personal_data import HOLDERS
from bot.product import Product
from bot.webhooks import Door
from core.access import Access
from core.guards import install_guards
from core.open_id_provider import Provider
from core.passwords import Passwords
from core.problems import PROBLEM_RESPONSES, install_problem_handlers
from core.web.application import Application, create_application
from core.web.screens import WEB, Screens
from handoff.live import Live

if TYPE_CHECKING:
    from core.open_id import OpenId

_API: Final = "/api/v1"
_HERE: Final = Path(__file__).parent
_FOLDERS: Final = {
    "core": WEB,
    **{package: _HERE.parent / package / "web" for package in ("knowledge_base", "nlu", "handoff", "metrics")},
    "bot": _HERE / "web",
}
_SCREENS: Final = (
    "/",
    "/conversations/{conversation_id}",
    "/knowledge",
    "/knowledge/{entry:path}",
    "/reports",
    "/settings",
    "/settings/{section}",
    "/setup/{step}",
)


def create_app(product: Product, *, live: Live) -> ASGIApp:
    """Everything a browser, a script or a platform may ask this process for."""
    app = FastAPI(
        title="replydesk", version=version("replydesk"), docs_url=None, redoc_url=None, responses=PROBLEM_RESPONSES
    )
    install_problem_handlers(app)
    install_guards(app)
    database, clock, vault = product.database, product.clock, product.vault
    access = Access(database=database, clock=clock, public_url=product.settings.public_url)
    passwords = Passwords()
    for router in _rest(product, live=live, access=access, passwords=passwords):
        app.include_router(router, prefix=_API)
    screens = Screens(tuple(_FOLDERS.values()))
    application = Application(folders=_FOLDERS, entry="bot/start.js", screens=screens)
    app.include_router(
        core.web.pages.create_pages(
            database=database,
            clock=clock,
            access=access,
            passwords=passwords,
            vault=vault,
            screens=screens,
            open_id=_open_id(product),
            public_url=product.settings.public_url,
        )
    )
    app.include_router(
        create_application(application=application, paths=_SCREENS, database=database, access=access, screens=screens)
    )
    app.include_router(bot.health.create_router(product))
    app.include_router(bot.documentation.create_page(app, screens))
    return Door(inside=app, accounts=product.accounts, inbox=product.inbox)


def _rest(product: Product, *, live: Live, access: Access, passwords: Passwords) -> Sequence[APIRouter]:
    """Every package's routes under `/api/v1`."""
    database, clock, vault = product.database, product.clock, product.vault
    return (
        bot.api.create_router(
            database=database,
            clock=clock,
            access=access,
            accounts=product.accounts,
            vault=vault,
            public_url=product.settings.public_url,
        ),
        bot.first_run.api.create_router(database=database, clock=clock, access=access, trial=product.trial),
        bot.phrases.api.create_router(database=database, clock=clock, access=access),
        bot.preview.create_router(access=access, accounts=product.accounts),
        handoff.contacts.api.create_router(database=database, clock=clock, access=access, holders=HOLDERS),
        handoff.api.create_router(
            database=database,
            clock=clock,
            access=access,
            live=live,
            vault=product.vault,
            windows=product.windows,
        ),
        knowledge_base.api.create_router(database=database, clock=clock, access=access),
        nlu.api.create_router(
            database=database,
            clock=clock,
            access=access,
            serving=product.serving,
            data_dir=product.settings.data_dir,
        ),
        metrics.api.create_router(database=database, clock=clock, access=access),
        core.api.create_router(database=database, clock=clock, access=access, passwords=passwords, vault=vault),
    )


def _open_id(product: Product) -> "OpenId | None":
    """The way in through a provider; its libraries are an extra, so they are imported only where one is set."""
    provider = Provider.from_settings(product.settings)
    if provider is None:
        return None
    made: OpenId = import_module("core.open_id").OpenId(
        provider=provider, database=product.database, clock=product.clock, vault=product.vault
    )
    return made
