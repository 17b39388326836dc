"""The child process of one run: `python -m core.worker RUN_ID`."""

from core.runtime import configure

configure()

import logging
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

from core.errors.model import PlumblineError, Stopped, WorkspaceError
from core.errors.workspace import InternalError, OutOfMemory, RecordedFailure
from core.progress import Progress, ShouldStop
from core.workspace.ending import Ending, reserve_ending, write_ending
from core.workspace.files import storage_error
from core.workspace.memory import bytes_asked, is_out_of_memory, memory_held, memory_limit
from core.workspace.processes import require_process
from core.workspace.progress_writer import ProgressWriter
from core.workspace.projects import Workspace
from core.workspace.runs import Run, RunState
from core.workspace.server_files import copy_server_file

# Runs a job; returns whether the user stopped it, and it still left results.
Job = Callable[[Workspace, Run, Progress, ShouldStop], bool]

NICE = 5
# Seconds between the attempts to record an end, and bytes that results take.
_PAUSES = (0.5, 1.0, 2.0, 4.0)
_RESULTS = 64_000_000

_log = logging.getLogger(__name__)


def run_job(workspace: Workspace, run: Run, progress: Progress, should_stop: ShouldStop) -> bool:
    """Run a job and keep its results; return whether the user stopped it and it left results all the same."""
    if run.kind == "arrival":
        workspace.settle_arrival(run, *copy_server_file(run, progress, should_stop))
        return False
    if run.kind == "scoring":
        from core.delivery.scoring_job import score

        score(workspace, run, progress, should_stop)
        return False
    from core import pipeline
    from core.context import Context
    from core.delivery.results import load_walked
    from core.ingest.step import EarlierFile, compare, read
    from core.refit import is_undo
    from core.steps import step_of_job

    tables, cache = workspace.tables(run.project_id), workspace.cache(run.project_id)
    dataset = read(run.source_path, run.recipe, tables, progress, should_stop, run.fingerprint)
    file = workspace.file_of(run)
    context = Context(
        dataset=dataset, recipe=run.recipe, cache=cache, progress=progress, should_stop=should_stop, file=file
    )
    match run.kind:
        case "training":
            ledger = workspace.ledger(run.project_id)
            return pipeline.walk(context, run.folder, open_test=False, ledger=ledger).stopped
        case "opening":
            if run.parent is None:
                raise ValueError("an opening names its training")
            folder = workspace.run(run.parent).folder
            ledger = workspace.ledger(run.project_id)
            pipeline.walk(context, folder, open_test=True, ledger=ledger, refit=_is_refitted(folder))
        case "folds":
            if run.parent is None:
                raise ValueError("walk-forward folds name their training")
            folder = workspace.run(run.parent).folder
            pipeline.run_folds(context, folder / pipeline.WORK / pipeline.FOLDER)
            # Asked for after the folds: the test era may have been opened, or the network refitted, meanwhile.
            is_open, refit = load_walked(folder).evaluation.test is not None, _is_refitted(folder)
            ledger = workspace.ledger(run.project_id)
            pipeline.walk(context, folder, open_test=is_open, ledger=ledger, refit=refit)
        case "refit":
            if run.parent is None:
                raise ValueError("a refit names its training")
            folder = workspace.run(run.parent).folder
            is_open = load_walked(folder).evaluation.test is not None
            ledger = workspace.ledger(run.project_id)
            pipeline.walk(context, folder, open_test=is_open, ledger=ledger, refit=not is_undo(run.folder))
        case _:
            step = step_of_job(run.kind)
            if step.run is None:
                raise ValueError(f"no step runs {run.kind}")
            step.run(context)
    if run.kind == "profile" and (earlier := workspace.previous_source(run.project_id)) is not None:
        compare(context, EarlierFile(path=earlier.path, fingerprint=earlier.fingerprint), tables)
    # Any other stop raises; and an opening is complete even if its training was stopped once.
    return False


def _is_refitted(folder: Path) -> bool:
    """Return whether the bundle of a training has a refitted network; one without results may be of an older version."""
    from core.delivery.results import load_walked

    try:
        return load_walked(folder).refit is not None
    except WorkspaceError:
        return False


@cache
def lower_priority() -> None:
    """Let the pages come first; a second call changes nothing."""
    with suppress(AttributeError, OSError):
        os.nice(NICE)


def main(run_id: str, job: Job = run_job) -> int:
    """Run a job; return 0 if it ended normally, 1 if it failed with an error that the user can fix.

    A bug leaves its traceback in `worker.log`, under an id that the journal records. A full disk, too little memory or a lost
    database is no bug.
    """
    lower_priority()
    workspace = Workspace(owner=None)
    process = require_process(os.getpid())
    if not workspace.claim_run(run_id, process):
        _log.warning("run %s does not wait to be carried out", run_id)
        return 0
    run = workspace.run(run_id)
    reserve_ending(run.folder)
    writer = ProgressWriter(workspace, run, lambda: give_up())
    signal.signal(signal.SIGTERM, writer.handle_sigterm)
    writer.start()

    def end(state: RunState, message: str = "", hint: str = "", error_id: str = "") -> int:
        ending = Ending(process=process, state=state, message=message, hint=hint, error_id=error_id)
        _record(workspace, run, writer, ending)
        return int(state is RunState.FAILED)

    def give_up() -> None:
        """End the process: it does not check for the stop request, as during an import or a long library call."""
        _log.warning("no answer to the request to stop")
        end(*_stopped(workspace, run))
        os._exit(0)

    try:
        outcome = _attempt(workspace, run, writer, job)
    except BaseException:
        error_id = secrets.token_hex(4)
        _log.error("error %s", error_id)
        bug = InternalError()
        end(RunState.FAILED, bug.message, bug.hint, error_id)
        raise
    return end(*outcome)


def _attempt(workspace: Workspace, run: Run, writer: ProgressWriter, job: Job) -> tuple[RunState, str, str]:
    """Return how a run ended: its state, message and hint."""
    try:
        if run.state is RunState.FAILED:
            raise RecordedFailure(reason=run.message, remedy=run.hint)
        if not job(workspace, run, writer, writer.should_stop):
            return RunState.FINISHED, "", ""
    except Stopped:
        pass
    except PlumblineError as error:
        return RunState.FAILED, error.message, error.hint
    except Exception as error:
        known = _explain(error, run)
        if known is None:
            raise
        _log.warning("%s", known, exc_info=True)
        return RunState.FAILED, known.message, known.hint
    return _stopped(workspace, run)


def _stopped(workspace: Workspace, run: Run) -> tuple[RunState, str, str]:
    with suppress(WorkspaceError):
        if workspace.state_of(run.id) is RunState.STOPPING:
            return RunState.STOPPED, "Stopped on request.", "Resume it to continue."
    return RunState.STOPPED, "Its process was terminated.", "Resume it to continue."


def _explain(error: Exception, run: Run) -> PlumblineError | None:
    """Return what the user can do about an error of the machine; None if it is a bug."""
    if is_out_of_memory(error):
        return OutOfMemory(needed=memory_held() + bytes_asked(error), limit=memory_limit())
    if isinstance(error, OSError) and error.errno is not None:
        return storage_error(error, run.folder, needed=_least_room(run))
    return None


def _least_room(run: Run) -> int:
    """Return the bytes that a run needs on the disk, about: those of its file, and of results."""
    try:
        return _RESULTS + run.source_path.stat().st_size
    except OSError:
        return _RESULTS


def _record(workspace: Workspace, run: Run, writer: ProgressWriter, ending: Ending) -> None:
    """Record the end in the journal; if that fails, the next check finds it in the run's folder."""
    for pause in (*_PAUSES, None):
        writer.close()
        try:
            workspace.end_run(
                run.id, ending.process, ending.state, ending.message, ending.hint, error_id=ending.error_id
            )
        except WorkspaceError as error:
            _log.warning("the end is not recorded: %s", error)
            write_ending(run.folder, ending)
            if pause is not None:
                time.sleep(pause)
        else:
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
