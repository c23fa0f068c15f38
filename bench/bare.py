"""What the product is compared with: the least FastAPI endpoint that writes one SQLite row, and nothing else.

`python -m bench.bare --port N --file F --synchronous FULL`: uvicorn with uvloop and httptools, one connection, one
transaction a request. FULL survives a power cut as the product does; NORMAL does not, and pays no flush.
"""

import argparse
import sqlite3

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse


def create_bare(file: str, *, synchronous: str) -> FastAPI:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.execute("CREATE TABLE IF NOT EXISTS inbox (id INTEGER PRIMARY KEY, body BLOB)")
    app = FastAPI()

    @app.post("/webhook")
    async def webhook(request: Request) -> PlainTextResponse:
        connection.execute("INSERT INTO inbox (body) VALUES (?)", (await request.body(),))
        return PlainTextResponse("")

    @app.get("/readyz")
    async def readyz() -> PlainTextResponse:
        return PlainTextResponse("ok")

    return app


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.bare", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--file", required=True)
    parser.add_argument("--synchronous", choices=("FULL", "NORMAL"), default="FULL")
    options = parser.parse_args()
    app = create_bare(options.file, synchronous=options.synchronous)
    uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning", access_log=False, lifespan="off")


if __name__ == "__main__":
    main()
