"""The machine: its cores, and what a process on it has used. For Linux, which tells all of it in /proc."""

import os
import platform
import sqlite3
import sys
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def cores() -> tuple[set[int], set[int]]:
    """The cores for the server (one) and for the load (the others; the same one where there is no other)."""
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return set(allowed[:1]), set(allowed[1:] or allowed)


def pin(pid: int, chosen: set[int]) -> None:
    """Keep a process, all its threads so far and all to come on some cores."""
    if not chosen or not hasattr(os, "sched_setaffinity"):
        return
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), chosen)


def cpu_seconds(pid: int) -> float:
    """Processor time a process has used so far, its own and the kernel's for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mb(pid: int) -> float:
    """Resident memory of a process in MB (10^6 bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError(f"Process {pid} has no resident memory: it has ended.")


def describe() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    python = ".".join(str(part) for part in sys.version_info[:3])
    return f"{model}, {os.cpu_count()} cores, Python {python}, SQLite {sqlite3.sqlite_version}"
