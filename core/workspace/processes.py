"""A process known by its number and its start, so that a number given to another process is never taken for it."""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

RUN_VARIABLE = "PLUMBLINE_RUN"


@dataclass(frozen=True)
class ProcessMark:
    """A process: its number, and a text that tells when it started, whatever happens to the clock."""

    pid: int
    start: str


def mark_process(pid: int) -> ProcessMark | None:
    """Return the mark of a process, or None when there is none of that number; one that is dead but not buried has a mark.

    Examples
    --------
    >>> mark_process(os.getpid()) == mark_process(os.getpid())
    True
    """
    found = _look_up(pid)
    return None if found is None else ProcessMark(pid, found[0])


def require_process(pid: int) -> ProcessMark:
    """Return the mark of a process that exists; raises `ProcessLookupError` otherwise."""
    mark = mark_process(pid)
    if mark is None:
        raise ProcessLookupError(pid)
    return mark


def is_alive(process: ProcessMark) -> bool:
    """Return whether this very process still runs; a zombie does not."""
    found = _look_up(process.pid)
    return found is not None and found == (process.start, True)


def signal_group(process: ProcessMark, number: signal.Signals) -> bool:
    """Signal a process and its group, and return whether there was one; a foreign process is never signalled."""
    if not is_alive(process):
        return False
    with suppress(ProcessLookupError):
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, number)
        else:
            os.kill(process.pid, number)
    return True


def kill_leftovers(process: ProcessMark, run_id: str) -> int:
    """Kill what a dead worker left running, and return how many: its session's processes that carry the run's id.

    The session's number alone does not do: it may belong to somebody else by now. The environment that the worker was
    started with, and its children inherit, is proof.
    """
    killed = 0
    for pid in psutil.pids():
        with suppress(ProcessLookupError, PermissionError, psutil.Error):
            if os.getsid(pid) == process.pid and psutil.Process(pid).environ().get(RUN_VARIABLE) == run_id:
                psutil.Process(pid).kill()
                killed += 1
    return killed


def _look_up(pid: int) -> tuple[str, bool] | None:
    """Return the start of a process and whether it runs; None when there is none."""
    if not Path("/proc/self/stat").exists():
        try:
            other = psutil.Process(pid)
            return str(other.create_time()), other.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
    try:
        # proc(5): after the name in brackets come the state and, 19 fields on, the start in ticks since boot. psutil's
        # `create_time` counts from the epoch and so moves when the clock is set.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return f"{_boot()}:{fields[19]}", fields[0] not in {"Z", "X", "x"}


@cache
def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
