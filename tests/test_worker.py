import errno
import io
import os
import re
import signal
import time
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest

from core import steps, worker
from core.errors.model import DataError, Stopped
from core.errors.workspace import DatabaseFailed, DiskFull, OutOfMemory, StorageFailed
from core.worker import _explain as explain
from core.workspace import jobs
from core.workspace.ending import Ending, read_ending, reserve_ending, write_ending
from core.workspace.journal import Journal
from core.workspace.processes import ProcessMark
from core.workspace.progress_writer import TICK, ProgressWriter
from core.workspace.projects import Workspace
from core.workspace.runs import RunState


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A workspace whose worker may be called within the process of the tests."""
    monkeypatch.delenv("PLUMBLINE_DATABASE_URL", raising=False)
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    monkeypatch.setattr(os, "nice", lambda _by: None)
    handler = signal.getsignal(signal.SIGTERM)
    opened = Workspace()
    yield opened
    opened.close()
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def project(workspace):
    made = workspace.create_project("Gold")
    workspace.add_file(made.id, "gold.csv", io.BytesIO(b"date,close\n"))
    return made


@pytest.fixture
def carried_out(workspace, project):
    """Carry out a training by a job of the test's own, and return the run as it ended."""

    def run_job(job):
        run = workspace.start_run(project.id, "training")
        worker.main(run.id, job)
        return workspace.run(run.id)

    return run_job


def test_a_job_that_returns_has_finished_its_run(carried_out):
    run = carried_out(lambda workspace, run, progress, should_stop: False)
    assert (run.state, run.message, run.error_id) == (RunState.FINISHED, "", "")
    assert run.started <= run.ended


def test_a_job_that_was_stopped_and_left_results_is_stopped(carried_out):
    assert carried_out(lambda *_: True).state is RunState.STOPPED


def test_a_job_that_breaks_off_on_request_is_stopped(carried_out):
    def obey(workspace, run, progress, should_stop):
        workspace.request_stop(run.id)
        while not should_stop():
            time.sleep(0.01)
        raise Stopped

    run = carried_out(obey)
    assert (run.state, run.message, run.stop_seen) == (RunState.STOPPED, "Stopped on request.", True)


class TextInColumn(DataError, code="test-text-in-column"):
    column: str
    row: int
    hint = "Choose another target."

    @property
    def message(self) -> str:
        return f"Column {self.column!r} holds text in row {self.row}."


def test_a_fault_that_the_user_can_mend_is_told_in_its_own_words(carried_out):
    def fail(*_):
        raise TextInColumn(column="close", row=7)

    run = carried_out(fail)
    assert (run.state, run.error_id) == (RunState.FAILED, "")
    assert (run.message, run.hint) == ("Column 'close' holds text in row 7.", "Choose another target.")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ZeroDivisionError("secret value 42"), "Internal error"),
        (SystemExit(3), "Internal error"),
    ],
)
def test_any_other_fault_stays_loud_in_the_log_and_gets_a_short_id(workspace, carried_out, caplog, error, words):
    def fail(*_):
        raise error

    with pytest.raises(type(error)):
        carried_out(fail)
    (run,) = workspace.runs()
    assert run.state is RunState.FAILED
    assert words in run.message
    assert "secret" not in run.message + run.hint
    assert run.error_id
    assert run.error_id in caplog.text


class ResourceExhaustedError(Exception):
    """TensorFlow's error of this name."""


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (MemoryError(), OutOfMemory),
        (RuntimeError("std::bad_alloc"), OutOfMemory),
        (ResourceExhaustedError("a tensor"), OutOfMemory),
        (OSError(errno.ENOSPC, "No space left on device"), DiskFull),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), DiskFull),
        (OSError(errno.EIO, "Input/output error"), StorageFailed),
    ],
)
def test_a_fault_of_the_machine_is_no_bug_and_names_its_cause(carried_out, caplog, monkeypatch, error, cause):
    told = []
    monkeypatch.setattr(worker, "_explain", lambda *given: told.append(explain(*given)) or told[-1])

    def fail(*_):
        raise error

    run = carried_out(fail)
    assert (run.state, run.error_id) == (RunState.FAILED, "")
    assert type(told[0]) is cause
    assert (run.message, run.hint) == (told[0].message, told[0].hint)
    assert "Traceback" in caplog.text


def test_a_full_disk_says_how_much_is_needed_and_too_little_memory_how_much_it_asked_for(carried_out):
    def fill_the_disk(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    def fill_the_memory(*_):
        np.ones(1 << 50)

    assert re.search(r"about \d+ MB are needed, [\d.]+ [MG]B are free", carried_out(fill_the_disk).message)
    found = re.search(r"needed about (\d+)\.\d GB, the limit is ([\d.]+) GB", carried_out(fill_the_memory).message)
    assert int(found[1]) > 9_000_000
    assert float(found[2]) < 100_000


def test_an_end_that_the_database_refuses_is_retried_then_left_in_the_folder(workspace, project, monkeypatch):
    end_run, refused = Journal.end_run, []

    def away(self, *given, **named):
        if len(refused) < patience:
            refused.append(given)
            raise DatabaseFailed(address="sqlite", reason="database or disk is full")
        return end_run(self, *given, **named)

    monkeypatch.setattr(Journal, "end_run", away)
    monkeypatch.setattr(worker, "_PAUSES", (0.01, 0.01))
    patience = 2
    run = workspace.start_run(project.id, "training")
    worker.main(run.id, lambda *_: False)
    assert len(refused) == 2
    assert workspace.run(run.id).state is RunState.FINISHED
    refused.clear()
    patience = 3

    def fail(*_):
        raise TextInColumn(column="close", row=7)

    lost = workspace.start_run(project.id, "training")
    worker.main(lost.id, fail)
    assert len(refused) == 3
    assert workspace.run(lost.id).state is RunState.RUNNING
    process = workspace.run(lost.id).process
    monkeypatch.setattr(jobs, "is_alive", lambda mark: mark != process)
    jobs.check_runs(workspace)
    found = workspace.run(lost.id)
    assert (found.state, found.message) == (RunState.FAILED, "Column 'close' holds text in row 7.")


def test_the_word_of_an_earlier_attempt_is_not_taken_for_the_end_of_this_one(tmp_path):
    first, second = ProcessMark(1, "boot:1"), ProcessMark(1, "boot:2")
    reserve_ending(tmp_path)
    assert read_ending(tmp_path, first) is None
    size = (tmp_path / "ending.json").stat().st_size
    ending = Ending(process=first, state=RunState.FAILED, message="x" * 9000, hint="y" * 9000)
    write_ending(tmp_path, ending)
    assert (tmp_path / "ending.json").stat().st_size == size
    assert read_ending(tmp_path, first).message == "x" * 1000
    assert read_ending(tmp_path, second) is None


def test_a_run_that_does_not_wait_is_left_alone(workspace, project):
    run = workspace.start_run(project.id, "training")
    workspace.request_stop(run.id)

    def never(*_):
        raise AssertionError("it was stopped before it began")

    assert worker.main(run.id, never) == 0
    assert worker.main("no such run", never) == 0
    assert workspace.run(run.id).state is RunState.STOPPED


def test_steps_are_told_five_times_a_second_the_last_and_every_metric_always(workspace, carried_out):
    def work(workspace, run, progress, should_stop):
        for done in range(1, 2001):
            progress.step(done, 2000, "Reading")
            progress.metric("loss", done, 1.0 / done)
            time.sleep(0.0003)
        for done in range(50):
            progress.step(done, 100, "Breaks off")
        return False

    run = carried_out(work)
    steps = [event.payload for event in workspace.events(run.id, kinds=("step",))]
    assert {"done": 2000, "total": 2000, "text": "Reading"}.items() <= steps[-2].items()
    assert {"done": 49, "total": 100, "text": "Breaks off"}.items() <= steps[-1].items()
    assert len(steps) <= run.seconds / TICK + 3
    assert list(workspace.metrics(run.id)["loss"]) == list(range(1, 2001))


def test_the_time_left_follows_the_pace_of_the_series_at_hand(workspace, project, monkeypatch):
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    writer = ProgressWriter(workspace, workspace.start_run(project.id, "training"))
    left = []
    # A resumed training begins at epoch 6; the second network of the same training begins at 1 again.
    for seconds, done, total in ((0, 6, 10), (2, 7, 10), (2, 8, 10), (2, 10, 10), (50, 1, 10), (1, 2, 10), (9, 1, 4)):
        now += seconds
        left.append(writer._remaining(done, total))
    assert left == [None, 6.0, 4.0, 0.0, None, 8.0, None]


def test_a_clock_set_back_gives_no_negative_time(workspace, carried_out, monkeypatch):
    def work(workspace, run, progress, should_stop):
        progress.step(1, 3, "Before")
        back = time.time() - 3600
        monkeypatch.setattr(time, "time", lambda: back)
        time.sleep(0.3)
        progress.step(2, 3, "After")
        return False

    run = carried_out(work)
    assert run.ended < run.started
    assert 0.3 <= run.seconds < 60
    step = workspace.last_step(run.id)
    assert 0 < step.elapsed < 60
    assert 0 < step.remaining < 60


def test_a_run_whose_project_is_gone_is_told_to_stop(workspace, project, carried_out):
    heard = []

    def work(workspace, run, progress, should_stop):
        workspace.end_run(run.id, run.process, RunState.INTERRUPTED)
        monday = time.monotonic() + 5
        while not should_stop() and time.monotonic() < monday:
            time.sleep(0.01)
        heard.append(should_stop())
        return True

    assert carried_out(work).state is RunState.INTERRUPTED
    assert heard == [True]


def test_what_a_job_says_while_the_database_is_away_is_told_later(workspace, carried_out, monkeypatch):
    from core.errors.workspace import DatabaseFailed
    from core.workspace.journal import Journal

    record_heartbeat, refused = Journal.record_heartbeat, []

    def troubled(self, run_id, seconds, stop_seen, said=()):
        if len(refused) < 2:
            refused.append(said)
            raise DatabaseFailed(address="sqlite", reason="locked")
        record_heartbeat(self, run_id, seconds, stop_seen, said)

    monkeypatch.setattr(Journal, "record_heartbeat", troubled)

    def work(workspace, run, progress, should_stop):
        for step in range(1, 7):
            progress.metric("loss", step, 1.0)
            time.sleep(0.15)
        return False

    run = carried_out(work)
    assert len(refused) == 2
    assert list(workspace.metrics(run.id)["loss"]) == [1, 2, 3, 4, 5, 6]


@pytest.fixture
def calls(monkeypatch):
    """The calls that a worker makes, recorded in place of the work."""
    made = []

    def record(name):
        def call(*given, **named):
            made.append((name, given, named))
            return SimpleNamespace(stopped=True)

        return call

    monkeypatch.setattr("core.ingest.step.read", record("read"))
    monkeypatch.setattr("core.pipeline.walk", record("walk"))
    monkeypatch.setattr(
        "core.steps.STEPS",
        tuple(replace(step, run=record(step.name)) if step.run else step for step in steps.STEPS),
    )
    return made


@pytest.mark.parametrize(
    ("kind", "name"),
    [("profile", "quality"), ("regression", "regression"), ("importance", "importance"), ("training", "walk")],
)
def test_each_kind_of_run_runs_its_step(workspace, project, calls, kind, name):
    run = workspace.start_run(project.id, kind)
    assert worker.main(run.id) == 0
    (read, (source, recipe, tables, *_, fingerprint), _), (step, (context, *rest), named) = calls
    assert (read, source, recipe, tables) == ("read", run.source_path, run.recipe, workspace.tables(project.id))
    assert fingerprint == workspace.source(project.id).fingerprint
    assert (step, context.recipe) == (name, run.recipe)
    assert context.cache.folder == workspace.cache(project.id).folder
    if kind == "training":
        assert rest == [run.folder]
        assert named["open_test"] is False
        assert named["ledger"].project_id == project.id
    assert workspace.run(run.id).state == ("stopped" if kind == "training" else "finished")


def test_an_opening_writes_beside_its_training_into_its_ledger_and_finishes_though_that_was_stopped(
    workspace, project, calls
):
    training = workspace.start_run(project.id, "training")
    worker.main(training.id)
    opening = workspace.start_run(project.id, "opening", parent=training.id)
    worker.main(opening.id)
    assert workspace.run(opening.id).state is RunState.FINISHED
    _, (_, folder), named = calls[-1]
    assert (folder, named["open_test"]) == (training.folder, True)
    assert (named["ledger"].project_id, named["ledger"].owner) == (project.id, "local")


def test_a_heartbeat_is_a_moment_of_now(workspace, carried_out):
    run = carried_out(lambda *_: False)
    assert abs((datetime.now(UTC) - run.heartbeat).total_seconds()) < 30
