"""The control API: play customers, cause trouble, read the record. JSON in, JSON out; for tests, demo and page."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.simulator.actions import perform
from bot.simulator.faults import UnknownFaultError
from bot.simulator.graph.platform import ECHO_MODES, RECEIPTS
from bot.simulator.graph.webhook import VerificationFailedError

if TYPE_CHECKING:
    from bot.simulator.app import Simulator
    from bot.simulator.graph.customer import MessengerCustomer
    from bot.simulator.telegram.customer import TelegramCustomer

Handler = Callable[[Request], Awaitable[Any]]
CHANNELS = ("telegram", "messenger")


class ControlError(Exception):
    """A request that cannot be served; answered as `{"error": …}` with this status."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


async def _body(request: Request) -> dict[str, Any]:
    """The JSON object of a request. JSON only, so that no foreign web page can post here unasked."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise ControlError(415, "Send application/json.")
    try:
        body = await request.json()
    except json.JSONDecodeError as error:
        raise ControlError(400, f"This is not JSON: {error}.") from error
    if not isinstance(body, dict):
        raise ControlError(400, "Send a JSON object.")
    return body


def _guarded(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(await handler(request))
        except ControlError as error:
            return JSONResponse({"error": str(error)}, status_code=error.status)
        except (UnknownFaultError, VerificationFailedError, LookupError, TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return answer


class Control:
    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def _platform(self, request: Request) -> Any:
        name = request.path_params["platform"]
        if name not in CHANNELS:
            raise ControlError(404, f"No platform is called {name!r}.")
        return getattr(self._simulator, name)

    def _customer(self, customer_id: str) -> TelegramCustomer | MessengerCustomer:
        simulator = self._simulator
        found = simulator.telegram.customers.get(customer_id) or simulator.messenger.customers.get(customer_id)
        if found is None:
            raise ControlError(404, f"No customer has the id {customer_id!r}.")
        return found

    # Customers

    async def state(self, _request: Request) -> dict[str, Any]:
        simulator = self._simulator
        everybody: list[TelegramCustomer | MessengerCustomer] = [
            *simulator.telegram.customers.values(),
            *simulator.messenger.customers.values(),
        ]
        return {
            "brand": simulator.brand,
            "questions": simulator.questions,
            "desk": simulator.product_url,
            "customers": [customer.screen.as_json(customer.head()) for customer in everybody],
        }

    async def add_customer(self, request: Request) -> dict[str, Any]:
        body = await _body(request)
        channel, name = str(body.get("channel", "telegram")), str(body.get("name", "")).strip()
        if channel not in CHANNELS or not name:
            raise ControlError(400, "Give a name and a channel (telegram or messenger).")
        language = str(body.get("language", "en"))
        wanted = body.get("id")
        simulator = self._simulator
        if channel == "telegram":
            number = None if wanted is None else int(wanted)
            return simulator.telegram.customer(name, language=language, customer_id=number).head()
        psid = None if wanted is None else str(wanted)
        return simulator.messenger.customer(name, language=language, customer_id=psid).head()

    async def remove_customer(self, request: Request) -> dict[str, Any]:
        customer = self._customer(request.path_params["id"])
        platform = self._simulator.telegram if customer.channel == "telegram" else self._simulator.messenger
        platform.remove_customer(customer.id)
        return {"removed": customer.id}

    async def screen(self, request: Request) -> dict[str, Any]:
        customer = self._customer(request.path_params["id"])
        return customer.screen.as_json(customer.head())

    async def act(self, request: Request) -> dict[str, Any]:
        customer = self._customer(request.path_params["id"])
        return {"result": perform(customer, request.path_params["action"], await _body(request))}

    # Trouble

    async def faults(self, request: Request) -> dict[str, Any]:
        faults = self._platform(request).faults
        if request.method == "DELETE":
            faults.clear()
        elif request.method == "POST":
            faults.add(**await _body(request))
        return {"rules": [asdict(rule) for rule in faults.rules], "known": sorted(faults.known)}

    async def inject(self, request: Request) -> dict[str, Any]:
        """A raw Telegram update, or the exact bytes of a Messenger body."""
        platform = self._platform(request)
        if platform is self._simulator.messenger:
            platform.inject(await request.body())
            return {}
        keep_id = request.query_params.get("keep_id") == "true"
        return {"update_id": platform.inject(await _body(request), keep_id=keep_id)}

    async def clock(self, request: Request) -> dict[str, Any]:
        self._simulator.pace.advance(float((await _body(request)).get("advance", 0)))
        return {"now": self._simulator.pace.now().isoformat()}

    # Messenger

    async def agent(self, request: Request) -> dict[str, Any]:
        """Somebody writes in the Page inbox, or in another app."""
        body = await _body(request)
        customer = self._customer(str(body.pop("customer", "")))
        return {"mid": await self._simulator.messenger.agent_writes(customer.id, **body)}

    async def thread(self, request: Request) -> dict[str, Any]:
        body = await _body(request)
        customer = self._customer(str(body.pop("customer", "")))
        messenger = self._simulator.messenger
        table = {"take": messenger.take_thread, "give": messenger.give_thread, "request": messenger.request_thread}
        action = str(body.pop("action", ""))
        if action not in table:
            raise ControlError(400, "The action is take, give or request.")
        table[action](customer.id, **body)
        return {}

    async def subscribe(self, request: Request) -> dict[str, Any]:
        body = await _body(request)
        fields = set(body["fields"]) if "fields" in body else None
        url = body.get("url") or self._simulator.callback_url
        await self._simulator.messenger.subscribe(url, verify_token=body.get("verify_token"), fields=fields)
        return self._simulator.messenger.webhook.as_json()

    async def hold(self, _request: Request) -> dict[str, Any]:
        self._simulator.messenger.webhook.hold()
        return {}

    async def release(self, request: Request) -> dict[str, Any]:
        self._simulator.messenger.webhook.release(**await _body(request))
        return {}

    async def settings(self, request: Request) -> dict[str, Any]:
        """Change how the page behaves: echo_mode, receipts, profiles_allowed, sticker_twice, require_proof, …"""
        messenger = self._simulator.messenger
        body = await _body(request)
        if body.get("echo_mode", "before") not in ECHO_MODES or body.get("receipts", "none") not in RECEIPTS:
            raise ControlError(400, f"echo_mode is one of {ECHO_MODES}, receipts one of {RECEIPTS}.")
        for name, value in body.items():
            if name not in SETTINGS:
                raise ControlError(400, f"No setting is called {name!r}.")
            setattr(messenger, name, value)
        return {name: getattr(messenger, name) for name in SETTINGS}

    # What happened

    async def record(self, request: Request) -> dict[str, Any]:
        query = request.query_params
        filters = {name: query.get(name) for name in ("platform", "kind", "name")}
        entries = self._simulator.record.entries(**filters, after=int(query.get("after", "0")))
        return {"entries": entries, "counters": dict(self._simulator.record.counters)}

    async def health(self, _request: Request) -> dict[str, Any]:
        webhook = self._simulator.telegram.webhook.settings
        return {
            "telegram": {"webhook": webhook.url if webhook else "", "pending": len(self._simulator.telegram.updates)},
            "messenger": self._simulator.messenger.webhook.as_json(),
        }

    async def events(self, _request: Request) -> Response:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._simulator.hub.stream(), media_type="text/event-stream", headers=headers)


#: What `/control/messenger/settings` may change. An expired page token is `page_token` set to something else.
SETTINGS = (
    "echo_mode",
    "receipts",
    "profiles_allowed",
    "sticker_twice",
    "require_proof",
    "usage_percent",
    "page_token",
)


def control_routes(simulator: Simulator) -> list[BaseRoute]:
    control = Control(simulator)
    table: list[tuple[str, Handler, list[str]]] = [
        ("/state", control.state, ["GET"]),
        ("/customers", control.add_customer, ["POST"]),
        ("/customers/{id}", control.remove_customer, ["DELETE"]),
        ("/customers/{id}/screen", control.screen, ["GET"]),
        ("/customers/{id}/{action}", control.act, ["POST"]),
        ("/messenger/agent", control.agent, ["POST"]),
        ("/messenger/thread", control.thread, ["POST"]),
        ("/messenger/subscribe", control.subscribe, ["POST"]),
        ("/messenger/hold", control.hold, ["POST"]),
        ("/messenger/release", control.release, ["POST"]),
        ("/messenger/settings", control.settings, ["POST"]),
        ("/{platform}/faults", control.faults, ["GET", "POST", "DELETE"]),
        ("/{platform}/inject", control.inject, ["POST"]),
        ("/clock", control.clock, ["POST"]),
        ("/record", control.record, ["GET"]),
        ("/health", control.health, ["GET"]),
    ]
    routes: list[BaseRoute] = [Route(path, _guarded(handler), methods=methods) for path, handler, methods in table]
    return [Route("/events", control.events, methods=["GET"]), *routes]
