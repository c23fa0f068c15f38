"""The real understanding, with a hand to hold it back: so that an agent can be quicker than the bot, every time."""

import asyncio

from knowledge_base.search import Knowledge
from nlu.decisions import Decision
from nlu.understanding import Context, Understanding, Understands


class Held:
    """Texts that the bot must not finish thinking about before it is let go."""

    def __init__(self) -> None:
        self._begun: dict[str, asyncio.Event] = {}
        self._opened: dict[str, asyncio.Event] = {}

    def hold(self, text: str) -> None:
        self._begun[text], self._opened[text] = asyncio.Event(), asyncio.Event()

    async def begun(self, text: str) -> None:
        await self._begun[text].wait()

    def let_go(self, text: str) -> None:
        self._opened[text].set()

    async def wait(self, text: str) -> None:
        if text in self._begun:
            self._begun[text].set()
            await self._opened[text].wait()


class HeldUnderstanding:
    def __init__(self, understanding: Understands, held: Held) -> None:
        self._understanding = understanding
        self._held = held

    async def decide(self, text: str, context: Context) -> Decision:
        await self._held.wait(text)
        return await self._understanding.decide(text, context)


class HeldBuild:
    """Hands the product the understanding that was built of the house's knowledge before it opened."""

    generation = 0

    def __init__(self, understanding: Understanding, held: Held) -> None:
        self._understanding = understanding
        self._held = held

    async def __call__(self, knowledge: Knowledge, *, max_wrong_answer_rate: float) -> HeldUnderstanding:
        assert knowledge.revision == self._understanding.knowledge.revision, "the house knows something else"
        return HeldUnderstanding(self._understanding, self._held)
