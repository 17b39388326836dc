"""A Plumbline server in a process of its own, whose outgoing connections are refused and recorded."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from core.workspace.projects import Workspace
from tests.outgoing import refuse_outgoing

ROOT = Path(__file__).parents[1]
STREAMLIT = (sys.executable, "-m", "streamlit", "run")


class Server:
    """A separate Plumbline server, which can be ended and restarted with the same home and port."""

    def __init__(self, home: Path, **variables: str) -> None:
        self.home = home
        self.variables = variables
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the server printed."""
        return self.home / "server.log"

    def start(self, command: Sequence[str] | None = None, folder: Path = ROOT) -> None:
        """Start the server by a command, `streamlit run` if left out, in a folder; wait until it answers."""
        command = command or (*STREAMLIT, "app.py", "--server.port", str(self.port), "--server.headless", "true")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=refuse_outgoing(self.home) | {"PLUMBLINE_HOME": str(self.home)} | self.variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):
                    return
            except OSError:
                time.sleep(0.2)
        raise AssertionError(self.log.read_text())

    def end(self, how: int = signal.SIGTERM) -> None:
        """End the server by its process id."""
        self.process.send_signal(how)
        self.process.wait(timeout=30)


@contextmanager
def serve(home: Path, **variables: str) -> Iterator[Server]:
    """Run a server on a home; afterwards end it, and the jobs that outlive it: those of a failed test would slow down the next."""
    server = Server(home, **variables)
    try:
        server.start()
        yield server
    finally:
        _clear(server)


def _clear(server: Server) -> None:
    if server.process is not None and server.process.poll() is None:
        server.end()
    workspace = Workspace(server.home)
    for run in workspace.runs(active=True):
        if run.process is not None:
            with suppress(ProcessLookupError):
                os.kill(run.process.pid, signal.SIGKILL)
    workspace.close()
