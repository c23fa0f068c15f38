"""Trouble on demand: scripted ("the next 2 sendMessage answer 429") or by chance with a seeded random."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

#: Faults that every platform knows besides its own error names.
#: `lost_answer`: the call is accepted, then the connection ends without an HTTP answer (CHANNELS.md 0, rule 8).
#: `lost_request`: the connection ends before anything was accepted. `slow`: accepted at once, answered late.
#: `html_502`: an HTML page from a broken proxy, nothing accepted. `error`: any status and words you like.
CONNECTION_FAULTS = frozenset({"lost_answer", "lost_request", "slow", "html_502", "error"})
#: Faults of deliveries to the product (method `webhook`).
DELIVERY_FAULTS = frozenset(
    {"duplicate", "wrong_signature", "no_signature", "non_ascii_signature", "old_signature_only"}
)


class UnknownFaultError(ValueError):
    """The platform has no fault of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule.

    `kind` names the trouble (see the platform's table of errors), `method` the call it meets (`sendMessage`,
    `messages`, `webhook` for deliveries, `*` for any call), `times` how many calls (None: until cleared), `after`
    how many matching calls pass first, `customer` whose calls only, `probability` the chance per matching call.
    `seconds` belongs to `slow`, `retry_after` to `too_many_requests`, the rest to `error` and `migrated`.
    """

    kind: str
    method: str = "*"
    times: int | None = 1
    after: int = 0
    customer: str | None = None
    probability: float = 1.0
    retry_after: int = 1
    seconds: float = 10.0
    status: int = 500
    code: int | None = None
    subcode: int | None = None
    description: str = "Internal Server Error"
    migrate_to_chat_id: int = -1001000000003

    def meets(self, method: str, customer: str | None) -> bool:
        right_method = self.method == method or (self.method == "*" and method != "webhook")
        return right_method and (self.customer is None or self.customer == customer)


class Faults:
    """The faults of one platform, asked once per call; the first matching rule that strikes wins."""

    def __init__(self, *, known: frozenset[str], rules: Iterable[Fault] = (), seed: int = 1) -> None:
        self.known = known | CONNECTION_FAULTS | DELIVERY_FAULTS
        self._random = random.Random(seed)  # noqa: S311 - repeatable chance, not a secret
        self._rules: list[Fault] = []
        for rule in rules:
            self.add(rule)

    def add(self, fault: Fault | None = None, **fields: Any) -> None:
        """Add a rule, given whole or as its fields: `faults.add(kind="too_many_requests", times=2)`.

        Raises UnknownFaultError when the platform does not know the kind.
        """
        rule = fault or Fault(**fields)
        if rule.kind not in self.known:
            raise UnknownFaultError(f"No fault is called {rule.kind!r}; known are {', '.join(sorted(self.known))}.")
        self._rules.append(rule)

    def clear(self) -> None:
        self._rules.clear()

    @property
    def rules(self) -> tuple[Fault, ...]:
        """The rules still in force."""
        return tuple(self._rules)

    def strike(self, method: str, customer: str | None = None) -> Fault | None:
        """The fault that meets this call, or None; a scripted rule is used up by it."""
        for place, rule in enumerate(self._rules):
            if not rule.meets(method, customer):
                continue
            if rule.after > 0:
                self._rules[place] = replace(rule, after=rule.after - 1)
                continue
            if rule.probability < 1.0 and self._random.random() >= rule.probability:
                continue
            self._use_up(place, rule)
            return rule
        return None

    def _use_up(self, place: int, rule: Fault) -> None:
        if rule.times is None:
            return
        if rule.times <= 1:
            del self._rules[place]
        else:
            self._rules[place] = replace(rule, times=rule.times - 1)
