"""Processes identified by id and start time, so a reused id is never mistaken for the old process."""

import os
import platform
import signal
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

RUN_VARIABLE = "PLUMBLINE_RUN"


@dataclass(frozen=True)
class ProcessMark:
    """A process id and a text that identifies its host and start, independent of the clock."""

    pid: int
    start: str


def mark_process(pid: int) -> ProcessMark | None:
    """Return the mark of a process, zombies included, or None if no process has this id.

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
    """Return whether this process still runs; a zombie does not."""
    found = _look_up(process.pid)
    return found is not None and found == (process.start, True)


def is_local(process: ProcessMark) -> bool:
    """Return whether a process belongs to this host; the ids of another machine or container mean nothing here.

    Examples
    --------
    >>> is_local(require_process(os.getpid())), is_local(ProcessMark(os.getpid(), "elsewhere:1"))
    (True, False)
    """
    return process.start.rpartition(":")[0] == host_id()


def signal_group(process: ProcessMark, number: signal.Signals) -> bool:
    """Signal a process and its group; return False if it no longer exists. Others are never signalled."""
    if not is_alive(process):
        return False
    with suppress(ProcessLookupError):
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, number)
        else:
            os.kill(process.pid, number)
    return True


def kill_leftovers(process: ProcessMark, run_id: str) -> int:
    """Kill the children of a dead worker and return how many: the session's processes with the run's id.

    A session id alone may belong to another process by now; the inherited environment variable is proof.
    """
    killed = 0
    for pid in psutil.pids():
        with suppress(ProcessLookupError, PermissionError, psutil.Error):
            if os.getsid(pid) == process.pid and psutil.Process(pid).environ().get(RUN_VARIABLE) == run_id:
                psutil.Process(pid).kill()
                killed += 1
    return killed


def _look_up(pid: int) -> tuple[str, bool] | None:
    """Return the start of a process and whether it runs; None if it does not exist."""
    if not Path("/proc/self/stat").exists():
        try:
            other = psutil.Process(pid)
            return f"{host_id()}:{other.create_time()}", other.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
    try:
        # proc(5): after the name in brackets come the state and, 19 fields on, the start in ticks since boot. psutil's
        # `create_time` counts from the epoch and so moves when the clock is set.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return f"{host_id()}:{fields[19]}", fields[0] not in {"Z", "X", "x"}


@cache
def host_id() -> str:
    """Return what identifies this machine since its boot, and this container on it: process ids are unique within it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}.{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return platform.node()[:40]
