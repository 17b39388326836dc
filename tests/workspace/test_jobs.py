import os
import re
import signal
import subprocess
import sys
import time

import psutil
import pytest
from sqlalchemy import update

from core.errors.model import WorkspaceError
from core.errors.workspace import (
    HostLost,
    InvalidJobs,
    RunStillActive,
    StopIgnored,
    WorkerCrashed,
    WorkerKilled,
    WorkerLost,
)
from core.workspace import heartbeats, jobs
from core.workspace.database import runs
from core.workspace.jobs import Supervisor, check_runs, launch_queued
from core.workspace.lost_worker import explain_loss
from core.workspace.processes import ProcessMark, host_id, is_alive, mark_process, signal_group
from core.workspace.runs import RunState
from core.workspace.sweeping import sweep_drafts

# The first attempt works on for ever, the second finds its trace and finishes.
WORKS_ON = """\
(run.folder / "attempts").open("a").write("x")
progress.step(1, 2, "Working")
while (run.folder / "attempts").read_text() == "x" and not should_stop():
    time.sleep(0.02)
return should_stop()
"""
NEVER_LOOKS_UP = """\
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "60"])
(run.folder / "child").write_text(str(child.pid))
while True:
    time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def bytecode(tmp_path_factory):
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture(autouse=True)
def workers_start_quickly(bytecode, monkeypatch):
    """Let the many worker processes of these tests share what Python compiled."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(bytecode))


@pytest.fixture
def bystander():
    """A process that is no worker of ours, in a session of its own."""
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


@pytest.fixture(autouse=True)
def no_process_is_left(workspace):
    yield
    for run in workspace.runs(active=True):
        if run.process is not None:
            signal_group(run.process, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while jobs._children and time.monotonic() < deadline:
        jobs._reap_children()
    assert not jobs._children


@pytest.fixture
def begin(workspace, project, wait_until):
    """Start a real worker on a training, wait until it is at work, and return the run."""

    def start(command):
        run = workspace.start_run(project.id, "training")
        launch_queued(workspace, command)
        wait_until(lambda: workspace.last_step(run.id) or (run.folder / "child").exists())
        return workspace.run(run.id)

    return start


@pytest.fixture
def ended(workspace, wait_until):
    """Check the runs until one has ended, and return it."""

    def follow(run, seconds=20.0):
        def over():
            check_runs(workspace)
            return not workspace.run(run.id).state.active

        wait_until(over, seconds)
        return workspace.run(run.id)

    return follow


def test_a_killed_worker_is_noticed_within_five_seconds_and_resumed_in_its_folder(workspace, worker_of, begin, ended):
    command = worker_of(WORKS_ON)
    run = begin(command)
    assert run.state is RunState.RUNNING
    check_runs(workspace)
    assert workspace.run(run.id).state is RunState.RUNNING
    os.kill(run.process.pid, signal.SIGKILL)
    lost = ended(run, seconds=5)
    assert lost.state is RunState.INTERRUPTED
    assert re.fullmatch(r"Its process was killed while it held [\d.]+ [MG]B of [\d.]+ GB memory\.", lost.message)
    assert lost.hint and not lost.error_id
    workspace.resume_run(run.id)
    (again,) = launch_queued(workspace, command)
    assert again.folder == run.folder
    done = ended(run)
    assert done.state is RunState.FINISHED
    assert done.process != run.process
    assert (run.folder / "attempts").read_text() == "xx"


def test_a_worker_is_nice_leads_a_session_and_beats(workspace, worker_of, begin, ended, wait_until):
    run = begin(worker_of(WORKS_ON))
    assert os.getsid(run.process.pid) == os.getpgid(run.process.pid) == run.process.pid
    assert psutil.Process(run.process.pid).nice() >= min(19, os.nice(0) + 5)
    wait_until(lambda: workspace.run(run.id).heartbeat > run.heartbeat)
    workspace.request_stop(run.id)
    stopped = ended(run)
    assert (stopped.state, stopped.message) == (RunState.STOPPED, "Stopped on request.")
    assert stopped.stop_seen
    assert stopped.seconds > 0


def test_a_worker_told_to_end_by_the_machine_ends_cleanly(worker_of, begin, ended):
    run = begin(worker_of(WORKS_ON))
    os.kill(run.process.pid, signal.SIGTERM)
    stopped = ended(run)
    assert (stopped.state, stopped.message) == (RunState.STOPPED, "Its process was terminated.")


DEAF = """\
from core.workspace import progress_writer
progress_writer.DEAF = 0.5
progress.step(1, 2, "Importing")
time.sleep(30)
return False
"""


def test_a_worker_that_is_importing_obeys_a_sigterm_too(worker_of, begin, ended):
    run = begin(worker_of(DEAF))
    os.kill(run.process.pid, signal.SIGTERM)
    stopped = ended(run, seconds=6)
    assert (stopped.state, stopped.message) == (RunState.STOPPED, "Its process was terminated.")
    assert not is_alive(run.process)


def test_a_worker_that_is_importing_obeys_the_stop_of_a_page_too(workspace, worker_of, begin, ended):
    run = begin(worker_of(DEAF))
    workspace.request_stop(run.id)
    stopped = ended(run, seconds=6)
    assert (stopped.state, stopped.message) == (RunState.STOPPED, "Stopped on request.")


@pytest.mark.parametrize(("left_results", "state"), [(False, RunState.INTERRUPTED), (True, RunState.STOPPED)])
def test_a_worker_that_ignores_the_stop_is_killed_with_its_children(
    workspace, worker_of, begin, ended, wait_until, monkeypatch, left_results, state
):
    monkeypatch.setattr(jobs, "PATIENCE", 0.3)
    monkeypatch.setattr(jobs, "FROM_TERM_TO_KILL", 0.3)
    run = begin(worker_of(NEVER_LOOKS_UP))
    wait_until(lambda: (run.folder / "child").read_text())
    child = mark_process(int((run.folder / "child").read_text()))
    assert is_alive(child)
    if left_results:
        (run.folder / "verdict.json").write_text("{}")
    workspace.request_stop(run.id)
    check_runs(workspace)
    assert is_alive(run.process)
    assert ended(run).state is state
    wait_until(lambda: not is_alive(child), 2)


def test_children_of_a_killed_worker_do_not_outlive_it(workspace, worker_of, begin, ended, wait_until):
    run = begin(worker_of(NEVER_LOOKS_UP))
    wait_until(lambda: (run.folder / "child").read_text())
    child = mark_process(int((run.folder / "child").read_text()))
    os.kill(run.process.pid, signal.SIGKILL)
    assert ended(run).state is RunState.INTERRUPTED
    wait_until(lambda: not is_alive(child), 2)


def test_a_run_whose_number_belongs_to_another_process_is_interrupted_and_that_process_left_alone(
    workspace, project, bystander
):
    stale = ProcessMark(bystander.pid, f"{host_id()}:1")
    run = workspace.start_run(project.id, "training")
    workspace.claim_run(run.id, stale)
    workspace.request_stop(run.id)
    with workspace.database.writing() as connection:
        connection.execute(update(runs).values(stop_asked=time.monotonic() - 1000))
    check_runs(workspace)
    assert workspace.run(run.id).state is RunState.INTERRUPTED
    workspace.resume_run(run.id)
    workspace.claim_run(run.id, stale)
    workspace.delete_project(project.id)
    assert bystander.poll() is None


def elsewhere(pid):
    """The mark of a process of another container of this machine, under a number that exists here too."""
    boot = host_id().partition(".")[0]
    return ProcessMark(pid, f"{boot}.4026530000:77")


def test_a_run_on_another_host_is_judged_by_its_heartbeat_alone(workspace, project, bystander, monkeypatch):
    now = 1000.0
    monkeypatch.setattr(heartbeats.time, "monotonic", lambda: now)
    foreign = elsewhere(bystander.pid)
    run = workspace.start_run(project.id, "training")
    workspace.claim_run(run.id, foreign)
    # Its clock may be hours off.
    with workspace.database.writing() as connection:
        connection.execute(update(runs).values(heartbeat=time.time() - 7200))
    for silent, beats in ((0, False), (100, False), (119, True), (200, False), (238, False)):
        now = 1000.0 + silent
        if beats:
            workspace.record_heartbeat(run.id, 1.0, False)
        check_runs(workspace)
        assert workspace.run(run.id).state is RunState.RUNNING, silent
    now = 1000.0 + 119 + jobs.FOREIGN_SILENCE + 1
    check_runs(workspace)
    lost = workspace.run(run.id)
    assert (lost.state, lost.message) == (RunState.INTERRUPTED, HostLost(seconds=120).message)
    assert bystander.poll() is None


def test_a_stop_for_a_run_on_another_host_is_left_to_the_server_there(workspace, project, bystander, monkeypatch):
    run = workspace.start_run(project.id, "training")
    workspace.claim_run(run.id, elsewhere(bystander.pid))
    workspace.request_stop(run.id)
    with workspace.database.writing() as connection:
        connection.execute(update(runs).values(stop_asked=time.monotonic() - 1000))
    check_runs(workspace)
    assert workspace.run(run.id).state is RunState.STOPPING
    assert bystander.poll() is None
    workspace.delete_project(project.id)
    assert bystander.poll() is None


def test_a_stop_asked_by_the_clock_of_another_host_waits_as_long(workspace, project, bystander, monkeypatch):
    sent = []
    monkeypatch.setattr(jobs, "signal_group", lambda process, number: sent.append(number))
    run = workspace.start_run(project.id, "training")
    process = mark_process(bystander.pid)
    workspace.claim_run(run.id, process)
    check_runs(workspace)
    workspace.request_stop(run.id)
    for asked in (time.monotonic() - 10_000, time.monotonic() + 10_000):
        with workspace.database.writing() as connection:
            connection.execute(update(runs).values(stop_asked=asked))
        check_runs(workspace)
        assert sent == []
    now = time.monotonic() + 11
    monkeypatch.setattr(heartbeats.time, "monotonic", lambda: now)
    check_runs(workspace)
    assert sent == [signal.SIGTERM]
    monkeypatch.undo()
    workspace.end_run(run.id, process, RunState.STOPPED)


def test_runs_on_another_host_take_no_place_of_this_one(workspace, project, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    foreign = workspace.start_run(project.id, "profile")
    workspace.claim_run(foreign.id, elsewhere(1))
    own = workspace.start_run(project.id, "training")
    assert [run.id for run in launch_queued(workspace, (sys.executable, "-c", "pass"))] == [own.id]
    workspace.end_run(foreign.id, elsewhere(1), RunState.STOPPED)


@pytest.mark.parametrize(
    ("code", "held", "cause"),
    [
        (-9, 0, WorkerKilled),
        (-9, 1 << 50, WorkerKilled),
        (-11, 0, WorkerCrashed),
        (3, 0, WorkerCrashed),
        (None, 0, WorkerLost),
    ],
)
def test_the_end_of_a_lost_worker_names_its_cause(code, held, cause):
    found = explain_loss(code, held, stopping=False)
    assert type(found) is cause
    assert found.message and found.hint
    if cause is WorkerKilled:
        assert found.is_memory is bool(held)
    if code == -11:
        assert found.what == "the signal SIGSEGV"
    assert type(explain_loss(code, held, stopping=True)) is StopIgnored


def test_old_drafts_are_swept_and_nothing_else(tmp_path):
    old, new = time.time() - 2 * 24 * 3600, time.time()
    project = tmp_path / "projects" / "p"
    drafts = [project / "cache" / ".a.json.1.2.draft", project / "tables" / "key" / ".table-0000.parquet.draft"]
    drafts += [project / "runs" / "r" / ".model.draft.keras", tmp_path / "uploads" / "token.draft"]
    drafts += [project / "tables" / ".reading-x1" / "column.bin", project / "files" / "f" / "source.draft"]
    kept = [project / "cache" / "a.json", project / "files" / "f" / "source", tmp_path / "plumbline.db"]
    for path in (*drafts, *kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    os.utime(project / "tables" / ".reading-x1", (new, new))
    for path in (*drafts[1:], *kept):
        os.utime(path, (old, old))
    sweep_drafts(tmp_path)
    assert drafts[0].exists() and drafts[4].exists()
    assert not any(path.exists() for path in (*drafts[1:4], drafts[5]))
    os.utime(project / "tables" / ".reading-x1", (old, old))
    sweep_drafts(tmp_path)
    assert not drafts[4].parent.exists()
    assert all(path.exists() for path in kept)


def test_patience_is_longer_with_a_job_that_has_heard_of_the_stop(workspace, project, bystander, monkeypatch):
    sent = []
    monkeypatch.setattr(jobs, "signal_group", lambda process, number: sent.append(number))
    process = mark_process(bystander.pid)
    run = workspace.start_run(project.id, "training")
    workspace.claim_run(run.id, process)
    workspace.request_stop(run.id)
    for waited, heard, expected in (
        (9, False, []),
        (11, False, [signal.SIGTERM]),
        (16, False, [signal.SIGKILL]),
        (60, True, []),
        (121, True, [signal.SIGTERM]),
        (126, True, [signal.SIGKILL]),
    ):
        sent.clear()
        with workspace.database.writing() as connection:
            asked = time.monotonic() - waited
            connection.execute(update(runs).values(stop_asked=asked, stop_seen=int(heard)))
        check_runs(workspace)
        assert sent == expected, (waited, heard)
    workspace.end_run(run.id, process, RunState.STOPPED)


def test_a_worker_outlives_the_process_that_started_it(workspace, project, worker_of, wait_until, tmp_path):
    run = workspace.start_run(project.id, "training")
    command = worker_of("time.sleep(0.5)\nprogress.step(1, 1, str(os.getppid()))\nreturn False")
    server = (
        "import sys\n"
        "from core.workspace.projects import Workspace\n"
        "from core.workspace.jobs import launch_queued\n"
        "launch_queued(Workspace(), tuple(sys.argv[1:]))\n"
    )
    ending = subprocess.run(
        [sys.executable, "-c", server, *command], env=os.environ | {"PLUMBLINE_HOME": str(workspace.home)}, check=True
    )
    assert ending.returncode == 0
    wait_until(lambda: workspace.run(run.id).state is RunState.FINISHED)
    assert workspace.last_step(run.id).share == 1.0


def test_a_worker_that_dies_before_it_begins_is_not_started_for_ever(workspace, project, ended):
    run = workspace.start_run(project.id, "training")
    (started,) = launch_queued(workspace, (sys.executable, "-c", "import sys; sys.exit('no such module')"))
    assert launch_queued(workspace) == ()
    assert ended(run).state is RunState.INTERRUPTED
    assert launch_queued(workspace) == ()
    assert (started.folder / "worker.log").read_text() == "no such module\n"


def test_a_worker_that_cannot_be_started_is_a_failed_run(workspace, project):
    run = workspace.start_run(project.id, "training")
    launch_queued(workspace, ("/no/such/program",))
    failed = workspace.run(run.id)
    assert failed.state is RunState.FAILED
    assert "No such file" in failed.message
    assert launch_queued(workspace, ("/no/such/program",)) == ()


def test_no_more_runs_work_than_there_are_processors_and_the_oldest_come_first(workspace, project, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    kinds = ("training", "importance", "regression", "profile")
    waiting = [workspace.start_run(project.id, kind) for kind in kinds]
    idle = (sys.executable, "-c", "import time; time.sleep(60)")
    assert [run.id for run in launch_queued(workspace, idle)] == [run.id for run in waiting[:2]]
    assert launch_queued(workspace, idle) == ()
    os.killpg(workspace.run(waiting[0].id).process.pid, signal.SIGKILL)
    while workspace.run(waiting[0].id).state.active:
        check_runs(workspace)
    assert [run.id for run in launch_queued(workspace, idle)] == [waiting[2].id]


def test_a_setting_says_how_many_runs_work_at_once(workspace, project, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_JOBS", "1")
    waiting = [workspace.start_run(project.id, kind) for kind in ("training", "importance", "regression")]
    idle = (sys.executable, "-c", "import time; time.sleep(60)")
    assert [workspace.queue_place(run.id) for run in waiting] == [1, 2, 3]
    assert [run.id for run in launch_queued(workspace, idle)] == [waiting[0].id]
    assert [workspace.queue_place(run.id) for run in waiting[1:]] == [1, 2]
    monkeypatch.setenv("PLUMBLINE_JOBS", "3")
    assert len(launch_queued(workspace, idle)) == 2


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", "1001", "²"])
def test_a_setting_that_is_no_number_of_jobs_starts_none(workspace, project, monkeypatch, value):
    monkeypatch.setenv("PLUMBLINE_JOBS", value)
    run = workspace.start_run(project.id, "training")
    with pytest.raises(InvalidJobs):
        launch_queued(workspace)
    assert workspace.run(run.id).state is RunState.QUEUED


def test_deleting_a_project_ends_its_worker_first(workspace, project, worker_of, begin):
    run = begin(worker_of(WORKS_ON))
    workspace.delete_project(project.id)
    assert not is_alive(run.process)
    assert not workspace.folder_of(project.id).exists()


def test_names_and_deletions_leave_a_run_at_work_alone(workspace, project, worker_of, begin, ended):
    earlier = workspace.start_run(project.id, "regression")
    process = mark_process(os.getpid())
    assert workspace.claim_run(earlier.id, process)
    assert workspace.end_run(earlier.id, process, RunState.FINISHED)
    run = begin(worker_of(WORKS_ON))
    workspace.rename_project(project.id, "Renamed")
    workspace.label_run(run.id, "Mine", "A note")
    workspace.delete_run(earlier.id)
    with pytest.raises(RunStillActive):
        workspace.delete_run(run.id)
    (run.folder / "attempts").write_text("xx")
    found = ended(run)
    assert (found.state, found.name, found.note) == (RunState.FINISHED, "Mine", "A note")
    assert (workspace.project(project.id).name, found.process) == ("Renamed", run.process)
    assert [each.id for each in workspace.runs(project.id)] == [run.id]


class DatabaseAway(WorkspaceError, code="test-database-away"):
    message = "The database cannot be used."


def test_the_supervisor_goes_on_after_a_database_error(workspace, project, monkeypatch, wait_until, caplog):
    run = workspace.start_run(project.id, "training")
    troubles = [DatabaseAway()] * 3

    def check_troubled(_workspace):
        if troubles:
            raise troubles.pop()

    monkeypatch.setattr(jobs, "check_runs", check_troubled)
    supervisor = Supervisor(workspace, every=0.02, command=(sys.executable, "-c", "pass"))
    supervisor.start()
    supervisor.start()
    wait_until(lambda: not troubles and workspace.run(run.id).process)
    supervisor.stop()
    supervisor.stop()
    assert caplog.text.count("The database cannot be used.") == 3


def test_the_supervisor_sees_a_run_from_its_start_to_its_end(workspace, project, worker_of, wait_until):
    supervisor = Supervisor(workspace, every=0.05, command=worker_of("return False"))
    supervisor.start()
    run = workspace.start_run(project.id, "training")
    wait_until(lambda: workspace.run(run.id).state is RunState.FINISHED)
    supervisor.stop()
