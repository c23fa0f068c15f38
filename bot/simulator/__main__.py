"""`python -m bot.simulator --port 8001`: the fakes and the page as a process of their own."""

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from bot.simulator.app import create_simulator
from bot.simulator.demo import DEMO_QUESTIONS
from bot.simulator.server import serve_simulator


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001, help="0 takes a free port")
    parser.add_argument("--product-url", default="", help="where replydesk answers, e.g. http://127.0.0.1:8000")
    parser.add_argument("--messenger-account", default="main", help="the account's name in the webhook's path")
    parser.add_argument("--record", type=Path, help="write everything that happens to this JSON-lines file")
    parser.add_argument("--speed", type=float, default=1.0, help="divides the platforms' own waits")
    parser.add_argument("--echo", choices=("before", "after", "never"), default="before")
    parser.add_argument("--receipts", choices=("none", "delivered", "read"), default="read")
    parser.add_argument("--question", action="append", help="a suggested first question (repeatable)")
    return parser.parse_args()


async def _run(options: argparse.Namespace) -> None:
    application = create_simulator(
        product_url=options.product_url,
        messenger_account=options.messenger_account,
        record=options.record,
        speed=options.speed,
        echo_mode=options.echo,
        receipts=options.receipts,
        questions=options.question or DEMO_QUESTIONS,
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    async with serve_simulator(application, host=options.host, port=options.port) as simulator:
        sys.stdout.write(f"Simulator: {simulator.base_url}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(_run(_arguments()))
