"""Memory that large calculations have freed."""

import contextlib
import ctypes
from typing import Final

_M_ARENA_MAX: Final = -8
"""Of glibc's malloc.h."""
_ARENAS: Final = 2


def use_few_arenas() -> None:
    """Let all threads share two pools of memory: of its own accord glibc gives each of a dozen one that never shrinks.
    Called before there are any threads; does nothing elsewhere.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").mallopt(_M_ARENA_MAX, _ARENAS)


def return_free_memory() -> None:
    """Give back to the system what glibc would keep for itself. Does nothing elsewhere."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
