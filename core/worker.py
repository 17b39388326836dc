"""The child process of one run: `python -m core.worker RUN_ID`."""

from core.runtime import configure

configure()

import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache

from core.errors.model import PlumblineError, Stopped
from core.errors.workspace import InternalError, OutOfMemory, RecordedFailure
from core.progress import Progress, ShouldStop
from core.workspace.files import storage_error
from core.workspace.processes import require_process
from core.workspace.progress_writer import ProgressWriter
from core.workspace.projects import Workspace
from core.workspace.runs import Run, RunState
from core.workspace.server_files import copy_server_file

# Runs a job; returns whether the user stopped it, and it still left results.
Job = Callable[[Workspace, Run, Progress, ShouldStop], bool]

NICE = 5

_log = logging.getLogger(__name__)


def run_job(workspace: Workspace, run: Run, progress: Progress, should_stop: ShouldStop) -> bool:
    """Run a job and keep its results; return whether the user stopped it and it left results all the same."""
    if run.kind == "arrival":
        workspace.settle_arrival(run, *copy_server_file(run, progress, should_stop))
        return False
    from core import pipeline
    from core.context import Context
    from core.delivery.results import load_walked
    from core.ingest.step import EarlierFile, compare, read
    from core.steps import step_of_job

    tables, cache = workspace.tables(run.project_id), workspace.cache(run.project_id)
    dataset = read(run.source_path, run.recipe, tables, progress, should_stop, run.fingerprint)
    context = Context(dataset=dataset, recipe=run.recipe, cache=cache, progress=progress, should_stop=should_stop)
    match run.kind:
        case "training":
            ledger = workspace.ledger(run.project_id)
            return pipeline.walk(context, run.folder, open_test=False, ledger=ledger).stopped
        case "opening":
            if run.parent is None:
                raise ValueError("an opening names its training")
            folder = workspace.run(run.parent).folder
            pipeline.walk(context, folder, open_test=True, ledger=workspace.ledger(run.project_id))
        case "folds":
            if run.parent is None:
                raise ValueError("walk-forward folds name their training")
            folder = workspace.run(run.parent).folder
            pipeline.run_folds(context, folder / pipeline.WORK / pipeline.FOLDER)
            # Asked for after the folds: the test era may have been opened meanwhile.
            is_open = load_walked(folder).evaluation.test is not None
            pipeline.walk(context, folder, open_test=is_open, ledger=workspace.ledger(run.project_id))
        case _:
            step = step_of_job(run.kind)
            if step.run is None:
                raise ValueError(f"no step runs {run.kind}")
            step.run(context)
    if run.kind == "profile" and (earlier := workspace.previous_source(run.project_id)) is not None:
        compare(context, EarlierFile(path=earlier.path, fingerprint=earlier.fingerprint), tables)
    # Any other stop raises; and an opening is complete even if its training was stopped once.
    return False


@cache
def lower_priority() -> None:
    """Let the pages come first; a second call changes nothing."""
    with suppress(AttributeError, OSError):
        os.nice(NICE)


def main(run_id: str, job: Job = run_job) -> int:
    """Run a job; return 0 if it ended normally, 1 if it failed with an error that the user can fix.

    A bug leaves its traceback in `worker.log`, under an id that the journal records.
    """
    lower_priority()
    workspace = Workspace(owner=None)
    process = require_process(os.getpid())
    if not workspace.claim_run(run_id, process):
        _log.warning("run %s does not wait to be carried out", run_id)
        return 0
    run = workspace.run(run_id)
    writer = ProgressWriter(workspace, run)
    signal.signal(signal.SIGTERM, writer.handle_sigterm)
    writer.start()

    def end(state: RunState, message: str = "", hint: str = "", error_id: str = "") -> int:
        writer.close()
        workspace.end_run(run_id, process, state, message, hint, error_id)
        return int(state is RunState.FAILED)

    try:
        ending = _attempt(workspace, run, writer, job)
    except BaseException as error:
        error_id = secrets.token_hex(4)
        _log.error("error %s", error_id)
        known = _explain(error)
        end(RunState.FAILED, known.message, known.hint, error_id)
        raise
    return end(*ending)


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
    asked = workspace.state_of(run.id) is RunState.STOPPING
    return RunState.STOPPED, "Stopped on request." if asked else "Its process was terminated.", "Resume it to continue."


def _explain(error: BaseException) -> PlumblineError:
    if isinstance(error, MemoryError):
        return OutOfMemory()
    if isinstance(error, OSError) and error.errno is not None:
        return storage_error(error)
    return InternalError()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
