"""One stored item in, what it means out (CHANNELS.md 2.3). Pure; which kind becomes what is the table in README.md."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bot.channels.messenger import envelope
from bot.channels.messenger.fields import identifier, instant, mapping, sequence, text, word
from bot.channels.messenger.writings import deleted, echo, message, message_edit, place_of, postback
from core.errors import Unreadable
from core.inbound import CustomerReacted, Ignored, Inbound, PlatformWarning, Receipt, ReceiptKind, Sender, ThreadControl

PAGE_INBOX_APPS: Final = frozenset({"263902037430900", "26390203743090"})
"""The Page's inbox; the second one stands in some samples (CHANNELS.md 2.3)."""

_ENVELOPE_KEYS: Final = frozenset({"sender", "recipient", "timestamp", "prior_message"})


def parse(body: Any) -> Sequence[Inbound]:
    """What the item means. Raises `Unreadable` when a key that we route by is missing."""
    drawer = mapping(body).get("drawer")
    if drawer == envelope.EMPTY or _is_empty_envelope(body):
        return [Ignored(kind="empty_entry")]
    if drawer == envelope.STANDBY:
        return [_standby(body)]
    if drawer == envelope.CHANGES and not _is_live_change(body):
        return [Ignored(kind=_name_of_change(body))]
    if drawer not in (envelope.MESSAGING, envelope.CHANGES) or not envelope.event_of(body):
        raise Unreadable("This is no event of a Page.")
    return [_event(body)]


def _event(body: Any) -> Inbound:
    event = envelope.event_of(body)
    for key, understand in _EVENTS.items():
        if key in event:
            return understand(body, event)
    unknown = next((key for key in event if key not in _ENVELOPE_KEYS), None)
    return Ignored(kind=word(unknown))


def _message(body: Any, event: Mapping[str, Any]) -> Inbound:
    content = mapping(event["message"])
    if content.get("is_echo") is True:
        return Ignored(kind="echo_deleted") if content.get("is_deleted") is True else echo(body, content)
    return deleted(body, content) if content.get("is_deleted") is True else message(body, content)


def _reaction(body: Any, event: Mapping[str, Any]) -> Inbound:
    content = mapping(event["reaction"])
    thread, at = place_of(body)
    mid = identifier(content.get("mid"))
    if mid is None:
        raise Unreadable("This reaction names no message.")
    shown = text(content.get("emoji")) or text(content.get("reaction"))
    stands = bool(shown) and content.get("action") != "unreact"
    return CustomerReacted(thread=thread, external_id=mid, at=at, reactions=(shown,) if stands else ())


def _receipt(kind: ReceiptKind) -> Callable[[Any, Mapping[str, Any]], Inbound]:
    def understand(body: Any, event: Mapping[str, Any]) -> Inbound:
        content = mapping(event["delivery" if kind is ReceiptKind.DELIVERED else "read"])
        watermark = instant(content.get("watermark"))
        mids = [identifier(mid) for mid in [*sequence(content.get("mids")), content.get("mid")]]
        known = tuple(mid for mid in mids if mid is not None)
        thread, at = envelope.customer_of(body), envelope.time_of(body) or watermark
        if thread is None or at is None or not (known or watermark):
            raise Unreadable("This receipt does not say of whom, when or for what.")
        return Receipt(thread=thread, kind=kind, at=at, external_ids=known, watermark=watermark)

    return understand


def _control(*, ours: bool) -> Callable[[Any, Mapping[str, Any]], Inbound]:
    def understand(body: Any, event: Mapping[str, Any]) -> Inbound:
        new_owner = identifier(mapping(event.get("pass_thread_control")).get("new_owner_app_id"))
        return _thread_control(body, ours=ours and new_owner not in PAGE_INBOX_APPS)

    return understand


def _request(body: Any, event: Mapping[str, Any]) -> Inbound:
    """The Page's inbox asks because a person wants to write there; other apps' wishes change nothing."""
    wanted_by = identifier(mapping(event["request_thread_control"]).get("requested_owner_app_id"))
    if wanted_by in PAGE_INBOX_APPS:
        return _thread_control(body, ours=False)
    return Ignored(kind="request_thread_control")


def _thread_control(body: Any, *, ours: bool) -> Inbound:
    thread, at = place_of(body)
    return ThreadControl(thread=thread, sender=Sender(id=thread), ours=ours, at=at)


def _policy(body: Any, event: Mapping[str, Any]) -> Inbound:
    content = mapping(event.get("policy_enforcement") or event.get("policy-enforcement"))
    reason = text(content.get("reason")) or "Facebook gave no reason."
    at = envelope.time_of(body)
    if at is None:
        raise Unreadable("This warning has no time.")
    return PlatformWarning(reason=f"{word(content.get('action'), 'warning')}: {reason}", at=at)


def _ignored(kind: str) -> Callable[[Any, Mapping[str, Any]], Inbound]:
    return lambda _body, _event: Ignored(kind=kind)


_EVENTS: Final[Mapping[str, Callable[[Any, Mapping[str, Any]], Inbound]]] = {
    "message": _message,
    "postback": lambda body, event: postback(body, mapping(event["postback"])),
    "message_edit": lambda body, event: message_edit(body, mapping(event["message_edit"])),
    "reaction": _reaction,
    "delivery": _receipt(ReceiptKind.DELIVERED),
    "read": _receipt(ReceiptKind.READ),
    "pass_thread_control": _control(ours=True),
    "take_thread_control": _control(ours=False),
    "request_thread_control": _request,
    "policy_enforcement": _policy,
    "policy-enforcement": _policy,
    **{
        kind: _ignored(kind)
        for kind in ("app_roles", "referral", "optin", "account_linking", "order", "response_feedback", "hop_context")
    },
}
"""In this order: an event may carry the key of another beside its own (a message its `referral`)."""


def _standby(body: Any) -> Inbound:
    """Another app has the thread (CHANNELS.md 2.4): its customer is not ours to answer, its answers show who owns it."""
    event = envelope.event_of(body)
    if envelope.is_echo(event) and envelope.customer_of(body) and envelope.time_of(body):
        return _thread_control(body, ours=False)
    return Ignored(kind="standby")


def _is_live_change(body: Any) -> bool:
    """Whether a change holds an event of a real Page: the dashboard's test button names Page 0 or sends no event."""
    page = identifier(mapping(mapping(body).get("entry")).get("id"))
    event = envelope.event_of(body)
    return page not in {None, "0"} and bool(event.keys() & _EVENTS.keys()) and "sender" in event


def _name_of_change(body: Any) -> str:
    field = word(mapping(mapping(body).get("event")).get("field"))
    tested = field.startswith(("message", "messaging"))
    return "dashboard_test" if tested else f"change_{field}"


def _is_empty_envelope(body: Any) -> bool:
    event = mapping(mapping(body).get("event"))
    return (
        mapping(body).get("drawer") == envelope.FOREIGN and event.get("entry") == [] and event.get("object") == "page"
    )
