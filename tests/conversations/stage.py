"""Plays a script against the running house: the simulator's customer and an agent act, the bot's part is looked at."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from core.messages import Author, ConversationStatus
from core.models import Message
from tests.conversations.happened import Handed, Happened, Said
from tests.conversations.held import Held
from tests.conversations.known import Known
from tests.conversations.script import Act, Script, Step
from tests.integration.desk import UNSETTLED, Customer, Desk

_PATIENCE_SECONDS: Final = 90.0
_LOOK_EVERY_SECONDS: Final = 0.2


@dataclass(slots=True, kw_only=True)
class Performance:
    """One script being played. `transcript` grows; `complaint` is None as long as all is as expected."""

    script: Script
    desk: Desk
    held: Held
    known: Known
    customer: Customer
    transcript: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    complaint: str | None = None
    _unshown: int = 0
    """What the customer did that is not on his own screen."""
    _last_id: str = ""

    async def play(self) -> None:
        """To the end, or to the first step in which the bot does something else."""
        for step in self.script.steps:
            try:
                happened = await self._play(step)
            except (TimeoutError, LookupError, AssertionError) as error:
                self.complaint = f"The conversation broke off ({type(error).__name__}: {error})."
                return
            if step.expected is None:
                continue
            self.kinds.append(happened.kind)
            self.transcript.append(_indented("bot", happened.in_words()))
            self.complaint = step.expected.complaint(happened, self.known)
            if self.complaint is not None:
                self.transcript.append(_indented("expected", step.expected.in_words()))
                return

    async def _play(self, step: Step) -> Happened:
        rows, cases, shown = await self._ours(), await self.desk.cases(self.customer), self.customer.screen.texts()
        if step.meanwhile:
            await self._overtaken(step)
        else:
            for act in step.acts:
                await self._act(act)
        await self._settled()
        found = await self.desk.conversation(self.customer)
        return Happened(
            said=[Said.of(row) for row in (await self._ours())[len(rows) :] if row.author == Author.BOT],
            handed=[Handed.of(case) for case in (await self.desk.cases(self.customer))[len(cases) :]],
            shown=self.customer.screen.texts()[len(shown) :],
            status=found.status if found is not None else ConversationStatus.BOT,
        )

    async def _overtaken(self, step: Step) -> None:
        """An agent claims the conversation while the bot thinks about the customer's words."""
        text = "\n".join(act.words for act in step.acts)
        self.held.hold(text)
        for act in step.acts:
            await self._act(act)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await self.held.begun(text)
        self.transcript.append(_indented("agent", "claims, while the bot is still thinking"))
        await self.desk.do(self.customer, "claim")
        self.held.let_go(text)

    async def _act(self, act: Act) -> None:
        who = "agent" if act.by_agent else "customer"
        done = act.verb.removeprefix(who).strip()
        beside = f" ({act.emoji_or_caption})" if act.emoji_or_caption else ""
        self.transcript.append(_indented(who, f"{f'({done}) ' if done else ''}{act.words}{beside}"))
        match act.verb:
            case "agent":
                await self.desk.do(self.customer, act.words)
            case "agent replies":
                await self.desk.do(self.customer, "messages", text=act.words)
            case "customer presses":
                await self._press(act.words)
            case "customer edits":
                self.customer.edit(self._last_id, act.words)
                await self._until(self._edited)
            case _:
                self._last_id = self._write(act)

    def _write(self, act: Act) -> str:
        match act.verb:
            case "customer":
                return self.customer.write(act.words)
            case "customer starts":
                return self.customer.start(act.words)
            case "customer forwards":
                return self._forward(act.words)
        arguments = {"photo": "caption", "document": "caption", "video": "caption", "sticker": "emoji"}
        given = {arguments[act.words]: act.emoji_or_caption} if act.emoji_or_caption else {}
        sent = getattr(self.customer, act.words)(**given)
        return str(sent[-1] if isinstance(sent, list) else sent)

    def _forward(self, text: str) -> str:
        """A message that somebody else wrote, forwarded into the chat with the bot."""
        telegram = self.desk.house.simulator.telegram
        person: Any = self.customer
        number = telegram.next_message_id()
        origin = {"type": "hidden_user", "sender_user_name": "A friend", "date": 1_780_000_000}
        date = int(telegram.pace.now().timestamp())
        head = {"message_id": number, "from": person.as_user(), "chat": person.as_chat(), "date": date}
        telegram.inject({"message": {**head, "forward_origin": origin, "text": text}})
        self._unshown += 1
        return str(number)

    async def _press(self, title: str) -> None:
        """By the title in the knowledge base: channels shorten long ones and number them."""
        for row in reversed(await self._ours()):
            for button in row.buttons or ():
                if button["title"] == title:
                    self.customer.press(button["payload"])
                    self._unshown += self.customer.channel == "telegram"
                    return
        raise LookupError(f"No button is titled {title!r}.")

    async def _ours(self) -> list[Message]:
        return [one for one in await self.desk.messages(self.customer) if one.author != Author.CUSTOMER]

    async def _settled(self) -> None:
        """All that the customer did is stored, and nothing waits for anything."""
        wrote = len(self.customer.screen.texts(author="customer")) + self._unshown

        async def is_settled() -> bool:
            rows = await self.desk.messages(self.customer)
            mine = sum(row.author == Author.CUSTOMER for row in rows)
            return mine == wrote and not any(row.state in UNSETTLED for row in rows)

        await self._until(is_settled)

    async def _edited(self) -> bool:
        rows = await self.desk.messages(self.customer)
        words = self.customer.screen.messages[self._last_id].text
        return any(row.text == words for row in rows)

    @staticmethod
    async def _until(what: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not await what():  # noqa: ASYNC110 - rows of a database ring no bell
                await asyncio.sleep(_LOOK_EVERY_SECONDS)


def _indented(who: str, words: str) -> str:
    return f"{who:>9}: " + words.replace("\n", "\n" + " " * 11)
