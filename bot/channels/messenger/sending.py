"""From our outgoing message to the Send API's arguments (CHANNELS.md 2.5)."""

import json
from datetime import datetime, timedelta
from typing import Any, Final

import regex

from bot.channel import FileContent, Limits, Outbound
from core.errors import NotSendable, WindowClosed
from core.messages import Author, Button
from core.text import utf16_length

WINDOW: Final = timedelta(hours=24)
AGENT_WINDOW: Final = timedelta(days=7)
LIMITS: Final = Limits(
    text_length=1999,
    measure=utf16_length,
    buttons=13,
    button_title_length=20,
    window=WINDOW,
    agent_window=AGENT_WINDOW,
    account_per_second=40.0,
    recipient_per_second=2.0,
)
"""Text *under* 2000 characters, 13 quick replies; over 40 messages a second the Page's inbox freezes (CHANNELS.md 2.7)."""

TEMPLATE_BUTTONS: Final = 3
TEMPLATE_TEXT: Final = 640
LARGEST_FILE: Final = 25 * 1024 * 1024
USER_REFERENCE: Final = "user_ref:"

Arguments = dict[str, Any]
File = tuple[str, bytes, str]


def prepared(outbound: Outbound, *, now: datetime) -> tuple[Arguments, dict[str, File] | None]:
    """The arguments of `POST /{page}/messages`, and the file to upload with them.

    Raises `WindowClosed` before any call when the platform would not let this author write any more, `NotSendable` for
    what does not fit.
    """
    arguments: Arguments = {
        "recipient": recipient(outbound.thread),
        **_permission(outbound, now=now),
        "message": {**_content(outbound), "metadata": outbound.key},
    }
    if outbound.reply_to:
        arguments["reply_to"] = {"mid": outbound.reply_to}
    if outbound.file is None:
        return arguments, None
    fields = {key: value if isinstance(value, str) else json.dumps(value) for key, value in arguments.items()}
    return fields, {"filedata": (outbound.file.name or "file", outbound.file.content, outbound.file.media_type)}


def recipient(thread: str) -> dict[str, str]:
    """A person by his page-scoped id, or by the reference a plugin gave him before he had one."""
    if thread.startswith(USER_REFERENCE):
        return {"user_ref": thread.removeprefix(USER_REFERENCE)}
    return {"id": thread}


def _permission(outbound: Outbound, *, now: datetime) -> dict[str, str]:
    """A plain response within 24 hours; after them, for seven days, a person's own words with the tag HUMAN_AGENT.

    Never the tag on the bot's words: the account is at risk (CHANNELS.md 2.5). Without a known last message the
    platform decides.
    """
    if outbound.last_customer_at is None or now - outbound.last_customer_at < WINDOW:
        return {"messaging_type": "RESPONSE"}
    if outbound.author is Author.AGENT and now - outbound.last_customer_at < AGENT_WINDOW:
        return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    if outbound.author is Author.AGENT:
        raise WindowClosed("The customer wrote more than seven days ago; Messenger takes no answer any more.")
    raise WindowClosed("The customer wrote more than 24 hours ago; only a person may still answer on Messenger.")


def _content(outbound: Outbound) -> dict[str, Any]:
    if outbound.file is not None:
        return _file(outbound, outbound.file)
    if not outbound.text:
        raise NotSendable("There is nothing in this message.")
    if LIMITS.measure(outbound.text) > LIMITS.text_length:
        raise NotSendable(f"The text is longer than Messenger's {LIMITS.text_length} characters.")
    links = [button for button in outbound.buttons if button.url]
    content = _with_links(outbound.text, links) if links else {"text": outbound.text}
    replies = [_quick_reply(button) for button in outbound.buttons if not button.url]
    if len(replies) > LIMITS.buttons:
        raise NotSendable(f"Messenger shows at most {LIMITS.buttons} buttons.")
    return {**content, "quick_replies": replies} if replies else content


def _file(outbound: Outbound, file: FileContent) -> dict[str, Any]:
    if outbound.text:
        raise NotSendable("Messenger takes no words together with a file.")
    if len(file.content) > LARGEST_FILE:
        raise NotSendable("The file is larger than Messenger's 25 MB.")
    family = file.media_type.partition("/")[0]
    kind = family if family in {"image", "audio", "video"} else "file"
    return {"attachment": {"type": kind, "payload": {"is_reusable": False}}}


def _with_links(text: str, links: list[Button]) -> dict[str, Any]:
    """A button template where it fits, else the addresses under the text: a link is never dropped."""
    if len(links) <= TEMPLATE_BUTTONS and LIMITS.measure(text) <= TEMPLATE_TEXT:
        buttons = [{"type": "web_url", "url": link.url, "title": _title(link)} for link in links]
        payload = {"template_type": "button", "text": text, "buttons": buttons}
        return {"attachment": {"type": "template", "payload": payload}}
    longer = "\n".join([text, *(f"{link.title}: {link.url}" for link in links)])
    if LIMITS.measure(longer) > LIMITS.text_length:
        raise NotSendable("The text and its links are longer than a Messenger message.")
    return {"text": longer}


def _quick_reply(button: Button) -> dict[str, str]:
    return {"content_type": "text", "title": _title(button), "payload": button.payload or button.title}


def _title(button: Button) -> str:
    """Cut to what the platform shows, never inside a character as people see it; it refuses longer ones."""
    limit = LIMITS.button_title_length
    if LIMITS.measure(button.title) <= limit:
        return button.title
    short = ""
    for grapheme in regex.findall(r"\X", button.title):
        if LIMITS.measure(short + grapheme) > limit - 1:
            break
        short += grapheme
    return short + "…"
