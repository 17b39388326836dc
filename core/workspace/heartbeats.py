"""How long a run on another host has been silent, by this process's own clock: clocks of two hosts may differ."""

import time
from collections.abc import Collection
from datetime import datetime

from core.workspace.runs import Run

# By run: its newest heartbeat, and when this process saw it first; and when a stop request was not yet there.
_seen: dict[str, tuple[datetime | None, float]] = {}
_unasked: dict[str, float] = {}


def silence(run: Run) -> float:
    """Return the seconds for which the heartbeat of a run has not changed, as far as this process has looked."""
    now = time.monotonic()
    heartbeat, since = _seen.get(run.id, (None, now))
    if run.id not in _seen or heartbeat != run.heartbeat:
        _seen[run.id] = run.heartbeat, now
        return 0.0
    return now - since


def waited_for_stop(run: Run) -> float | None:
    """Return the seconds since a run was asked to stop, or None if it was not asked.

    The record is a monotonic time, perhaps that of another host: it counts only if it agrees with what was seen here.
    """
    now = time.monotonic()
    if run.stop_asked is None:
        _unasked[run.id] = now
        return None
    unasked = _unasked.get(run.id)
    if run.stop_asked <= now and (unasked is None or unasked <= run.stop_asked):
        return now - run.stop_asked
    return now - _unasked.setdefault(run.id, now)


def forget(active: Collection[str]) -> None:
    """Forget the runs that are not active any more."""
    for known in (_seen, _unasked):
        for run_id in known.keys() - set(active):
            del known[run_id]
