"""One Page: receive and send, small signs, the live check (CHANNELS.md section 2)."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

import httpx
import structlog

from bot.channel import (
    Acceptance,
    Channel,
    FileContent,
    Finding,
    FindingLevel,
    Item,
    Opening,
    Outbound,
    Received,
    Signal,
    SignalKind,
    WebhookRequest,
)
from bot.channels.messenger.envelope import split
from bot.channels.messenger.fields import identifier, mapping, sequence, text
from bot.channels.messenger.graph import Graph
from bot.channels.messenger.media import Download
from bot.channels.messenger.sending import prepared, recipient
from bot.channels.messenger.settings import MessengerCredentials
from bot.channels.messenger.signature import HEADER, is_signed, same_word
from core.errors import OutcomeUnknown, Refused, SendError, TryLater
from core.inbound import Sender
from core.messages import Attachment

SUBSCRIBED_FIELDS: Final = (
    "messages",
    "messaging_postbacks",
    "messaging_optins",
    "messaging_referrals",
    "messaging_handovers",
    "messaging_policy_enforcement",
    "message_deliveries",
    "message_reads",
    "message_echoes",
    "message_reactions",
    "message_edits",
    "standby",
)
_ACTIONS: Final = {SignalKind.SEEN: "mark_seen", SignalKind.TYPING: "typing_on"}

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_account(opening: Opening) -> AsyncIterator[Channel]:
    """The channel of one Page; nothing is called before it is asked to."""
    credentials = MessengerCredentials.model_validate(opening.credentials)
    graph = Graph(credentials=credentials, http=opening.http)
    download = Download(http=opening.http, trusted=httpx.URL(credentials.graph_url).host)
    yield MessengerChannel(opening=opening, credentials=credentials, graph=graph, download=download)


class MessengerChannel:
    """Fulfils `Channel`, `Signalling`, `Checking`, `Preparing` and `Fetching` of the port."""

    def __init__(
        self, *, opening: Opening, credentials: MessengerCredentials, graph: Graph, download: Download
    ) -> None:
        self._opening = opening
        self._credentials = credentials
        self._graph = graph
        self._download = download
        self._other_pages: set[str] = set()

    async def receive(self, request: WebhookRequest) -> Received:
        """The handshake (GET) answers the challenge; a batch (POST) must be signed over its raw bytes.

        Raises `Refused`: 401 without a signature, 403 for a wrong one and for a failed handshake.
        """
        if request.method == "GET":
            return self._handshake(request)
        header = request.headers.get(HEADER)
        if not header:
            raise Refused(HTTPStatus.UNAUTHORIZED, "unsigned")
        if not is_signed(self._credentials.app_secret.get_secret_value(), request.body, header):
            raise Refused(HTTPStatus.FORBIDDEN, "wrong_signature")
        items = split(request.body)
        self._note_other_pages(items)
        return Received(items=items)

    async def send(self, outbound: Outbound) -> Acceptance:
        arguments, files = prepared(outbound, now=self._opening.clock())
        answer = await self._graph.send(arguments, files=files)
        mid = identifier(answer.get("message_id"))
        if mid is None:
            raise OutcomeUnknown("Facebook's answer names no message.")
        return Acceptance(external_id=mid, at=self._opening.clock())

    async def signal(self, signal: Signal) -> None:
        """Seen and typing go alone (CHANNELS.md 2.5); a press needs no acknowledgement here."""
        if action := _ACTIONS.get(signal.kind):
            await self._graph.send({"recipient": recipient(signal.thread), "sender_action": action})

    async def prepare(self) -> None:
        """Subscribe the Page to the fields we understand, unless it is. Raises a `SendError` branch.

        Several apps may be listed and none says which is ours, so all must have the fields; repeating does no harm.
        """
        listed = await self._subscriptions()
        if not listed or any(_missing(fields) for fields in listed):
            await self._graph.tell("subscribed_apps", subscribed_fields=",".join(SUBSCRIBED_FIELDS))
            log.info("messenger.subscribed", account=self._opening.account)

    async def check(self) -> Sequence[Finding]:
        """Is the token good, is it this Page's, does Facebook deliver to us? One sentence each."""
        try:
            page = await self._graph.ask(fields="id,name")
            missing = min(
                (_missing(fields) for fields in await self._subscriptions()), key=len, default=[*SUBSCRIBED_FIELDS]
            )
        except SendError as error:
            return [Finding(level=FindingLevel.BAD, sentence=str(error))]
        name = text(page.get("name")) or self._credentials.page_id
        findings = [Finding(level=FindingLevel.GOOD, sentence=f"Facebook accepts the token of the Page {name}.")]
        if missing:
            words = f"The Page is not subscribed to {', '.join(missing)}; it will be at the next start."
            findings.append(Finding(level=FindingLevel.WARNING, sentence=words))
        else:
            findings.append(Finding(level=FindingLevel.GOOD, sentence="The Page is subscribed to all our fields."))
        if self._opening.webhook_url is None:
            words = "Without REPLYDESK_PUBLIC_URL Facebook cannot deliver messages to this installation."
            findings.append(Finding(level=FindingLevel.WARNING, sentence=words))
        return findings

    async def fetch(self, attachment: Attachment, *, limit_bytes: int) -> FileContent | None:
        return await self._download.fetch(attachment, limit_bytes=limit_bytes)

    async def introduce(self, thread: str) -> Sender | None:
        """Needs Business Asset User Profile Access; without it the customer stays nameless (CHANNELS.md 2.5)."""
        try:
            profile = await self._graph.person(thread)
        except TryLater:
            raise
        except SendError:
            return None
        names = (text(profile.get("first_name")), text(profile.get("last_name")))
        name = text(profile.get("name")) or " ".join(part for part in names if part)
        return Sender(id=thread, name=name, language=text(profile.get("locale")) or None)

    def _handshake(self, request: WebhookRequest) -> Received:
        query = request.query
        known = same_word(query.get("hub.verify_token", ""), self._credentials.verify_token.get_secret_value())
        if query.get("hub.mode") != "subscribe" or not known or not query.get("hub.challenge"):
            raise Refused(HTTPStatus.FORBIDDEN, "wrong_verify_token")
        return Received(answer=query["hub.challenge"])

    async def _subscriptions(self) -> list[set[str]]:
        """The fields of every app that is subscribed to the Page."""
        apps = sequence((await self._graph.ask("subscribed_apps")).get("data"))
        return [set(map(text, sequence(mapping(app).get("subscribed_fields")))) for app in apps]

    def _note_other_pages(self, items: Sequence[Item]) -> None:
        """Tell the operator once of every other Page whose events come here; they are kept like ours (README.md)."""
        pages = {identifier(mapping(mapping(item.body).get("entry")).get("id")) for item in items}
        for page in pages - self._other_pages - {None, "0", self._credentials.page_id}:
            self._other_pages.add(str(page))
            log.warning("messenger.other_page", account=self._opening.account, page=page)


def _missing(fields: set[str]) -> list[str]:
    return [field for field in SUBSCRIBED_FIELDS if field not in fields]
