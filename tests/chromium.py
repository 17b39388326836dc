"""Headless Chromium: one for all tests of a process, since Playwright runs once in a thread."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Milliseconds that a page may take to show something on a busy machine.
PATIENCE = 30_000
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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; without one the tests fail in CI and are skipped elsewhere."""
    path = find_browser()
    if path is None:
        how = "No Chromium was found. On Debian: apt-get install chromium."
        if os.environ.get("CI"):
            pytest.fail(how)
        pytest.skip(how)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()
