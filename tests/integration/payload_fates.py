"""Prints what becomes of every body of the payload pack, one by one, as a Markdown table.

python -m tests.integration.payload_fates [PATH OF shared] > fates.md
"""

import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path

import httpx
from sqlalchemy import select

from bot.models import InboxState
from core.logs import Scrubber, configure_logs
from core.messages import Author, Purpose
from core.models import Event, Message
from tests.integration.payload_replay import Replay, know_the_people, load_pack
from tests.running_house import running_house

_ANSWERS = {
    Purpose.ANSWER: "answered",
    Purpose.CLARIFICATION: "asked back",
    Purpose.SMALLTALK: "greeted back",
    Purpose.NOTICE: "told so",
    Purpose.DRAFT: "a draft for the agent",
}


async def print_fates(shared: Path) -> None:
    configure_logs(log_format="console", scrubber=Scrubber())
    pack = load_pack(shared)
    tally: Counter[str] = Counter()
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        async with (
            running_house(Path(folder), turn_wait_ms=5, speed=50.0, receipts="none", echo_mode="never") as house,
            httpx.AsyncClient() as http,
        ):
            know_the_people(house, pack)
            replay = Replay(house=house, http=http)
            for body in pack:
                before = await _counts(replay)
                status = await replay.post(body)
                await replay.settle()
                items = await replay.items()
                found = [items[body.channel, key] for key in body.dedup_keys()]
                outcomes = [
                    f"dead letter: {item.error}" if item.state == InboxState.DEAD else str(item.outcome)
                    for item in found
                ]
                tally.update(outcomes)
                followed = await _followed(replay, before)
                lines.append(f"| {body.channel}/{body.name} | {status} | {', '.join(outcomes)} | {followed} |")
    _say("| Body | HTTP | Became | Then |\n|---|---|---|---|")
    for line in lines:
        _say(line)
    _say("\n| Outcome | Items |\n|---|---|")
    for outcome, count in tally.most_common():
        _say(f"| {outcome} | {count} |")


async def _counts(replay: Replay) -> tuple[int, int]:
    async with replay.house.product.database.read() as session:
        messages = (await session.scalars(select(Message.id).order_by(Message.id.desc()).limit(1))).first()
        events = (await session.scalars(select(Event.id).order_by(Event.id.desc()).limit(1))).first()
    return messages or 0, events or 0


async def _followed(replay: Replay, before: tuple[int, int]) -> str:
    """What the bot did since: events, and what it said."""
    async with replay.house.product.database.read() as session:
        messages = (await session.scalars(select(Message).where(Message.id > before[0]).order_by(Message.id))).all()
        events = (await session.scalars(select(Event).where(Event.id > before[1]).order_by(Event.id))).all()
    told = [_ANSWERS[one.purpose] for one in messages if one.author == Author.BOT and one.purpose in _ANSWERS]
    states = [f"{one.state}" for one in messages if one.author == Author.BOT]
    happened = [f"{event.kind} {event.details.get('reason', '')}".strip() for event in events]
    if not told and not happened and any(one.author == Author.CUSTOMER for one in messages):
        return "a person has the conversation already"
    parts = happened + [f"customer {what} ({state})" for what, state in zip(told, states, strict=True)]
    return "; ".join(parts) or "nothing to do"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    root = Path(__file__).parent.parent.parent
    asyncio.run(print_fates(Path(sys.argv[1]) if len(sys.argv) > 1 else root.parent / "shared"))
