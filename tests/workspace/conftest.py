import io
import sys
import time
from pathlib import Path

import pytest

from core.workspace.projects import Workspace


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("PLUMBLINE_DATABASE_URL", raising=False)
    opened = Workspace(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def project(workspace):
    """A project with a file, ready for runs."""
    made = workspace.create_project("Gold")
    workspace.add_file(made.id, "gold.csv", io.BytesIO(b"date,close\n2020-01-01,1\n"))
    return made


@pytest.fixture
def worker_of():
    """The command of a real worker process that carries out the body of a job given as source text."""

    def command(body: str) -> tuple[str, ...]:
        lines = ["import os, subprocess, sys, time", "from core import worker", "from core.errors.model import Stopped"]
        lines += ["def job(workspace, run, progress, should_stop):", *(f"    {line}" for line in body.splitlines())]
        lines += ["sys.exit(worker.main(sys.argv[1], job))"]
        return sys.executable, "-c", "\n".join(lines)

    return command


@pytest.fixture
def wait_until():
    def wait(condition, seconds: float = 20.0) -> None:
        limit = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < limit, "it did not happen in time"
            time.sleep(0.02)

    return wait


@pytest.fixture
def files_below():
    return lambda folder: {path.relative_to(folder) for path in Path(folder).rglob("*") if path.is_file()}
