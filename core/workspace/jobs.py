"""Runs as processes: launched when a processor is free, supervised, and terminated if they ignore a stop."""

import logging
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.errors.model import WorkspaceError
from core.errors.workspace import HostLost, InvalidJobs
from core.text.escape import plain_text
from core.workspace import heartbeats
from core.workspace.ending import read_ending
from core.workspace.files import storage_error
from core.workspace.idle_worker import idle_worker
from core.workspace.journal import Journal
from core.workspace.lost_worker import explain_loss
from core.workspace.memory import memory_held
from core.workspace.processes import (
    RUN_VARIABLE,
    ProcessMark,
    is_alive,
    is_local,
    kill_leftovers,
    require_process,
    signal_group,
)
from core.workspace.projects import Workspace
from core.workspace.retention import delete_untouched, keep_days
from core.workspace.runs import Run, RunState
from core.workspace.sweeping import sweep_drafts

# How many jobs run at once on this machine.
VARIABLE = "PLUMBLINE_JOBS"
COMMAND = (sys.executable, "-m", "core.worker")
# Seconds from a stop request to SIGTERM. A job that has heard of it writes its results first: that may take longer.
PATIENCE = 10.0
PATIENCE_WITH_RESULTS = 120.0
FROM_TERM_TO_KILL = 5.0
# Seconds without a heartbeat after which a run on another host is given up.
FOREIGN_SILENCE = 120.0
_LAST_BREATH = 2.0
_SWEEP_EVERY = 3600.0

_ROOT = Path(__file__).resolve().parents[2]
_log = logging.getLogger(__name__)

# A child that has ended stays a zombie until its parent asks for it; whose children they are is a matter of the process.
_children: dict[int, subprocess.Popen[bytes]] = {}
# The exit codes of those that have ended, and the most memory, in bytes, that each was seen to hold.
_codes: dict[int, int] = {}
_held: dict[int, int] = {}
# The idle workers that took a run, by run, until they have claimed it.
_taken_by: dict[str, ProcessMark] = {}
# Set if a run was started or a worker has ended: the supervisor looks at once.
_changed = threading.Event()


def launch_queued(workspace: Workspace, command: Sequence[str] = COMMAND) -> tuple[Run, ...]:
    """Start queued runs, oldest first, while fewer run than `most_jobs`; return them.

    A worker has its own session: it outlives the tab, the browser and the server. Raises `InvalidJobs`.
    """
    journal, most = workspace.for_everyone(), most_jobs()
    started = []
    while (run := journal.launch(most, lambda run: _start(workspace, run, command))) is not None:
        started.append(run)
    if started:
        _changed.set()
    return tuple(started)


def most_jobs() -> int:
    """Return how many jobs run at once on this machine: by default one a processor. Raises `InvalidJobs`."""
    value = os.environ.get(VARIABLE, "").strip()
    if not value:
        return os.cpu_count() or 1
    if not value.isdecimal() or not 1 <= int(value) <= 1000:
        raise InvalidJobs(value=plain_text(value, 40))
    return int(value)


def prepare_worker() -> None:
    """Have a worker import TensorFlow ahead of a training, if the server of this process supervises runs."""
    idle_worker.want()


def check_runs(workspace: Workspace) -> None:
    """Mark runs whose process died as interrupted, and terminate runs that ignored a stop request.

    A run that an idle worker took, and did not live to begin, is queued again, once. A run on another host is judged by its
    heartbeat alone, and stopped by the server there.
    """
    _reap_children()
    journal = workspace.for_everyone()
    active = journal.runs(active=True)
    heartbeats.forget({run.id for run in active})
    for run_id in _taken_by.keys() - {run.id for run in active if run.state is RunState.QUEUED}:
        del _taken_by[run_id]
    for run in active:
        if run.process is None:
            continue
        if not is_local(run.process):
            if heartbeats.silence(run) > FOREIGN_SILENCE:
                lost = HostLost(seconds=int(FOREIGN_SILENCE))
                journal.end_run(run.id, run.process, RunState.INTERRUPTED, lost.message, lost.hint)
            continue
        if not is_alive(run.process):
            if run.state is RunState.QUEUED and _taken_by.get(run.id) == run.process:
                # It died while the run was handed over: nothing has begun, and a new worker can.
                journal.launch_again(run.id, run.process)
            else:
                _mark_interrupted(journal, run, run.process)
        elif (waited := heartbeats.waited_for_stop(run)) is not None:
            _terminate_if_ignored(run, run.process, waited)


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
        self._swept = -math.inf

    def start(self) -> None:
        """Start the thread, once."""
        if self._thread is None:
            self._ended.clear()
            self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
            self._thread.start()

    @property
    def is_watching(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

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
            for look in (check_runs, self._launch, self._sweep, _tend_idle_worker):
                try:
                    look(self.workspace)
                except WorkspaceError as error:
                    _log.warning("%s: %s", look.__name__.strip("_"), error)
            _changed.wait(self.every)
            if self._ended.is_set():
                return

    def _launch(self, workspace: Workspace) -> None:
        launch_queued(workspace, self.command)

    def _sweep(self, workspace: Workspace) -> None:
        if time.monotonic() - self._swept > _SWEEP_EVERY:
            self._swept = time.monotonic()
            sweep_drafts(workspace.home)
            if (days := keep_days()) is not None:
                everyone = Workspace(workspace.home, owner=None)
                for project in delete_untouched(everyone, days):
                    _log.warning("project %s of %s deleted: last used on %s", project.id, project.owner, project.since)
                everyone.close()


def _environment(workspace: Workspace) -> dict[str, str]:
    """Return the environment of a worker, without the variable of its run."""
    address = workspace.database.url.render_as_string(hide_password=False)
    return os.environ | {"PLUMBLINE_HOME": str(workspace.home), "PLUMBLINE_DATABASE_URL": address}


def _tend_idle_worker(workspace: Workspace) -> None:
    idle_worker.tend(_environment(workspace), len(workspace.for_everyone().runs(active=True)))


def _start(workspace: Workspace, run: Run, command: Sequence[str]) -> ProcessMark:
    environment, log_file = _environment(workspace), run.folder / "worker.log"
    if run.kind == "training" and command == COMMAND and run.id not in _taken_by:
        child = idle_worker.take(run.id, log_file, environment)
        if child is not None:
            _taken_by[run.id] = _follow(child)
            return _taken_by[run.id]
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
        code = child.poll()
        if code is None:
            _held[pid] = max(_held.get(pid, 0), memory_held(pid))
        else:
            _children.pop(pid, None)
            _codes[pid] = code


def _mark_interrupted(journal: Journal, run: Run, process: ProcessMark) -> None:
    left_results = run.kind == "training" and (run.folder / "verdict.json").exists()
    if (child := _children.get(process.pid)) is not None:
        # Its first thread may be dead, and others not quite.
        with suppress(subprocess.TimeoutExpired):
            child.wait(_LAST_BREATH)
        _reap_children()
    known = read_ending(run.folder, process)
    stopping = run.state is RunState.STOPPING
    lost = explain_loss(_codes.pop(process.pid, None), _held.pop(process.pid, 0), stopping)
    if known is not None:
        # The worker could not reach the database, and recorded its end in its folder.
        ended = journal.end_run(run.id, process, known.state, known.message, known.hint, known.error_id)
    elif stopping and left_results:
        ended = journal.end_run(run.id, process, RunState.STOPPED, "Stopped on request.")
    else:
        ended = journal.end_run(run.id, process, RunState.INTERRUPTED, lost.message, lost.hint)
    if ended:
        kill_leftovers(process, run.id)


def _terminate_if_ignored(run: Run, process: ProcessMark, waited: float) -> None:
    patience = PATIENCE_WITH_RESULTS if run.stop_seen else PATIENCE
    if waited > patience + FROM_TERM_TO_KILL:
        signal_group(process, signal.SIGKILL)
    elif waited > patience:
        signal_group(process, signal.SIGTERM)
