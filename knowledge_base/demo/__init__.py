"""Samovar & Sons, an invented online shop for tea and teaware: entries in five languages to try everything with."""

import asyncio
from pathlib import Path
from typing import Final

from core.clock import Clock
from core.database import Database
from core.languages import LANGUAGES
from core.preferences import Brand, load_brand, save_brand
from knowledge_base.interchange.import_file import ImportCounts, import_file, read_file
from knowledge_base.interchange.rows import KnowledgeFile

FOLDER: Final = Path(__file__).parent
DEMO_BRAND: Final = Brand(
    name="Samovar & Sons",
    languages=LANGUAGES,
    default_language="en",
    timezone="Europe/Kyiv",
    hours={
        **{day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "sat": [["10:00", "15:00"]],
        "sun": [],
    },
)


def read_demo() -> list[KnowledgeFile]:
    """The demo's files, one per topic."""
    return [read_file(path) for path in sorted(FOLDER.glob("*.yaml"))]


async def load_demo(database: Database, *, clock: Clock, with_brand: bool = True) -> ImportCounts:
    """Bring in the demo's entries and, where no brand is set yet, its brand; a second time changes nothing."""
    files = await asyncio.to_thread(read_demo)
    counts = [await import_file(database, file, clock=clock) for file in files]
    async with database.write() as session:
        if with_brand and await load_brand(session) == Brand():
            await save_brand(session, DEMO_BRAND)
    return ImportCounts(
        added=sum(count.added for count in counts),
        changed=sum(count.changed for count in counts),
        unchanged=sum(count.unchanged for count in counts),
    )
