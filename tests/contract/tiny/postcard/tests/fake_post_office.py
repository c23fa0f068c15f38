"""A post office on 127.0.0.1 that takes cards, or refuses them when told to."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tests.contract.case import DEAD_TOKEN, LOST_ANSWER, RATE_LIMIT, RECIPIENT_GONE, REFUSED, Taken

REFUSALS = {
    RATE_LIMIT: "429 Too Many Requests\r\nRetry-After: 2",
    RECIPIENT_GONE: "410 Gone",
    DEAD_TOKEN: "401 Unauthorized",
    REFUSED: "422 Unprocessable Content",
}


class FakePostOffice:
    def __init__(self) -> None:
        self.base_url = ""
        self.thread = "anna"
        self._taken: list[Taken] = []
        self._trouble: str | None = None

    def taken(self) -> Sequence[Taken]:
        return self._taken

    def fail_next(self, trouble: str) -> None:
        self._trouble = trouble

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, then close the connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].split("\r\n")[0])
        card = json.loads(await reader.readexactly(length))
        trouble, self._trouble = self._trouble, None
        if trouble in REFUSALS:
            writer.write(f"HTTP/1.1 {REFUSALS[trouble]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        else:
            number = str(len(self._taken) + 1)
            self._taken.append(Taken(external_id=number, thread=card["to"], text=card["words"]))
            body = json.dumps({"number": number})
            if trouble != LOST_ANSWER:
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                writer.write((head + body).encode())
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def fake_post_office() -> AsyncIterator[FakePostOffice]:
    fake = FakePostOffice()
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield fake
