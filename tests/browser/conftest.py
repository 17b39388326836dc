"""A server and a browser for the tests in this folder."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from core.workspace.projects import Workspace
from tests.outgoing import outgoing, refuse_outgoing

ROOT = Path(__file__).parents[2]
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_browser() -> str | None:
    """Return the path of an installed browser, or None."""
    return next((found for name in BROWSER_NAMES if (found := shutil.which(name))), None)


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

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = ["--server.port", str(self.port), "--server.headless", "true"]
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", *options],
                cwd=ROOT,
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
        raise AssertionError((self.home / "server.log").read_text())

    def end(self, how: int = signal.SIGTERM) -> None:
        """End the server by its process id."""
        self.process.send_signal(how)
        self.process.wait(timeout=30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; without one the tests fail in CI and are skipped elsewhere."""
    path = find_browser()
    if path is None:
        how = "No Chromium was found. On Debian: apt-get install chromium."
        if os.environ.get("CI"):
            pytest.fail(how)
        pytest.skip(how)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running server with an empty home."""
    started = Server(tmp_path)
    started.start()
    yield started
    if started.process.poll() is None:
        started.end()
    # Jobs outlive the server: those of a failed test would slow down the next.
    workspace = Workspace(tmp_path)
    for run in workspace.runs(active=True):
        if run.process is not None:
            with suppress(ProcessLookupError):
                os.kill(run.process.pid, signal.SIGKILL)
    workspace.close()
    assert not outgoing(tmp_path)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A separate browser profile."""
    opened = browser.new_context(viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    opened.set_default_timeout(30_000)
    refused: list[str] = []
    opened.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    yield opened
    opened.close()
    assert not refused, "the content security policy forbids what a page needs"


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab."""
    return context.new_page()
