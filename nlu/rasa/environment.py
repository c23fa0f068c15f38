"""Rasa's own Python environment, from outside: where it is, training in it, a server of it on the loopback interface."""

import asyncio
import contextlib
import json
import os
import secrets
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic import SecretStr

from core.errors import ReplydeskError, UserMistake
from nlu.rasa.client import RasaClient, RasaUnavailable

DEFAULT_PYTHON: Final = Path(".cache/rasa/venv/bin/python")
"""Where `make rasa` puts it, seen from the source folder."""
RASA_VERSION: Final = "3.6.21"
_WORKSHOP: Final = Path(__file__).parent / "workshop.py"
_START_SECONDS: Final = 180.0
_STOP_SECONDS: Final = 10.0
_COURTESY: Final = 10
"""Niceness of a training: whoever serves on the same machine goes first."""

Tell = Callable[[Mapping[str, Any]], None]


class TrainingFailed(ReplydeskError):
    """Rasa's own last words are in the sentence."""


def find_python(given: Path | None) -> Path:
    """The interpreter of Rasa's environment. Raises UserMistake with what to do when there is none."""
    python = (given or DEFAULT_PYTHON).absolute()
    if not python.is_file():
        told = f"{python} does not exist" if given else "Rasa's environment is not installed"
        raise UserMistake(f"{told}: run `make rasa` (it needs Python 3.10), or name its interpreter with --python.")
    installed = python.parent.parent / "lib" / "python3.10" / "site-packages" / f"rasa-{RASA_VERSION}.dist-info"
    if not installed.is_dir():
        raise UserMistake(f"{python} has no Rasa {RASA_VERSION}: run `make rasa`, or name another one with --python.")
    return python


async def train(python: Path, folder: Path, *, tell: Tell = lambda _: None) -> Path:
    """Train what `folder` holds (`nlu/rasa/workshop.py`), in a process of its own. Returns the model file.

    `tell` gets every step. Raises TrainingFailed.
    """
    process = await asyncio.create_subprocess_exec(
        *_workshop(python, "train", folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_quiet_environment(),
        cwd=folder,
        preexec_fn=lambda: os.nice(_COURTESY),
    )
    assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018  # both are pipes
    errors = asyncio.create_task(process.stderr.read())
    model = None
    try:
        async for line in process.stdout:
            step = _step_of(line)
            if step is not None:
                tell(step)
                model = step.get("model", model)
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        said = (await errors).decode(errors="replace").strip().splitlines()
    if code != 0 or model is None:
        raise TrainingFailed(f"Rasa could not train: {said[-1] if said else f'it ended with {code}'}")
    return Path(str(model))


def _workshop(python: Path, command: str, *arguments: Path | int) -> list[str]:
    """The program's command line; `-I` keeps our folders and variables out of its imports."""
    told = [argument.absolute() if isinstance(argument, Path) else argument for argument in arguments]
    return [str(python), "-I", str(_WORKSHOP), command, *map(str, told)]


def _step_of(line: bytes) -> Mapping[str, Any] | None:
    """Rasa prints sentences between our steps."""
    with contextlib.suppress(ValueError):
        step = json.loads(line)
        return step if isinstance(step, dict) and "step" in step else None
    return None


def _quiet_environment() -> dict[str, str]:
    """Nothing of ours goes along: no token, no database, no proxy of another service."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    return {**kept, "PYTHONUNBUFFERED": "1", "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningRasa:
    """A server of ours. `pid` is its process, for whoever measures it."""

    url: str
    token: SecretStr
    client: RasaClient
    pid: int


@asynccontextmanager
async def running_rasa(python: Path, model: Path, *, http: httpx.AsyncClient) -> AsyncIterator[RunningRasa]:
    """Rasa with a model on 127.0.0.1, a free port and a token of its own, until left. Raises RasaUnavailable."""
    port, token = _free_port(), secrets.token_urlsafe(24)
    process = await asyncio.create_subprocess_exec(
        *_workshop(python, "serve", port, model),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**_quiet_environment(), "RASA_WORKSHOP_TOKEN": token},
        cwd=model.parent,
    )
    url = f"http://127.0.0.1:{port}"
    client = RasaClient(http=http, url=url, token=SecretStr(token), parse_seconds=30.0)
    try:
        await _wait_until_ready(client, process)
        yield RunningRasa(url=url, token=SecretStr(token), client=client, pid=process.pid)
    finally:
        await _stop(process)


async def _wait_until_ready(client: RasaClient, process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_START_SECONDS):
            while process.returncode is None:
                with contextlib.suppress(RasaUnavailable):
                    if await client.loaded_model() is not None:
                        return
                await asyncio.sleep(0.2)
    raise RasaUnavailable("Rasa did not start. Its own environment may be broken: delete it and run `make rasa`.")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), timeout=_STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
