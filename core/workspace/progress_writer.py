"""The progress of a run, written to the journal by a thread of its own."""

import logging
import threading
import time
from collections.abc import Callable

from core.errors.model import WorkspaceError
from core.workspace.projects import Workspace
from core.workspace.runs import Event, Run, RunState, say

TICK = 0.2
HEARTBEAT = 2.0
# Seconds after which a job that does not check for a stop request, as during an import, is ended.
DEAF = 8.0

_log = logging.getLogger(__name__)


class ProgressWriter:
    """Writes the progress of a run five times a second in a thread, so the job never waits for the database.

    Of the steps between two writes only the newest is kept, and any final one (`done == total`); every metric is kept.
    `when_deaf` is called, in that thread, if a stop has not been heard for eight seconds.
    """

    def __init__(self, workspace: Workspace, run: Run, when_deaf: Callable[[], None] | None = None) -> None:
        self._workspace = workspace
        self._when_deaf = when_deaf
        self._stop_since: float | None = None
        self._run = run
        self._began = time.monotonic()
        self._beaten = self._began
        self._lock = threading.Lock()
        self._said: list[Event] = []
        self._newest: Event | None = None
        self._series = (0, 0, 0, self._began)
        self._stop = False
        self._stop_seen = False
        self._stop_told = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_beating, name="writer", daemon=True)

    @property
    def seconds(self) -> float:
        """The working time in seconds, over all attempts."""
        return self._run.seconds + time.monotonic() - self._began

    def step(self, done: int, total: int, text: str) -> None:
        """Report that `done` of `total` parts are finished, with the estimated remaining time."""
        with self._lock:
            remaining = self._remaining(done, total)
            event = say("step", done=done, total=total, text=text, elapsed=self.seconds, remaining=remaining)
            self._newest = event
            if done >= total:
                self._settle()

    def metric(self, name: str, step: int, value: float) -> None:
        """Report the value of a metric at a step."""
        with self._lock:
            self._said.append(say("metric", name=name, step=step, value=value, elapsed=self.seconds))

    def should_stop(self) -> bool:
        """Return whether the user, or a SIGTERM, requested a stop."""
        self._stop_seen = self._stop_seen or self._stop
        return self._stop

    def handle_sigterm(self, _number: int, _frame: object) -> None:
        """Handle SIGTERM by an assignment only: this thread may hold a lock."""
        self._stop = True

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """End the thread and write the remaining events; if the database refuses them, a second call tries again."""
        self._ended.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._beat(last=True)

    def _keep_beating(self) -> None:
        while not self._ended.wait(TICK):
            self._beat()
            if self._is_deaf() and self._when_deaf is not None:
                self._when_deaf()

    def _is_deaf(self) -> bool:
        if not self._stop or self._stop_seen:
            return False
        self._stop_since = self._stop_since or time.monotonic()
        return time.monotonic() - self._stop_since > DEAF

    def _beat(self, last: bool = False) -> None:
        with self._lock:
            self._settle()
            said, self._said = self._said, []
        now, seen = time.monotonic(), self._stop_seen
        try:
            if said or last or seen != self._stop_told or now - self._beaten >= HEARTBEAT:
                self._workspace.record_heartbeat(self._run.id, self.seconds, seen, said)
                self._beaten, self._stop_told, said = now, seen, []
            if self._workspace.state_of(self._run.id) is not RunState.RUNNING:
                self._stop = True
        except WorkspaceError as error:
            _log.warning("%s", error)
            with self._lock:
                self._said = said + self._said

    def _settle(self) -> None:
        if self._newest is not None:
            self._said.append(self._newest)
            self._newest = None

    def _remaining(self, done: int, total: int) -> float | None:
        now = time.monotonic()
        first, last, of, since = self._series
        if of != total or done < last:
            first, since = done, now
        self._series = (first, done, total, since)
        return (now - since) / (done - first) * max(0, total - done) if done > first else None
