"""The other Graph calls: who am I, subscriptions, profiles, thread control, personas (CHANNELS.md 2.1, 2.4, 2.5)."""

from __future__ import annotations

import itertools
from collections import deque
from typing import TYPE_CHECKING, Any

from bot.simulator.graph.errors import bad_parameter, named_error
from bot.simulator.graph.requests import GraphCall

if TYPE_CHECKING:
    from bot.simulator.graph.customer import MessengerCustomer
    from bot.simulator.graph.platform import FakeMessenger

SUCCESS = {"success": True}
PROFILE_CALLS = 10
PROFILE_SECONDS = 600.0
LONGEST_PERSONA_NAME = 50
LONGEST_PAYLOAD = 1000
MOST_ICE_BREAKERS = 4


class Nodes:
    """Answers everything but the Send API; a method returns the JSON result or raises GraphError."""

    def __init__(self, page: FakeMessenger) -> None:
        self._page = page
        self._profile_calls: deque[float] = deque()
        self._persona_ids = itertools.count(3_000_000_000_001)

    def page_node(self, _call: GraphCall) -> dict[str, Any]:
        return {"id": self._page.page_id, "name": self._page.name}

    def person(self, psid: str, call: GraphCall) -> dict[str, Any]:
        """The profile, when profiles may be read (`profiles_allowed`) and the person is known."""
        customer = self._page.customers.get(psid)
        if customer is None:
            raise named_error("no_object")
        if not self._page.profiles_allowed:
            raise named_error("profile_forbidden")
        first, _, last = customer.name.partition(" ")
        everything = {
            "first_name": first,
            "last_name": last,
            "name": customer.name,
            "locale": {"en": "en_US", "ru": "ru_RU", "uk": "uk_UA", "ms": "ms_MY"}.get(customer.language, "zh_TW"),
        }
        wanted = call.text("fields", "first_name,last_name").split(",")
        return {**{key: everything[key] for key in wanted if everything.get(key)}, "id": psid}

    def subscribed_apps(self, call: GraphCall) -> dict[str, Any]:
        subscription = self._page.webhook.subscription
        if call.method == "GET":
            app = {"id": self._page.app_id, "name": "replydesk", "subscribed_fields": sorted(subscription.fields)}
            return {"data": [app] if subscription.fields else []}
        if call.method == "DELETE":
            self._page.webhook.unsubscribe_page()
            return SUCCESS
        fields = call.arguments.get("subscribed_fields", "")
        names = fields if isinstance(fields, list) else str(fields).split(",")
        wanted = {str(name).strip() for name in names if str(name).strip()}
        if not wanted:
            raise bad_parameter("The parameter subscribed_fields is required")
        self._page.webhook.subscribe_page(wanted)
        return SUCCESS

    def messenger_profile(self, call: GraphCall) -> dict[str, Any]:
        """Ten calls in ten minutes, then 613."""
        if call.method == "GET":
            return {"data": [self._page.profile] if self._page.profile else []}
        now = self._page.pace.elapsed()
        while self._profile_calls and now - self._profile_calls[0] > PROFILE_SECONDS:
            self._profile_calls.popleft()
        if len(self._profile_calls) >= PROFILE_CALLS:
            raise named_error("rate")
        self._profile_calls.append(now)
        if call.method == "DELETE":
            for name in call.arguments.get("fields") or []:
                self._page.profile.pop(name, None)
            return {"result": "success"}
        self._check_profile(call)
        self._page.profile.update(call.arguments)
        return {"result": "success"}

    @staticmethod
    def _check_profile(call: GraphCall) -> None:
        get_started = call.arguments.get("get_started") or {}
        if len(str(get_started.get("payload", ""))) > LONGEST_PAYLOAD:
            raise bad_parameter("Param get_started[payload] is too long")
        breakers = call.arguments.get("ice_breakers") or []
        if len(breakers) > MOST_ICE_BREAKERS and "call_to_actions" not in breakers[0]:
            raise bad_parameter("Param ice_breakers has too many elements")

    def pass_thread_control(self, call: GraphCall) -> dict[str, Any]:
        target = call.text("target_app_id")
        if not target:
            raise bad_parameter("Param target_app_id is required")
        customer = self._thread(call)
        if customer.owner != self._page.app_id:
            raise named_error("thread_owned")
        customer.owner = target
        return SUCCESS

    def take_thread_control(self, call: GraphCall) -> dict[str, Any]:
        self._thread(call).owner = self._page.app_id
        return SUCCESS

    def release_thread_control(self, call: GraphCall) -> dict[str, Any]:
        """Our app is the default app: a released thread is idle, and ours again with the next message."""
        self._thread(call)
        return SUCCESS

    def request_thread_control(self, call: GraphCall) -> dict[str, Any]:
        self._thread(call)
        return SUCCESS

    def _thread(self, call: GraphCall) -> MessengerCustomer:
        recipient = call.arguments.get("recipient")
        psid = str(recipient.get("id")) if isinstance(recipient, dict) else ""
        if psid not in self._page.customers:
            raise named_error("no_user")
        return self._page.customers[psid]

    def make_persona(self, call: GraphCall) -> dict[str, Any]:
        if call.method == "GET":
            return {"data": [{"id": key, **value} for key, value in self._page.personas.items()]}
        name = call.text("name")
        if not 1 <= len(name) <= LONGEST_PERSONA_NAME:
            raise bad_parameter("Param name must have 1 to 50 characters")
        persona_id = str(next(self._persona_ids))
        self._page.personas[persona_id] = {"name": name, "profile_picture_url": call.text("profile_picture_url")}
        return {"id": persona_id}

    def persona(self, persona_id: str, call: GraphCall) -> dict[str, Any]:
        if persona_id not in self._page.personas:
            raise named_error("no_object")
        if call.method == "DELETE":
            del self._page.personas[persona_id]
            return SUCCESS
        return {"id": persona_id, **self._page.personas[persona_id]}
