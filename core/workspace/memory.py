"""How much memory this process holds, and how much it may hold."""

import resource
from contextlib import suppress
from pathlib import Path

import psutil

# Version 2 and version 1 of control groups, as containers set them.
_GROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
# What libraries that do not raise `MemoryError` write.
_KINDS = frozenset({"ResourceExhaustedError"})
_WORDS = ("bad_alloc", "out of memory", "oom when allocating")


def memory_limit() -> int:
    """Return the bytes that a process may hold: of the machine, its container, or its own limit."""
    limits = [int(psutil.virtual_memory().total)]
    for file in _GROUP_LIMITS:
        with suppress(OSError, ValueError):
            limits.append(int(file.read_text()))
    own, _ = resource.getrlimit(resource.RLIMIT_AS)
    if own != resource.RLIM_INFINITY:
        limits.append(own)
    return min(limits)


def memory_held(pid: int | None = None) -> int:
    """Return the bytes that a process holds; 0 if it does not exist."""
    with suppress(psutil.Error):
        found = psutil.Process(pid).memory_info()
        is_limited = resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY
        return int(found.vms if is_limited and pid is None else found.rss)
    return 0


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error of Python or of a library means that memory ran out.

    Examples
    --------
    >>> is_out_of_memory(MemoryError()), is_out_of_memory(RuntimeError("std::bad_alloc")), is_out_of_memory(KeyError("a"))
    (True, True, False)
    """
    if isinstance(error, MemoryError) or type(error).__name__ in _KINDS:
        return True
    return isinstance(error, Exception) and any(word in str(error).lower() for word in _WORDS)


def bytes_asked(error: BaseException) -> int:
    """Return the bytes of the array that numpy could not allocate; 0 if the error does not say."""
    with suppress(Exception):
        return int(getattr(error, "_total_size", 0))
    return 0
