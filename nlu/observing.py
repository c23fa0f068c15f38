"""How often the bot's answers turned out wrong, as far as anybody said: customers' feedback and agents' corrections."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.messages import Author, EventKind, Purpose
from core.models import Event, Message
from nlu.intervals import wilson
from nlu.models import Miss, UnansweredQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Of `answers` given, `judged` by a customer ("did this help?") or an agent ("wrong answer"), `wrong` were wrong."""

    answers: int
    judged: int
    wrong: int

    @property
    def rate(self) -> float | None:
        """Of the judged answers (0 to 1); None where nobody judged any."""
        return self.wrong / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, of the rate."""
        return wilson(self.wrong, self.judged)


async def observe(session: AsyncSession) -> Observed:
    """Over everything that is stored. An agent's word counts above the customer's; the customer's last word counts."""
    given = set(
        await session.scalars(select(Message.id).where(Message.author == Author.BOT, Message.purpose == Purpose.ANSWER))
    )
    feedback = await session.scalars(select(Event).where(Event.kind == EventKind.FEEDBACK).order_by(Event.id))
    wrong = {event.details.get("message"): event.details.get("helpful") is False for event in feedback}
    marked = select(UnansweredQuestion.message_id).where(UnansweredQuestion.miss == Miss.WRONG_ANSWER)
    wrong |= dict.fromkeys(await session.scalars(marked), True)
    judged = given & wrong.keys()
    return Observed(answers=len(given), judged=len(judged), wrong=sum(wrong[message] for message in judged))
