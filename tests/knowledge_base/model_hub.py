"""A model hub on loopback: one repository's files at one revision, as the public hub serves them."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@contextmanager
def model_hub(folder: Path, *, name: str, revision: str) -> Iterator[str]:
    """The hub's address while it is open."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def _answer(self, *, with_body: bool) -> None:
            path = self.path.partition("?")[0]
            resolved = f"/{name}/resolve/{revision}/"
            if path.startswith(resolved) and (folder / path.removeprefix(resolved)).is_file():
                self._tell((folder / path.removeprefix(resolved)).read_bytes(), with_body=with_body)
            elif path.startswith(f"/api/models/{name}/tree/{revision}"):
                self._tell(_listing(folder), with_body=with_body, kind="application/json")
            elif path.startswith(f"/api/models/{name}"):
                files = [{"rfilename": each["path"]} for each in json.loads(_listing(folder))]
                told = {"id": name, "sha": revision, "siblings": files, "private": False, "tags": [], "downloads": 0}
                self._tell(json.dumps(told).encode(), with_body=with_body, kind="application/json")
            else:
                self.send_response(404)
                self.send_header("X-Error-Code", "EntryNotFound")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def _tell(self, body: bytes, *, with_body: bool, kind: str = "application/octet-stream") -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Repo-Commit", revision)
            self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
            self.end_headers()
            if with_body:
                self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _listing(folder: Path) -> bytes:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return json.dumps([
        {"type": "file", "path": path.relative_to(folder).as_posix(), "size": path.stat().st_size, "oid": "0" * 40}
        for path in files
    ]).encode()  # fmt: skip
