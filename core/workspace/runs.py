"""One run and what it says, as records."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, overload

from core.recipe.model import Recipe
from core.workspace.database import ACTIVE_STATES
from core.workspace.processes import ProcessMark

RunKind = Literal["arrival", "profile", "regression", "importance", "training", "opening"]
EventKind = Literal["step", "metric", "state", "log"]
STALLED_AFTER = 30.0


class RunState(StrEnum):
    """Where a run stands: `queued → running → stopping → finished | stopped | failed | interrupted`."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def active(self) -> bool:
        """Whether the run has not ended yet."""
        return self.value in ACTIVE_STATES


@dataclass(frozen=True, kw_only=True)
class Run:
    """One job of a project: the recipe and the file that it works on, and where it stands.

    `folder` holds its checkpoints, results and `worker.log`. An opening of the test era names the training that it opens
    as `parent`. `seconds` is the time worked, by a clock that nobody sets, over all attempts. `message`, `hint` and
    `error_id` say how the run ended; the id finds the traceback of a bug in `worker.log`.
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

    def stalled(self, now: datetime) -> bool:
        """Return whether the run should be alive, but has said nothing for 30 seconds."""
        if self.heartbeat is None or self.state not in {RunState.RUNNING, RunState.STOPPING}:
            return False
        return (now - self.heartbeat).total_seconds() > STALLED_AFTER


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that a run said. `seq` grows from event to event: ask for what came after the last one seen."""

    seq: int
    time: datetime
    kind: EventKind
    payload: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class StepEvent:
    """How far a run is: `done` of `total` parts of what `text` names; `remaining` seconds, None before it can be told."""

    done: int
    total: int
    text: str
    elapsed: float
    remaining: float | None

    @property
    def share(self) -> float:
        """The part done, from 0 to 1."""
        return min(max(self.done / self.total, 0.0), 1.0) if self.total else 0.0


def say(kind: EventKind, **payload: object) -> Event:
    """Return an event of this moment that is not written yet: the journal gives it its `seq`."""
    return Event(seq=0, time=datetime.now(UTC), kind=kind, payload=payload)


@overload
def utc(seconds: float) -> datetime: ...
@overload
def utc(seconds: None) -> None: ...
def utc(seconds: float | None) -> datetime | None:
    """Return a moment of the database, in seconds since the epoch, as a time in UTC.

    Examples
    --------
    >>> utc(0.0).isoformat()
    '1970-01-01T00:00:00+00:00'
    """
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
