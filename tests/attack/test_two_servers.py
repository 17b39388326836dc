"""Two servers in two process namespaces share one database: neither takes the other's healthy jobs for dead."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.workspace.jobs import check_runs, launch_queued
from core.workspace.projects import Workspace
from core.workspace.runs import RunState

LONG_JOB = "while not should_stop():\n    time.sleep(0.05)\nreturn True"
OTHER_SERVER = """\
import os, sys
from core.workspace.jobs import check_runs, launch_queued
from core.workspace.projects import Workspace
workspace = Workspace()
for _ in range(3):
    check_runs(workspace)
print(os.getpid(), [run.state.value for run in workspace.runs()])
(run,) = workspace.runs()
workspace.request_stop(run.id)
for _ in range(3):
    check_runs(workspace)
print([run.state.value for run in workspace.runs()])
"""


def test_a_second_container_leaves_the_jobs_of_the_first_alone(
    workspace: Workspace, project, worker_of, wait_until
) -> None:
    apart = ["unshare", "--pid", "--fork", "--mount-proc"]
    if shutil.which("unshare") is None or subprocess.run([*apart, "true"], capture_output=True).returncode:
        pytest.skip("no second process namespace can be made: that needs root on Linux")
    run = workspace.start_run(project.id, "training")
    launch_queued(workspace, worker_of(LONG_JOB))
    wait_until(lambda: workspace.run(run.id).state is RunState.RUNNING)
    surroundings = os.environ | {"PLUMBLINE_HOME": str(workspace.home), "PYTHONPATH": str(Path(__file__).parents[2])}
    other = subprocess.run(
        [*apart, sys.executable, "-c", OTHER_SERVER], env=surroundings, capture_output=True, text=True, check=True
    )
    first, second = other.stdout.splitlines()
    assert int(first.partition(" ")[0]) < 10, "it was not in a namespace of its own"
    assert "running" in first
    # It may be asked to stop there; the worker itself hears of that.
    assert "stopping" in second or "stopped" in second
    deadline = time.monotonic() + 20
    while workspace.run(run.id).state.active and time.monotonic() < deadline:
        check_runs(workspace)
        time.sleep(0.05)
    ended = workspace.run(run.id)
    assert (ended.state, ended.message) == (RunState.STOPPED, "Stopped on request.")
