"""What a message costs the database: more statements than these would be a step back (FIGURES.md A5)."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from core.database import Database
from tests.running_house import running_house

CUSTOMERS = 10
STATEMENTS, WRITES = 25, 12
"""A message's, from the webhook or poll to the platform's acceptance of the answer, BEGIN included."""
LOOKS_PER_SECOND = 6
"""What the workers ask by the clock, whether or not there are messages."""
ON_THE_WAY = re.compile(r"inbox|absorb|turns?\b|deliver|send")
"""The tasks that carry a message; the others look after the house at their own pace."""


@contextmanager
def counted(database: Database) -> Iterator[Counter[str]]:
    """The statements on messages' way, by their first word."""
    statements: Counter[str] = Counter()

    def count(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        task = asyncio.current_task()
        if task is not None and ON_THE_WAY.match(task.get_name()):
            statements[statement.split(maxsplit=1)[0]] += 1

    event.listen(database.engine.sync_engine, "before_cursor_execute", count)
    yield statements
    event.remove(database.engine.sync_engine, "before_cursor_execute", count)


async def test_an_answered_message_of_a_known_customer_costs_at_most_so_many_statements(tmp_path: Path) -> None:
    async with running_house(tmp_path, turn_wait_ms=0, speed=20.0) as house:
        customers = [house.simulator.telegram.customer(f"Customer {number}") for number in range(CUSTOMERS)]
        for times in (1, 2):
            began = asyncio.get_running_loop().time()
            with counted(house.product.database) as statements:
                for customer in customers:
                    customer.write("ask opening")
                    await house.until(lambda customer=customer, times=times: len(customer.screen.texts()) == times)
                await asyncio.sleep(0.2)  # the last acceptance is written
            seconds = asyncio.get_running_loop().time() - began
    assert statements["INSERT"] + statements["UPDATE"] == WRITES * CUSTOMERS
    assert statements.total() <= STATEMENTS * CUSTOMERS + LOOKS_PER_SECOND * (seconds + 1)
