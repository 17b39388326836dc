"""A disk that fills up at four phases of a job: the cause is named, no draft stays, and the job succeeds with room again."""

import io
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors.workspace import DatabaseFailed
from core.workspace.jobs import check_runs, launch_queued
from core.workspace.processes import is_alive
from core.workspace.projects import Workspace
from core.workspace.runs import Run, RunState

pytestmark = pytest.mark.simulation

RUN = "from core.worker import run_job\nreturn run_job(workspace, run, progress, should_stop)\n"
WRITE = """\
from core.io.atomic import write_atomically
write_atomically(run.folder / "a.json", b"old")
FILL
write_atomically(run.folder / "a.json", bytes(1 << 20))
"""
FILL = """\
try:
    with open(os.path.join(os.environ["PLUMBLINE_HOME"], "filler"), "ab", buffering=0) as file:
        while True:
            file.write(bytes(4096))
except OSError:
    pass
"""
PHASES = {
    "while it reads its file": FILL + RUN,
    "while it writes its results": WRITE.replace("FILL\n", FILL),
    "when it ends": "progress.metric('loss', 1, 0.5)\n" + FILL + "return False\n",
    "when it fails": FILL + "raise ZeroDivisionError\n",
}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)], capture_output=True
        ).returncode
    ):
        pytest.skip("no small disk can be mounted: that needs root on Linux")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def watch(workspace: Workspace, run: Run, seconds: float) -> Run:
    """Check the runs as the server does, until the run has ended or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            check_runs(workspace)
            if not workspace.run(run.id).state.active:
                break
        except DatabaseFailed as error:
            assert "disk" in str(error)
        time.sleep(0.1)
    return workspace.run(run.id)


@pytest.mark.parametrize("phase", PHASES)
def test_a_full_disk_is_named_and_with_room_again_the_job_succeeds(
    phase: str, small_disk: Path, worker_of, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLUMBLINE_DATABASE_URL", raising=False)
    monkeypatch.setenv("PLUMBLINE_HOME", str(small_disk))
    workspace = Workspace(small_disk)
    project = workspace.create_project("Gold")
    rows = "\n".join(f"2020-{1 + day // 28:02}-{1 + day % 28:02},{day}.5" for day in range(300))
    workspace.add_file(project.id, "gold.csv", io.BytesIO(f"date,close\n{rows}\n".encode()))
    run = workspace.start_run(project.id, "profile")
    launch_queued(workspace, worker_of(PHASES[phase]))
    worker = workspace.run(run.id).process
    assert worker is not None
    deadline = time.monotonic() + 120
    while is_alive(worker) and time.monotonic() < deadline:
        time.sleep(0.1)
    # Nothing can be recorded now.
    full = watch(workspace, run, 2)
    (small_disk / "filler").unlink()
    ended = watch(workspace, run, 20)
    print(f"{phase}: {full.state} while the disk was full, then {ended.state} {ended.message}")
    if phase == "when it ends":
        assert ended.state is RunState.FINISHED
    elif phase == "when it fails":
        assert (ended.state, bool(ended.error_id)) == (RunState.FAILED, True)
    else:
        assert (ended.state, ended.error_id) == (RunState.FAILED, "")
        assert re.match(r"The disk is full: about [\d.]+ MB are needed, [\d.]+ MB are free\.", ended.message)
    assert not list(small_disk.rglob("*.draft"))
    again = workspace.start_run(project.id, "profile")
    launch_queued(workspace, worker_of(RUN))
    assert watch(workspace, again, 60).state is RunState.FINISHED
    workspace.close()
