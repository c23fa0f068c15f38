from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.simulator.app import Simulator
from bot.simulator.server import running_simulator

from .product import Product, running_product


class MovableClock:
    """Stands still until moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def simulator(clock: MovableClock) -> AsyncIterator[Simulator]:
    """A served simulator with a still clock; platform waits pass a thousand times faster."""
    async with running_simulator(clock=clock, speed=1000, messenger_answer_seconds=0.3) as simulator:
        yield simulator


@pytest.fixture
async def product() -> AsyncIterator[Product]:
    async with running_product() as product:
        yield product


@pytest.fixture
async def http(simulator: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=simulator.base_url, trust_env=False) as client:
        yield client
