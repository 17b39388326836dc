"""A real PostgreSQL server for the tests in this folder, if its binaries are installed."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from core.workspace.projects import Workspace
from tests.browser.conftest import context, page  # noqa: F401
from tests.running_server import Server, serve

PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def find(name: str) -> str | None:
    """Return the path of a program of PostgreSQL: Debian keeps them out of the PATH."""
    return next((str(place / name) for place in PLACES if (place / name).exists()), shutil.which(name))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server with an empty cluster; without its binaries the tests fail in CI and are skipped elsewhere."""
    programs = {name: find(name) for name in ("initdb", "postgres")}
    if not all(programs.values()):
        how = "No PostgreSQL server was found. On Debian: apt-get install postgresql."
        if os.environ.get("CI"):
            pytest.fail(how)
        pytest.skip(how)
    # It refuses to run as root, and its user must reach every folder above the data.
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="plumbline-postgres-"))
    if user:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    options = ["-U", "plumbline", "--auth=trust", "--no-sync", "--encoding=UTF8", "-D", str(data)]
    subprocess.run([*user, programs["initdb"], *options], check=True, stdout=subprocess.DEVNULL, cwd="/")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*user, programs["postgres"], "-D", str(data), "-p", str(port), "-k", str(folder), "-c", "fsync=off"]
    server = subprocess.Popen([*command, "-h", "127.0.0.1"], stderr=subprocess.DEVNULL, cwd="/")
    address = f"postgresql+psycopg://plumbline@127.0.0.1:{port}/postgres"
    engine = create_engine(address, pool_pre_ping=True)
    for _ in range(200):
        try:
            with engine.connect():
                break
        except Exception:  # it is starting
            assert server.poll() is None
            os.sched_yield()
            subprocess.run(["sleep", "0.1"], check=True)
    engine.dispose()
    yield address
    server.send_signal(signal.SIGINT)
    server.wait(timeout=30)
    shutil.rmtree(folder)


@pytest.fixture
def database(postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an empty database, which the environment names."""
    name = f"test_{os.urandom(6).hex()}"
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    address = postgres.rpartition("/")[0] + f"/{name}"
    monkeypatch.setenv("PLUMBLINE_DATABASE_URL", address)
    yield address
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def workspace(database: str, tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def server(database: str, tmp_path: Path) -> Iterator[Server]:
    """A running server on the database, with an empty home."""
    with serve(tmp_path, PLUMBLINE_DATABASE_URL=database) as started:
        yield started
