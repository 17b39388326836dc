import json
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import psutil
import pytest

from core.workspace import idle_worker as module
from core.workspace import jobs
from core.workspace.idle_worker import IdleWorker, has_free_processors
from core.workspace.jobs import Supervisor, check_runs, launch_queued
from core.workspace.processes import RUN_VARIABLE, is_alive
from core.workspace.runs import RunState

# An idle worker that imports nothing slow: the protocol and the job are the real ones.
QUICK = """\
import os, sys, time
from core.idle_worker import wait_for_run
from core import worker
def job(workspace, run, progress, should_stop):
    progress.step(1, 2, os.environ["PLUMBLINE_HOME"] + " " + os.environ.get("SECRET", "none"))
    while not should_stop() and not (run.folder / "go").exists():
        time.sleep(0.02)
    print("printed by the job")
    return should_stop()
run_id = wait_for_run()
sys.exit(0 if run_id is None else worker.main(run_id, job))
"""
COMMAND = (sys.executable, "-c", QUICK)


@pytest.fixture
def idle(monkeypatch):
    """The idle worker of this process, quick to start, on a machine with memory."""
    monkeypatch.delenv(module.SWITCH, raising=False)
    made = IdleWorker(COMMAND)
    monkeypatch.setattr(jobs, "idle_worker", made)
    environment_of = jobs._environment

    def without_test_name(workspace):
        # pytest changes this variable in the middle of a test.
        return {name: value for name, value in environment_of(workspace).items() if name != "PYTEST_CURRENT_TEST"}

    monkeypatch.setattr(jobs, "_environment", without_test_name)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=16 << 30, available=8 << 30))
    yield made
    made.close()


@pytest.fixture
def waiting(idle, workspace):
    """An idle worker that waits for a run."""
    idle.want()
    idle.tend(jobs._environment(workspace), 0)
    assert idle.pid is not None
    return idle


@pytest.fixture(autouse=True)
def no_process_is_left(workspace):
    yield
    for run in workspace.runs(active=True):
        if run.process is not None and is_alive(run.process):
            os.kill(run.process.pid, signal.SIGKILL)
    for child in list(jobs._children.values()):
        child.wait(timeout=10)
    jobs._reap_children()


def start_training(workspace, project):
    run = workspace.start_run(project.id, "training")
    launch_queued(workspace)
    return workspace.run(run.id)


def test_a_training_is_taken_by_the_idle_worker_which_ends_with_it(workspace, project, waiting, wait_until):
    pid = waiting.pid
    run = start_training(workspace, project)
    assert run.process.pid == pid
    assert waiting.pid is None
    wait_until(lambda: workspace.last_step(run.id))
    assert psutil.Process(pid).environ().get(RUN_VARIABLE) in (None, run.id)
    (run.folder / "go").touch()
    wait_until(lambda: not is_alive(run.process))
    assert workspace.run(run.id).state is RunState.FINISHED
    assert (run.folder / "worker.log").read_text() == "printed by the job\n"


@pytest.mark.parametrize("kind", ["profile", "importance", "regression"])
def test_other_jobs_leave_the_idle_worker_to_the_next_training(workspace, project, waiting, monkeypatch, kind):
    pid = waiting.pid
    run = workspace.start_run(project.id, kind)
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "COMMAND", (sys.executable, "-c", "pass"))
        launch_queued(workspace, jobs.COMMAND)
    assert workspace.run(run.id).process.pid != pid
    assert waiting.pid == pid


def test_a_worker_of_another_environment_is_not_used(workspace, project, waiting, monkeypatch):
    pid = waiting.pid
    monkeypatch.setenv("SECRET", "of another user")
    monkeypatch.setattr(jobs, "COMMAND", (sys.executable, "-c", "pass"))
    run = workspace.start_run(project.id, "training")
    launch_queued(workspace, jobs.COMMAND)
    assert workspace.run(run.id).process.pid != pid
    assert not psutil.pid_exists(pid)


def test_a_worker_runs_in_the_environment_that_its_server_has_now(workspace, project, idle, monkeypatch, wait_until):
    idle.want()
    idle.tend(jobs._environment(workspace), 0)
    first = idle.pid
    monkeypatch.setenv("SECRET", "new")
    idle.tend(jobs._environment(workspace), 0)
    assert not psutil.pid_exists(first)
    idle.tend(jobs._environment(workspace), 0)
    run = start_training(workspace, project)
    wait_until(lambda: workspace.last_step(run.id))
    assert workspace.last_step(run.id).text == f"{workspace.home} new"


def test_a_killed_idle_worker_is_replaced_by_a_new_process(workspace, project, waiting, monkeypatch, wait_until):
    pid = waiting.pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: waiting.pid is None)
    monkeypatch.setattr(jobs, "COMMAND", (sys.executable, "-c", "pass"))
    run = workspace.start_run(project.id, "training")
    launch_queued(workspace, jobs.COMMAND)
    assert workspace.run(run.id).process.pid != pid
    # It died of a signal: another would too, until a page asks again.
    waiting.tend(jobs._environment(workspace), 0)
    assert waiting.pid is None
    waiting.want()
    waiting.tend(jobs._environment(workspace), 0)
    assert waiting.pid is not None


@pytest.mark.parametrize("instant", ["before it reads", "after it reads"])
def test_a_run_whose_idle_worker_died_as_it_was_handed_over_is_started_cold_once(
    workspace, project, idle, monkeypatch, wait_until, worker_of, instant
):
    dying = "import os, signal, sys\n" + "sys.stdin.readline()\n" * (instant == "after it reads")
    idle.command = (sys.executable, "-c", dying + "os.kill(os.getpid(), signal.SIGSTOP)")
    monkeypatch.setattr(jobs, "COMMAND", worker_of("return False"))
    idle.want()
    idle.tend(jobs._environment(workspace), 0)
    run = workspace.start_run(project.id, "training")
    launch_queued(workspace, jobs.COMMAND)
    first = workspace.run(run.id).process
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(first))
    # Another is ready by now: the second attempt must not depend on it.
    idle.want()
    idle.tend(jobs._environment(workspace), 0)
    check_runs(workspace)
    assert (workspace.run(run.id).state, workspace.run(run.id).process) == (RunState.QUEUED, None)
    launch_queued(workspace, jobs.COMMAND)
    assert workspace.run(run.id).process.pid not in (first.pid, idle.pid)
    wait_until(lambda: (check_runs(workspace), workspace.run(run.id).state)[1] is RunState.FINISHED)
    assert jobs._taken_by == {}


def test_a_run_that_no_worker_lives_to_begin_is_not_started_for_ever(workspace, project, idle, monkeypatch, wait_until):
    idle.command = (sys.executable, "-c", "import sys; sys.stdin.readline()")
    monkeypatch.setattr(jobs, "COMMAND", (sys.executable, "-c", "pass"))
    run = workspace.start_run(project.id, "training")
    started = []

    def look() -> bool:
        idle.want()
        idle.tend(jobs._environment(workspace), 0)
        started.extend(launch_queued(workspace, jobs.COMMAND))
        check_runs(workspace)
        return workspace.run(run.id).state is RunState.INTERRUPTED

    wait_until(look)
    assert len(started) == 2


def test_a_run_stopped_or_killed_in_the_idle_worker_ends_like_any_other(workspace, project, waiting, wait_until):
    run = start_training(workspace, project)
    wait_until(lambda: workspace.last_step(run.id))
    workspace.request_stop(run.id)
    wait_until(lambda: workspace.run(run.id).state is RunState.STOPPED)
    wait_until(lambda: not is_alive(run.process))

    waiting.tend(jobs._environment(workspace), 0)
    workspace.resume_run(run.id)
    launch_queued(workspace)
    again = workspace.run(run.id)
    assert again.process != run.process
    os.kill(again.process.pid, signal.SIGKILL)
    wait_until(lambda: (check_runs(workspace), workspace.run(run.id).state)[1] is RunState.INTERRUPTED)


def test_it_ends_when_its_server_is_killed(workspace, wait_until, tmp_path):
    server = (
        "import os, sys, time\n"
        "from core.workspace.idle_worker import IdleWorker\n"
        "idle = IdleWorker(sys.argv[1:])\n"
        "os.environ.pop('PLUMBLINE_IDLE_WORKER', None)\n"
        "idle.want(); idle.tend(os.environ, 0)\n"
        "print(idle.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", server, *COMMAND], stdout=subprocess.PIPE) as process:
        pid = int(process.stdout.readline())
        assert psutil.pid_exists(pid)
        process.kill()
    wait_until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def test_a_worker_with_a_run_outlives_its_supervisor(workspace, project, waiting, wait_until):
    supervisor = Supervisor(workspace, every=0.05)
    supervisor.start()
    run = start_training(workspace, project)
    wait_until(lambda: workspace.last_step(run.id))
    supervisor.stop()
    assert is_alive(run.process)
    (run.folder / "go").touch()
    wait_until(lambda: workspace.run(run.id).state is RunState.FINISHED)


def test_the_supervisor_keeps_one_while_pages_ask_for_it_and_ends_it_with_the_server(workspace, idle, wait_until):
    supervisor = Supervisor(workspace, every=0.02)
    supervisor.start()
    time.sleep(0.1)
    assert idle.pid is None
    jobs.prepare_worker()
    wait_until(lambda: idle.pid is not None)
    pid = idle.pid
    time.sleep(0.1)
    assert idle.pid == pid
    supervisor.stop()
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize("reason", ["ten minutes", "memory", "switched off"])
def test_it_is_given_up(workspace, waiting, monkeypatch, reason):
    pid, environment = waiting.pid, jobs._environment(workspace)
    waiting.tend(environment, 0)
    assert waiting.pid == pid
    if reason == "ten minutes":
        waiting._wanted_at -= module.IDLE_SECONDS
    elif reason == "memory":
        monkeypatch.setattr(
            psutil, "virtual_memory", lambda: SimpleNamespace(total=16 << 30, available=module.ROOM_TO_KEEP - 1)
        )
    else:
        monkeypatch.setenv(module.SWITCH, "0")
    waiting.tend(environment, 0)
    assert waiting.pid is None
    assert not psutil.pid_exists(pid)


def test_it_is_started_if_there_is_memory_and_no_run_needs_the_processors(workspace, idle, monkeypatch):
    environment = jobs._environment(workspace)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    idle.want()
    idle.tend(environment, 1)
    assert idle.pid is None
    monkeypatch.setattr(
        psutil, "virtual_memory", lambda: SimpleNamespace(total=16 << 30, available=module.ROOM_TO_START - 1)
    )
    idle.tend(environment, 0)
    assert idle.pid is None


@pytest.mark.parametrize(("active", "processors", "free"), [(0, 1, True), (1, 2, False), (1, 3, True), (15, 16, False)])
def test_an_import_takes_two_processors(monkeypatch, active, processors, free):
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    assert has_free_processors(active) is free


def test_a_worker_hears_nothing_but_its_run_and_its_log(workspace, project, idle, monkeypatch, tmp_path):
    heard = tmp_path / "heard"
    idle.command = (sys.executable, "-c", f"import sys; open({str(heard)!r}, 'w').write(sys.stdin.read())")
    idle.want()
    idle.tend(jobs._environment(workspace), 0)
    run = start_training(workspace, project)
    jobs._children[run.process.pid].wait(timeout=10)
    assert json.loads(heard.read_text()) == {"run": run.id, "log": str(run.folder / "worker.log")}
