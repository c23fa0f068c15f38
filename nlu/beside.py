"""Work beside the serving: in a child process of low priority, so that neither its time nor its memory is the server's."""

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import Final

from core.errors import ReplydeskError

NICENESS: Final = 10
"""A tenth of the share of a process that answers; the lowest priority would starve on a busy machine."""


class ChildFailed(ReplydeskError):
    """The child process ended without a result."""


async def work_beside(module: str, order: bytes) -> bytes:
    """What `python -m module` answers on its standard output to `order` on its standard input. The child ends with the
    task that waits for it. Raises `ChildFailed`.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl+C is for us; we end it ourselves
        cwd=Path(__file__).parents[1], env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        told, complaint = await child.communicate(order)
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    if child.returncode:
        reason = complaint.decode(errors="replace").strip().splitlines()[-1:]
        raise ChildFailed(f"{module} ended with {child.returncode}: {''.join(reason) or 'no reason given'}.")
    return told
