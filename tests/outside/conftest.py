"""One running product for all that look at it from outside."""

from collections.abc import Iterator

import pytest

from tests.outside.stranger import Place, running_place


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with running_place(tmp_path_factory.mktemp("place")) as running:
        yield running
