"""An understanding that waits to be told: `slow TEXT` is thought about until the test opens its gate."""

import asyncio
from collections import defaultdict

from knowledge_base.search import Knowledge
from nlu.decisions import Decision
from nlu.understanding import Context
from tests.literal_understanding import LiteralBuild, LiteralUnderstanding

SLOW = "slow "


class Gates:
    """`begun[text]` is set when the bot thinks about it; setting `opened[text]` lets it go on, as if TEXT had been asked."""

    def __init__(self) -> None:
        self.begun: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.opened: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)


class GatedUnderstanding:
    def __init__(self, literal: LiteralUnderstanding, gates: Gates) -> None:
        self._literal = literal
        self._gates = gates

    async def decide(self, text: str, context: Context) -> Decision:
        if text.startswith(SLOW):
            self._gates.begun[text].set()
            await self._gates.opened[text].wait()
        return await self._literal.decide(text.removeprefix(SLOW).partition("#")[0], context)


class GatedBuild:
    generation = 0

    def __init__(self, gates: Gates) -> None:
        self._gates = gates
        self._build = LiteralBuild()

    async def __call__(self, knowledge: Knowledge, *, max_wrong_answer_rate: float) -> GatedUnderstanding:
        literal = await self._build(knowledge, max_wrong_answer_rate=max_wrong_answer_rate)
        return GatedUnderstanding(literal, self._gates)
