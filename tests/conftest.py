"""What tests of several packages share."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.tables import all_tables
from core.database import Database

ROOT = Path(__file__).parent.parent

os.environ["HF_HUB_OFFLINE"] = "1"  # no process that a test starts looks for a better model on the internet


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The project's payloads and questions, read in place (DESIGN.md: beside the repository)."""
    path = Path(os.environ.get("REPLYDESK_SHARED_DIR", ROOT.parent / "shared")).resolve()
    assert path.is_dir(), f"{path} is missing: the payload pack must stand beside the repository."
    return path


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A fresh SQLite database on disk with all tables."""
    database = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(all_tables().create_all)
    yield database
    await database.close()
