"""Runs as processes: launched when a processor is free, supervised, and terminated if they ignore a stop."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from core.errors.model import WorkspaceError
from core.workspace.files import storage_error
from core.workspace.idle_worker import idle_worker
from core.workspace.journal import Journal
from core.workspace.processes import RUN_VARIABLE, ProcessMark, is_alive, kill_leftovers, require_process, signal_group
from core.workspace.projects import Workspace
from core.workspace.runs import Run, RunState

COMMAND = (sys.executable, "-m", "core.worker")
# Seconds from a stop request to SIGTERM. A job that has heard of it writes its results first: that may take longer.
PATIENCE = 10.0
PATIENCE_WITH_RESULTS = 120.0
FROM_TERM_TO_KILL = 5.0

_ROOT = Path(__file__).resolve().parents[2]
_log = logging.getLogger(__name__)

# A child that has ended stays a zombie until its parent asks for it; whose children they are is a matter of the process.
_children: dict[int, subprocess.Popen[bytes]] = {}
# Set if a run was started or a worker has ended: the supervisor looks at once.
_changed = threading.Event()


def launch_queued(workspace: Workspace, command: Sequence[str] = COMMAND) -> tuple[Run, ...]:
    """Start queued runs, oldest first, while fewer run than there are processors; return them.

    A worker has its own session: it outlives the tab, the browser and the server.
    """
    journal = workspace.for_everyone()
    most = os.cpu_count() or 1
    started = []
    while (run := journal.launch(most, lambda run: _start(workspace, run, command))) is not None:
        started.append(run)
    if started:
        _changed.set()
    return tuple(started)


def prepare_worker() -> None:
    """Have a worker import TensorFlow ahead of a training, if the server of this process supervises runs."""
    idle_worker.want()


def check_runs(workspace: Workspace) -> None:
    """Mark runs whose process died as interrupted, and terminate runs that ignored a stop request."""
    _reap_children()
    journal = workspace.for_everyone()
    for run in journal.runs(active=True):
        if run.process is None:
            continue
        if not is_alive(run.process):
            _mark_interrupted(journal, run, run.process)
        elif run.stop_asked is not None:
            _terminate_if_ignored(run, run.process, time.monotonic() - run.stop_asked)


class Supervisor:
    """A thread of the server that launches and checks runs every second, and at once if a run starts or its process ends.

    It also tends the idle worker. Workers with a run outlive it.
    """

    def __init__(self, workspace: Workspace, every: float = 1.0, command: Sequence[str] = COMMAND) -> None:
        self.workspace = workspace
        self.every = every
        self.command = command
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread, once."""
        if self._thread is None:
            self._ended.clear()
            self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread; the workers continue."""
        if self._thread is not None:
            self._ended.set()
            _changed.set()
            self._thread.join()
            self._thread = None
            idle_worker.close()

    def _watch(self) -> None:
        while True:
            _changed.clear()
            for look in (check_runs, self._launch, _tend_idle_worker):
                try:
                    look(self.workspace)
                except WorkspaceError as error:
                    _log.warning("%s: %s", look.__name__.strip("_"), error)
            _changed.wait(self.every)
            if self._ended.is_set():
                return

    def _launch(self, workspace: Workspace) -> None:
        launch_queued(workspace, self.command)


def _environment(workspace: Workspace) -> dict[str, str]:
    """Return the environment of a worker, but for the run."""
    address = workspace.database.url.render_as_string(hide_password=False)
    return os.environ | {"PLUMBLINE_HOME": str(workspace.home), "PLUMBLINE_DATABASE_URL": address}


def _tend_idle_worker(workspace: Workspace) -> None:
    idle_worker.tend(_environment(workspace), len(workspace.for_everyone().runs(active=True)))


def _start(workspace: Workspace, run: Run, command: Sequence[str]) -> ProcessMark:
    environment, log_file = _environment(workspace), run.folder / "worker.log"
    if run.kind == "training" and command == COMMAND:
        child = idle_worker.take(run.id, log_file, environment)
        if child is not None:
            return _follow(child)
    try:
        run.folder.mkdir(parents=True, exist_ok=True)
        with log_file.open("ab") as log:
            child = subprocess.Popen(
                [*command, run.id],
                cwd=_ROOT,
                env=environment | {RUN_VARIABLE: run.id},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    except OSError as error:
        raise storage_error(error) from error
    return _follow(child)


def _follow(child: subprocess.Popen[bytes]) -> ProcessMark:
    """Return the mark of a new worker, and wake the supervisor when it ends."""
    mark = require_process(child.pid)
    _children[child.pid] = child
    threading.Thread(target=_await_end, args=(child,), name=f"worker {child.pid}", daemon=True).start()
    return mark


def _await_end(child: subprocess.Popen[bytes]) -> None:
    child.wait()
    _changed.set()


def _reap_children() -> None:
    for pid, child in list(_children.items()):
        if child.poll() is not None:
            _children.pop(pid, None)


def _mark_interrupted(journal: Journal, run: Run, process: ProcessMark) -> None:
    left_results = run.kind == "training" and (run.folder / "verdict.json").exists()
    if run.state is RunState.STOPPING and left_results:
        ended = journal.end_run(run.id, process, RunState.STOPPED, "Stopped on request.")
    else:
        ended = journal.end_run(
            run.id,
            process,
            RunState.INTERRUPTED,
            "It did not answer the request to stop, and was ended."
            if run.state is RunState.STOPPING
            else "Its process ended before its work was done, as when the machine restarts or memory runs out.",
            "Resume it: training goes on from its last checkpoint.",
        )
    if ended:
        kill_leftovers(process, run.id)


def _terminate_if_ignored(run: Run, process: ProcessMark, waited: float) -> None:
    patience = PATIENCE_WITH_RESULTS if run.stop_seen else PATIENCE
    if waited > patience + FROM_TERM_TO_KILL:
        signal_group(process, signal.SIGKILL)
    elif waited > patience:
        signal_group(process, signal.SIGTERM)
