"""One idle worker with TensorFlow imported: a training that it takes starts seconds earlier."""

import json
import logging
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

COMMAND = (sys.executable, "-m", "core.idle_worker")
# An idle worker holds 0.6 GB. It is started if this much memory is available, and given up if less than the second is.
ROOM_TO_START = 3 << 30
ROOM_TO_KEEP = 1 << 30
IDLE_SECONDS = 600.0
SWITCH = "PLUMBLINE_IDLE_WORKER"

_ROOT = Path(__file__).resolve().parents[2]
_log = logging.getLogger(__name__)


class IdleWorker:
    """The idle worker of a server: started when a project is opened, given up after ten minutes without a page.

    It learns nothing but the id of its run and where to log: it opens no database and reads no file before. It takes one run,
    and only if the environment is the one that it started with. It ends when its server does, unless it has a run by then.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self.command = command
        self._lock = threading.Lock()
        self._wanted_at = -math.inf
        self._child: subprocess.Popen[bytes] | None = None
        self._environment: dict[str, str] = {}

    def want(self) -> None:
        """Note that a training may be started soon."""
        self._wanted_at = time.monotonic()

    @property
    def pid(self) -> int | None:
        """The process id, or None if there is no idle worker."""
        child = self._child
        return None if child is None or child.poll() is not None else child.pid

    def tend(self, environment: Mapping[str, str], active_runs: int) -> None:
        """Start the worker if it is wanted and the machine has room, and give it up if not.

        Its import keeps two processors busy for seconds, so it does not start while runs need them.

        Parameters
        ----------
        environment
            The environment of a worker that is started now.
        active_runs
            How many runs are queued or running.
        """
        available = psutil.virtual_memory().available
        is_wanted = time.monotonic() - self._wanted_at < IDLE_SECONDS and os.environ.get(SWITCH) != "0"
        with self._lock:
            if self._child is not None and self._child.poll() is not None:
                self._give_up()
            if self._child is not None:
                if not is_wanted or available < ROOM_TO_KEEP or self._environment != environment:
                    self._give_up()
            elif is_wanted and available >= ROOM_TO_START and has_free_processors(active_runs):
                self._start(environment)

    def take(self, run_id: str, log: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes] | None:
        """Hand a run to the idle worker and return its process; None if there is none that can take it.

        Parameters
        ----------
        run_id, log
            The run, and the file that its output is appended to.
        environment
            The environment that the run must have, without the run's own variable.
        """
        with self._lock:
            child = self._child
            if child is None or child.stdin is None:
                return None
            if child.poll() is not None or self._environment != environment:
                self._give_up()
                return None
            try:
                child.stdin.write(json.dumps({"run": run_id, "log": str(log)}).encode() + b"\n")
                child.stdin.close()
            except OSError:
                self._give_up()
                return None
            self._child = None
            return child

    def close(self) -> None:
        """End the worker if it is idle."""
        with self._lock:
            self._give_up()

    def _start(self, environment: Mapping[str, str]) -> None:
        try:
            self._child = subprocess.Popen(
                self.command,
                cwd=_ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            _log.warning("no idle worker: %s", error)
            self._wanted_at = -math.inf
        else:
            self._environment = dict(environment)

    def _give_up(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.poll() not in (None, 0):
            # It would fail again: wait until the next page asks for one.
            self._wanted_at = -math.inf
        child.kill()
        child.wait()
        with suppress(OSError):
            if child.stdin is not None:
                child.stdin.close()


def has_free_processors(active_runs: int) -> bool:
    """Return whether importing TensorFlow takes no processor from a run.

    Examples
    --------
    >>> has_free_processors(0)
    True
    """
    return active_runs == 0 or active_runs + 2 <= (os.cpu_count() or 1)


# One for the process: pages take it, the supervisor tends it.
idle_worker = IdleWorker()
