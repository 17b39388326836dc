"""Why a worker ended without recording a cause, as far as its parent knows."""

import signal

from core.errors.model import WorkspaceError
from core.errors.workspace import StopIgnored, WorkerCrashed, WorkerKilled, WorkerLost
from core.workspace.memory import memory_limit

_NEAR = 0.7


def explain_loss(code: int | None, held: int, stopping: bool) -> WorkspaceError:
    """Return the cause of a worker's end.

    Parameters
    ----------
    code
        Its exit code, the negative number of a signal, or None if it was no child of this process.
    held
        The most memory, in bytes, that it was seen to hold.
    stopping
        Whether it had been asked to stop.
    """
    if stopping:
        return StopIgnored()
    if code is None or code == 0:
        return WorkerLost()
    if code == -signal.SIGKILL:
        limit = memory_limit()
        return WorkerKilled(held=held, limit=limit, is_memory=held > _NEAR * limit)
    what = f"the signal {signal.Signals(-code).name}" if code < 0 else f"the exit code {code}"
    return WorkerCrashed(what=what)
