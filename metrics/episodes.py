"""Conversations cut into episodes (METRICS.md section 2), and what is looked up inside one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from metrics.clocks import Stopwatch
from metrics.facts import Fact, Feedback, Handoff, Message, ResponseKind, in_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """The facts of one conversation from a customer message that starts it to the next such message."""

    conversation: str
    position: int
    """Where it begins among the facts of its conversation."""
    facts: tuple[Fact, ...]
    next_started_at: datetime | None

    @property
    def started_at(self) -> datetime:
        return self.facts[0].at

    @property
    def messages(self) -> Iterator[Message]:
        """Customer messages and responses, the only ones that count for an episode."""
        return (fact for fact in self.facts if isinstance(fact, Message) and _lives(fact))

    @property
    def last_message(self) -> Message:
        return next(fact for fact in reversed(self.facts) if isinstance(fact, Message) and _lives(fact))

    @property
    def handed_off(self) -> bool:
        return any(isinstance(fact, Handoff) for fact in self.facts)

    @property
    def last_feedback(self) -> bool | None:
        """Whether the last feedback was helpful; None without any."""
        said = [fact.helpful for fact in self.facts if isinstance(fact, Feedback)]
        return said[-1] if said else None

    def first_response(self, kind: ResponseKind) -> Stopwatch:
        """From the episode's first customer message to its first response of that kind (METRICS.md section 3)."""
        response = next((message.at for message in self.messages if message.is_response(kind)), None)
        return Stopwatch(started_at=self.started_at, stopped_at=response)

    def waits(self) -> Iterator[Stopwatch]:
        """Each first customer message after a response, to the next response (METRICS.md section 3, *Reply time*)."""
        waiting_since: datetime | None = None
        for message in self.messages:
            if message.from_customer:
                waiting_since = waiting_since or message.at
            elif waiting_since is not None:
                yield Stopwatch(started_at=waiting_since, stopped_at=message.at)
                waiting_since = None
        if waiting_since is not None:
            yield Stopwatch(started_at=waiting_since, stopped_at=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """The facts of one conversation in order, and the positions of the customer messages that start its episodes."""

    name: str
    facts: tuple[Fact, ...]
    starts: tuple[int, ...]

    def episodes(self) -> Iterator[Episode]:
        for start, stop in pairwise((*self.starts, len(self.facts))):
            yield Episode(
                conversation=self.name,
                position=start,
                facts=self.facts[start:stop],
                next_started_at=self.facts[stop].at if stop < len(self.facts) else None,
            )


def conversations(facts: Iterable[Fact], *, now: datetime, gap: timedelta, channel: str | None) -> list[Conversation]:
    """The conversations of the facts known at `now`, by name; with a `channel` only those that happened on it.

    A conversation is on the channel that its facts name; should they name several, on the first named.
    """
    facts = list(facts)
    grouped: dict[str, list[Fact]] = defaultdict(list)
    for fact in in_order(facts, now=now):
        grouped[fact.conversation].append(fact)
    channels = {} if channel is None else _channels(facts)
    return [
        Conversation(name=name, facts=tuple(grouped[name]), starts=tuple(_starts(grouped[name], gap=gap)))
        for name in sorted(grouped)
        if channel is None or channels.get(name) == channel
    ]


def _channels(facts: list[Fact]) -> dict[str, str]:
    channels: dict[str, str] = {}
    for fact in sorted(facts, key=lambda fact: fact.at):
        if fact.channel is not None:
            channels.setdefault(fact.conversation, fact.channel)
    return channels


def _starts(facts: list[Fact], *, gap: timedelta) -> Iterator[int]:
    """The customer messages before which nothing happened for the gap, and the first, even if we wrote before it."""
    last: datetime | None = None
    written = False
    for position, fact in enumerate(facts):
        if not (isinstance(fact, Message) and _lives(fact)):
            continue
        if fact.from_customer and (not written or last is None or fact.at - last >= gap):
            yield position
        written = written or fact.from_customer
        last = fact.at


def _lives(message: Message) -> bool:
    return message.from_customer or message.is_response(ResponseKind.ANY)
