"""Starts the real `replydesk serve` quickly: everything is imported once, every start is a fork (used by test_kill.py).

    python -m tests.integration.forking_server PORT

Each line `start` on standard input forks one process that runs the command `replydesk serve --port PORT`, from reading
its command line on; `pid N` is answered, and `ended N` when that process is gone. Nothing of it is replaced.
"""

import os
import sys
import traceback
from importlib import import_module
from typing import TextIO

from bot.cli import app

SLOW = (
    "bot.app",
    "bot.channels.messenger.adapter",
    "bot.channels.telegram.adapter",
    "bot.commands",
    "bot.understanding",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
)


def serve(port: int) -> int:
    """The command's exit code."""
    try:
        app(["serve", "--port", str(port)])
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    except BaseException:  # noqa: BLE001 - the edge of a process: its log tells why it ended
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    port = int(sys.argv[1])
    for slow in SLOW:
        import_module(slow)
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the command prints goes to the log
    _say(told, "ready")
    for line in sys.stdin:
        if line.strip() != "start":
            break
        pid = os.fork()
        if pid == 0:
            os._exit(serve(port))
        _say(told, f"pid {pid}")
        _, status = os.waitpid(pid, 0)
        _say(told, f"ended {os.waitstatus_to_exitcode(status)}")


def _say(told: TextIO, line: str) -> None:
    told.write(line + "\n")
    told.flush()


if __name__ == "__main__":
    main()
