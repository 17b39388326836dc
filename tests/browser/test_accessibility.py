"""axe-core finds nothing serious or moderate on any page, light or dark; the skip link leads past the sidebar."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core.data.builtin import write_sample
from core.recipe.model import Recipe
from core.workspace.projects import Workspace
from tests.browser.test_walk import LONG, settle
from tests.pages.conftest import prepare, work
from tests.running_server import Server

pytestmark = pytest.mark.browser

RECIPE = (
    Recipe()
    .change("importance", iterations=20, folds=1, seeds=1)
    .change("training", window=5, units=(4,), epochs=2)
    .change("evaluation", walk_forward_folds=0)
)
PAGES = ("upload", "quality", "cleaning", "regression", "importance", "training", "results", "export")
SEVERE = {"moderate", "serious", "critical"}
# What Streamlit draws itself and cannot be told otherwise: rule and a part of the node's HTML.
STREAMLIT = {
    # A block of code scrolls, and has no tab stop.
    ("scrollable-region-focusable", "<pre "),
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server with the sample, trained for two epochs."""
    home = tmp_path_factory.mktemp("home")
    workspace = Workspace(home)
    project = workspace.create_project("S&P 500")
    write_sample("sp500-drivers", file := home / "sample.csv")
    workspace.add_file(project.id, file.name, file)
    workspace.save_recipe(project.id, RECIPE, "small")
    prepare(workspace, project, RECIPE, "profile", "regression", "importance")
    work(home, workspace.start_run(project.id, "training"))
    workspace.close()
    server = Server(home)
    server.start()
    yield server, project.id
    server.end()


def severe(page: Page) -> list[str]:
    """What axe finds, without what Streamlit owns: rule, impact and HTML of each node."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['impact']} {rule['id']}: {node['html'][:200]}"
        for rule in found
        if rule["impact"] in SEVERE
        for node in rule["nodes"]
        if not any(rule["id"] == known and part in node["html"] for known, part in STREAMLIT)
    ]


def drawn(page: Page) -> None:
    """Wait until the script of the page has ended."""
    expect(page.locator("h1")).to_be_visible(timeout=LONG)
    page.locator("[data-testid='stApp'][data-test-script-state='notRunning']").wait_for(timeout=LONG)
    settle(page)


def test_no_page_is_hard_to_use_without_sight_or_mouse(page: Page, trained: tuple[Server, str]) -> None:
    server, project = trained
    found = {}
    for name in ("", *PAGES):
        page.emulate_media(color_scheme="light")
        page.goto(f"{server.url}/{name}?project={project}" if name else server.url)
        drawn(page)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            settle(page)
            found |= {(name, theme): problems} if (problems := severe(page)) else {}
    assert not found


def test_the_skip_link_is_the_first_stop_and_leads_to_the_heading(page: Page, trained: tuple[Server, str]) -> None:
    server, project = trained
    page.goto(f"{server.url}/cleaning?project={project}")
    drawn(page)
    skip = page.get_by_role("link", name="Skip to the page")
    skip.focus()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.closest('[data-testid=stMain]') !== null")
    assert focused
