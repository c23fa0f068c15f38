"""The demo: the product with its demo brand against the simulator, so that all of it can be tried with no account."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel

from bot.accounts import DEMO
from bot.channel import ChannelKind
from bot.simulator import demo
from bot.simulator.app import create_simulator
from bot.simulator.server import serve_simulator
from core.clock import Clock, utc_now
from core.database import Database
from core.preferences import load_brand
from knowledge_base.demo import load_demo
from knowledge_base.interchange.import_file import ImportCounts
from knowledge_base.snapshot import load_snapshot

if TYPE_CHECKING:
    from bot.product import Product  # which imports this file: the first run is tried out with the demo's accounts

_TELEGRAM: Final = "telegram"
_MESSENGER: Final = "messenger"


async def load_demo_brand(database: Database) -> bool:
    """Load the demo brand into an empty knowledge base. Returns whether it was loaded."""
    if (await load_snapshot(database)).entries:
        return False

    await load_demo(database, clock=utc_now)
    return True


@asynccontextmanager
async def simulator_beside(product: "Product", *, host: str, port: int, product_url: str) -> AsyncIterator[str]:
    """Serve the simulator in this event loop and use its accounts. Yields its address."""
    async with product.database.read() as session:
        brand = await load_brand(session)
    application = create_simulator(
        brand=brand.name,
        product_url=product_url,
        messenger_account=DEMO,
        base_url=f"http://{host}:{port}",
    )
    async with serve_simulator(application, host=host, port=port) as simulator:
        use_simulator(product, simulator.base_url)
        yield simulator.base_url


async def load_demo_entries(database: Database, *, clock: Clock) -> ImportCounts:
    """The demo's entries alone; a second time changes nothing."""
    return await load_demo(database, clock=clock, with_brand=False)


def trial_account(kinds: Mapping[str, ChannelKind], base_url: str) -> tuple[ChannelKind, BaseModel]:
    """The channel on which the house is tried out, and the credentials of the simulator's account there."""
    kind = kinds[_TELEGRAM]
    return kind, kind.credentials(bot_token=demo.DEMO_TELEGRAM_TOKEN, api_url=f"{base_url}/telegram")


def use_simulator(product: "Product", base_url: str) -> None:
    """Use the simulator's accounts on every channel that the environment leaves free."""
    kinds = product.accounts.kinds
    _use(product, kinds[_TELEGRAM], bot_token=demo.DEMO_TELEGRAM_TOKEN, api_url=f"{base_url}/telegram")
    _use(
        product,
        kinds[_MESSENGER],
        page_id=demo.DEMO_PAGE_ID,
        page_token=demo.DEMO_PAGE_TOKEN,
        app_secret=demo.DEMO_APP_SECRET,
        verify_token=demo.DEMO_VERIFY_TOKEN,
        graph_url=f"{base_url}/graph",
    )


def _use(product: "Product", kind: ChannelKind, **given: str) -> None:
    product.accounts.use_demo(kind.name, kind.credentials(**given))
