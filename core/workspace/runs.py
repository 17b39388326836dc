"""Records of runs and their events."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, overload

from core.recipe.model import Recipe
from core.workspace.database import ACTIVE_STATES
from core.workspace.processes import ProcessMark

RunKind = Literal["arrival", "profile", "regression", "importance", "training", "opening", "folds", "refit", "scoring"]
EventKind = Literal["step", "metric", "state", "log"]
# A heartbeat comes every two seconds.
STALLED_AFTER = 20.0


class RunState(StrEnum):
    """The state of a run: `queued → running → stopping → finished | stopped | failed | interrupted`."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def active(self) -> bool:
        """Whether the run has not ended."""
        return self.value in ACTIVE_STATES


@dataclass(frozen=True, kw_only=True)
class Run:
    """One job of a project: its recipe, its file and its state.

    `folder` has its checkpoints, results and `worker.log`. `parent` is the training that an opening of the
    test era opens, that walk-forward folds or a refit belong to, or whose bundle scores new rows.
    `name` and `note` are the user's own, empty at first. `seconds` is the working time of all attempts, from a monotonic clock.
    `message`, `hint` and `error_id` describe the end; the id marks the traceback of a bug in `worker.log`.
    """

    id: str
    project_id: str
    kind: RunKind
    state: RunState
    recipe: Recipe
    source_path: Path
    fingerprint: str
    folder: Path
    parent: str | None
    created: datetime
    name: str = ""
    note: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    heartbeat: datetime | None = None
    seconds: float = 0.0
    message: str = ""
    hint: str = ""
    error_id: str = ""
    process: ProcessMark | None = None
    stop_asked: float | None = None
    stop_seen: bool = False

    def has_failed_on(self, fingerprint: str, recipe: Recipe) -> bool:
        """Return whether the run tried to read this file with these settings, and did not finish."""
        if self.state not in (RunState.FAILED, RunState.INTERRUPTED, RunState.STOPPED):
            return False
        inputs = (fingerprint, recipe.ingest, recipe.split)
        return (self.fingerprint, self.recipe.ingest, self.recipe.split) == inputs

    def stalled(self, now: datetime) -> bool:
        """Return whether the run should be alive but has not reported for 20 seconds."""
        if self.heartbeat is None or self.state not in {RunState.RUNNING, RunState.STOPPING}:
            return False
        return (now - self.heartbeat).total_seconds() > STALLED_AFTER


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event of a run; `seq` increases from event to event."""

    seq: int
    time: datetime
    kind: EventKind
    payload: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class StepEvent:
    """Progress of a run: `done` of `total` parts of the step `text`; `remaining` seconds, None if unknown."""

    done: int
    total: int
    text: str
    elapsed: float
    remaining: float | None

    @property
    def share(self) -> float:
        """The share that is done, from 0 to 1."""
        return min(max(self.done / self.total, 0.0), 1.0) if self.total else 0.0


def say(kind: EventKind, **payload: object) -> Event:
    """Return an event of now; the journal assigns its `seq` when it is written."""
    return Event(seq=0, time=datetime.now(UTC), kind=kind, payload=payload)


@overload
def utc(seconds: float) -> datetime: ...
@overload
def utc(seconds: None) -> None: ...
def utc(seconds: float | None) -> datetime | None:
    """Return seconds since the epoch as a time in UTC.

    Examples
    --------
    >>> utc(0.0).isoformat()
    '1970-01-01T00:00:00+00:00'
    """
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
