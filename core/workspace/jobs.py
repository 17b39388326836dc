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


def launch_queued(workspace: Workspace, command: Sequence[str] = COMMAND) -> tuple[Run, ...]:
    """Start queued runs, oldest first, while fewer run than there are processors; return them.

    A worker has its own session: it outlives the tab, the browser and the server.
    """
    journal = workspace.for_everyone()
    most = os.cpu_count() or 1
    started = []
    while (run := journal.launch(most, lambda run: _start(workspace, run, command))) is not None:
        started.append(run)
    return tuple(started)


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
    """A thread of the server that launches and checks runs every second; workers outlive it."""

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
            self._thread.join()
            self._thread = None

    def _watch(self) -> None:
        while True:
            for look in (check_runs, self._launch):
                try:
                    look(self.workspace)
                except WorkspaceError as error:
                    _log.warning("%s: %s", look.__name__.strip("_"), error)
            if self._ended.wait(self.every):
                return

    def _launch(self, workspace: Workspace) -> None:
        launch_queued(workspace, self.command)


def _start(workspace: Workspace, run: Run, command: Sequence[str]) -> ProcessMark:
    address = workspace.database.url.render_as_string(hide_password=False)
    surroundings = os.environ | {
        "PLUMBLINE_HOME": str(workspace.home),
        "PLUMBLINE_DATABASE_URL": address,
        RUN_VARIABLE: run.id,
    }
    try:
        run.folder.mkdir(parents=True, exist_ok=True)
        with (run.folder / "worker.log").open("ab") as log:
            child = subprocess.Popen(
                [*command, run.id],
                cwd=_ROOT,
                env=surroundings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    except OSError as error:
        raise storage_error(error) from error
    _children[child.pid] = child
    return require_process(child.pid)


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
