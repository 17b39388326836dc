"""A project that is deleted while a page follows one of its jobs."""

import time

import pytest
from playwright.sync_api import Page, expect

from core.workspace.projects import Workspace
from tests.browser.test_walk import go, start_sample
from tests.running_server import Server

pytestmark = pytest.mark.browser
LONG = 120_000


def test_a_deleted_project_under_an_open_page_floods_no_log(page: Page, server: Server) -> None:
    start_sample(page, server.url)
    workspace = Workspace(server.home)
    (project,) = workspace.projects()
    workspace.change_recipe(project.id, lambda recipe: recipe.change("training", epochs=5000, patience=1000), "Long")
    go(page, "Training")
    page.get_by_role("button", name="Train", exact=True).click()
    stop = page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop")
    expect(stop).to_be_visible(timeout=LONG)
    workspace.delete_project(project.id)
    expect(stop).to_have_count(0, timeout=LONG)
    time.sleep(3)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    log = (server.home / "server.log").read_text()
    workspace.close()
    assert "Traceback" not in log
    assert sum("error" in line.lower() for line in log.splitlines()) <= 1
