"""The counter that tells every process that the knowledge changed."""

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import announce
from knowledge_base.models import KnowledgeRevision

_ONLY_ROW: Final = 1


def insert_into(session: AsyncSession, table: Any) -> Any:
    """The `INSERT` of this session's database, which both know `ON CONFLICT`."""
    return sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)


async def advance_revision(session: AsyncSession) -> None:
    """Count one change and announce it. Called before anything is read for a change, it also queues the writers."""
    insert = insert_into(session, KnowledgeRevision).values(id=_ONLY_ROW, number=1)
    await session.execute(
        insert.on_conflict_do_update(index_elements=["id"], set_={"number": KnowledgeRevision.number + 1})
    )
    announce(session, "knowledge")


async def queue_writers(session: AsyncSession) -> None:
    """Wait until no other transaction is changing the knowledge, so that what is read now is what gets replaced."""
    await session.execute(select(KnowledgeRevision.id).where(KnowledgeRevision.id == _ONLY_ROW).with_for_update())


async def read_revision(session: AsyncSession) -> int:
    """The number of the last committed change; 0 before the first. One row by key: cheap enough to ask every second."""
    number = await session.scalar(select(KnowledgeRevision.number).where(KnowledgeRevision.id == _ONLY_ROW))
    return number or 0
