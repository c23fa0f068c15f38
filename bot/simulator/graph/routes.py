"""The HTTP face of the fake Graph: `/v25.0/{node}` and `/v25.0/{node}/{edge}`, the version may be left out."""

import json
import re
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.simulator.connection import Answer
from bot.simulator.faults import Fault
from bot.simulator.graph.customer import MessengerCustomer
from bot.simulator.graph.errors import GraphError, named_error, refusal_of
from bot.simulator.graph.nodes import Nodes
from bot.simulator.graph.platform import FakeMessenger
from bot.simulator.graph.requests import GraphCall, read_call
from bot.simulator.graph.sending import SendApi

VERSION = re.compile(r"v\d+\.\d+")


class GraphEndpoint:
    """Answers every call; faults meet the call by its edge (`messages`, `subscribed_apps`, …) or `node`."""

    def __init__(self, page: FakeMessenger) -> None:
        self._page = page
        self._sending = SendApi(page)
        nodes = Nodes(page)
        self._nodes = nodes
        self._edges: dict[str, Callable[[GraphCall], dict[str, Any]]] = {
            "subscribed_apps": nodes.subscribed_apps,
            "messenger_profile": nodes.messenger_profile,
            "pass_thread_control": nodes.pass_thread_control,
            "take_thread_control": nodes.take_thread_control,
            "release_thread_control": nodes.release_thread_control,
            "request_thread_control": nodes.request_thread_control,
            "personas": nodes.make_persona,
            "message_attachments": self._sending.upload,
        }

    async def answer(self, request: Request) -> Response:
        parts = [part for part in request.path_params["path"].split("/") if part]
        if parts and VERSION.fullmatch(parts[0]):
            parts = parts[1:]
        node, edge = (parts[0] if parts else ""), (parts[1] if len(parts) > 1 else "node")
        try:
            call = await read_call(request, self._page.media)
        except GraphError as error:
            return error.as_answer().as_response()
        return (await self._judged(node, edge, call)).as_response()

    async def _judged(self, node: str, edge: str, call: GraphCall) -> Answer:
        """The answer with the fault of the moment, recorded."""
        recipient = call.arguments.get("recipient")
        customer_id = str(recipient.get("id")) if isinstance(recipient, dict) else None
        fault: Fault | None = None
        reached: MessengerCustomer | None = None
        try:
            call.check(
                token=self._page.page_token, secret=self._page.app_secret, require_proof=self._page.require_proof
            )
            fault = self._page.faults.strike(edge, customer_id)
            answer = refusal_of(fault) if fault else None
            if answer is None:
                result, reached = await self._run(node, edge, call)
                answer = Answer(body=result, headers=self._usage())
        except GraphError as error:
            answer = error.as_answer()
        self._note(node, edge, call, answer, fault)
        if reached is not None:
            self._page.report_receipts(reached)
        if fault is not None and fault.kind == "slow":
            await self._page.pace.sleep(fault.seconds)
        return Answer(lost=True) if fault is not None and fault.kind == "lost_answer" else answer

    async def _run(self, node: str, edge: str, call: GraphCall) -> tuple[dict[str, Any], MessengerCustomer | None]:
        own = node in (self._page.page_id, "me")
        if own and edge == "messages" and call.method == "POST":
            return await self._sending.send(call)
        if own and edge == "node":
            return self._nodes.page_node(call), None
        if own and edge in self._edges:
            return self._edges[edge](call), None
        if edge == "node" and node in self._page.personas:
            return self._nodes.persona(node, call), None
        if edge == "node":
            return self._nodes.person(node, call), None
        raise named_error("no_object")

    def _usage(self) -> dict[str, str]:
        """The usage header that tells before the error does (CHANNELS.md 2.7)."""
        figures = {"type": "messenger", "call_count": self._page.usage_percent, "total_cputime": 1, "total_time": 1}
        return {"X-Business-Use-Case-Usage": json.dumps({self._page.page_id: [figures]})}

    def _note(self, node: str, edge: str, call: GraphCall, answer: Answer, fault: Fault | None) -> None:
        body = answer.body if isinstance(answer.body, dict) else {}
        error = body.get("error") or {}
        recipient = call.arguments.get("recipient")
        message = call.arguments.get("message")
        self._page.record.add(
            platform="messenger",
            kind="call",
            name=edge,
            node=node,
            method=call.method,
            customer=str(recipient.get("id")) if isinstance(recipient, dict) else None,
            parameters=dict(call.arguments),
            token_in=call.token_in,
            accepted=answer.status == 200 and not answer.lost,
            status=None if answer.lost else answer.status,
            code=error.get("code"),
            subcode=error.get("error_subcode"),
            description=error.get("message", ""),
            message_id=body.get("message_id"),
            metadata=message.get("metadata") if isinstance(message, dict) else None,
            fault=fault.kind if fault else None,
        )


def graph_routes(page: FakeMessenger) -> list[Route]:
    endpoint = GraphEndpoint(page)
    return [Route("/{path:path}", endpoint.answer, methods=["GET", "POST", "DELETE"])]
