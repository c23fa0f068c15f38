"""`make migration MESSAGE=…`: write the next migration from what the models say and the last migration made."""

import asyncio
import sys
import tempfile
from pathlib import Path

from bot.schema import make_revision, upgrade
from core.database import Database


async def main(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'empty.sqlite3'}")
        try:
            await upgrade(database)
            async with database.engine.begin() as connection:
                await connection.run_sync(make_revision, message)
        finally:
            await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
