"""The health check is 200 if database, disk and supervisor work, and 503 with the faulty part otherwise."""

import json
import shutil

import pytest

from core.workspace.jobs import Supervisor
from core.workspace.projects import Workspace
from pages.parts.server import health
from tests.loops import run_in_thread


@pytest.fixture
def answer(tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    monkeypatch.delenv("PLUMBLINE_DATABASE_URL", raising=False)
    monkeypatch.setattr(health, "health", health.Health())
    workspace = Workspace()
    supervisor = Supervisor(workspace, every=0.05)
    health.health.supervisor = supervisor
    supervisor.start()

    def ask():
        found = run_in_thread(health.ROUTE.endpoint(None))
        return found.status_code, json.loads(found.body)["faults"]

    ask.supervisor = supervisor
    yield ask
    supervisor.stop()
    workspace.close()


def test_a_healthy_server_says_so(answer):
    assert answer() == (200, [])


def test_a_part_that_fails_is_named(answer, monkeypatch):
    answer()
    with monkeypatch.context() as patch:
        full = shutil.disk_usage("/")._replace(free=1_000_000)
        patch.setattr(shutil, "disk_usage", lambda _: full)
        assert answer() == (503, ["disk"])
    answer.supervisor.stop()
    assert answer() == (503, ["supervisor"])
    monkeypatch.setattr(health, "health", health.Health())
    monkeypatch.setenv("PLUMBLINE_DATABASE_URL", "sqlite:////proc/nowhere/plumbline.db")
    assert answer() == (503, ["database", "supervisor"])
