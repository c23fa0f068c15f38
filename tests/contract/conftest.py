"""Gives every contract test one discovered channel after the other."""

from collections.abc import AsyncIterator

import pytest

from bot.channel import Channel
from tests.contract.case import FakePlatform
from tests.contract.subjects import Subject, subjects


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "subject" in metafunc.fixturenames:
        found = list(subjects())
        metafunc.parametrize("subject", found, ids=[subject.kind.name for subject in found])


@pytest.fixture
async def fake(subject: Subject) -> AsyncIterator[FakePlatform]:
    """The channel's platform, running."""
    async with subject.case.fake() as fake:
        yield fake


@pytest.fixture
async def channel(subject: Subject, fake: FakePlatform) -> AsyncIterator[Channel]:
    """The channel, open on its running platform."""
    async with subject.open(fake.base_url) as channel:
        yield channel
