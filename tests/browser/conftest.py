"""A server and a browser for the tests in this folder."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from core.workspace.projects import Workspace
from tests.outgoing import outgoing
from tests.running_server import Server

ROOT = Path(__file__).parents[2]


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A running server with an empty home; a parameter is its environment variables."""
    started = Server(tmp_path, **getattr(request, "param", {}))
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
