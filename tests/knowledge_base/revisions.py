"""The knowledge's counter as other processes see it."""

from core.database import Database
from knowledge_base.revision import read_revision


async def revision_number(database: Database) -> int:
    """The number of the last committed change."""
    async with database.read() as session:
        return await read_revision(session)
