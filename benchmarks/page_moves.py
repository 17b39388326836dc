"""How soon another page and a moved widget are drawn in a browser on the sample, against a Streamlit app without content.

Prints the median and the 95th percentile in milliseconds, from the click or key until the page changes for the last time, of each
page and each widget; and the ratio of each 95th percentile to that of the empty app, measured in turns
with it in the same browser. The goal is 400 ms at the 95th percentile on a machine without other load.
"""

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from core.data.builtin import write_sample
from core.recipe.model import Recipe
from core.steps import STEPS
from core.workspace.projects import Workspace
from tests.chromium import QUIET, find_browser
from tests.pages.conftest import prepare, work
from tests.running_server import STREAMLIT, Server

LONG = 180_000
RECIPE = Recipe().change("ingest", target="sp500").change("training", epochs=3)
EMPTY_APP = """
import streamlit as st

pages = {name: st.Page(lambda name=name: st.title(name), title=name, url_path=name) for name in ("one", "two")}
page = st.navigation(list(pages.values()))
st.toggle("Move", key="move")
page.run()
"""
# Records when the server's latest message came. The state of the script is no sign: a short run never shows as running.
_LISTEN = """
const Native = WebSocket;
window.latestMessage = 0;
window.WebSocket = class extends Native {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", () => { window.latestMessage = performance.now(); });
  }
};
"""
# Milliseconds by the page's own clock, from the next click or key until the last change of the page that follows an answer.
_WATCH = """
() => {
  const QUIET = 500;
  window.spent = new Promise((resolve) => {
    const heard = new AbortController();
    const begin = () => {
      heard.abort();
      const begun = performance.now();
      let changed = begun;
      const observer = new MutationObserver(() => { changed = performance.now(); });
      observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
      const look = setInterval(() => {
        const now = performance.now();
        const latest = Math.max(changed, window.latestMessage);
        if ((window.latestMessage > begun && now - latest > QUIET) || now - begun > 30000) {
          clearInterval(look);
          observer.disconnect();
          resolve(now - begun > 30000 ? NaN : latest - begun);
        }
      }, 50);
    };
    for (const kind of ["pointerup", "keydown"]) addEventListener(kind, begin, { capture: true, signal: heard.signal });
  });
}
"""


def prepare_sample(home: Path) -> str:
    """Return the id of a project of the sample with all steps done, a short training among them."""
    workspace = Workspace(home)
    found = workspace.projects()
    if not found:
        project = workspace.create_project("S&P 500")
        write_sample("sp500-drivers", file := home / "sample.csv")
        workspace.add_file(project.id, file.name, file)
        workspace.save_recipe(project.id, RECIPE, "sample")
        prepare(workspace, project, RECIPE, "profile", "regression", "importance")
        work(home, workspace.start_run(project.id, "training"))
        found = workspace.projects()
    workspace.close()
    return found[0].id


def spent_on(page: Page, act: Callable[[], None]) -> float:
    """Return the milliseconds from an act, a click or a key, until the last change of the page; NaN after 30 seconds."""
    page.evaluate(_WATCH)
    act()
    return float(page.evaluate("window.spent"))


def sidebar_link(page: Page, name: str) -> Callable[[], None]:
    """Return the click on a page's name in the sidebar."""
    return page.get_by_test_id("stSidebar").get_by_role("link", name=name).click


def widget_moves(page: Page, step: str, repeat: int) -> dict[str, Callable[[], None]]:
    """Return the moves of widgets that are measured on a page, by name."""
    match step:
        case "cleaning":
            slider = page.locator(".st-key-cleaning-max_bad_ratio").get_by_role("slider")
            # And back: other settings would leave the steps after it without results.
            return {f"slider, {key}": partial(slider.press, key) for key in ("ArrowLeft", "ArrowRight")}
        case "quality":
            views = ("Distributions", "Over time", "Correlations", "Relations", "Data", "Bad values")
            return {f"view {view}": page.get_by_role("radio", name=view, exact=True).first.click for view in views}
        case "regression":
            views = ("Each feature alone", "Over time", "Diagnostics")
            moves = {f"view {view}": page.get_by_role("radio", name=view, exact=True).first.click for view in views}
            return moves | {"feature of the component": partial(choose_next, page, "component-feature", repeat)}
        case "results":
            return {"log scale": page.get_by_text("Log scale").first.click}
    return {}


def choose_next(page: Page, key: str, repeat: int) -> None:
    """Move a box to its next or previous option."""
    box = page.locator(f".st-key-{key}").get_by_role("combobox")
    box.press("ArrowDown")
    box.press("ArrowUp" if repeat % 2 else "ArrowDown")
    box.press("Enter")


@contextmanager
def empty_app(folder: Path) -> Iterator[Server]:
    """Run the app without content."""
    folder.mkdir()
    (folder / "empty.py").write_text(EMPTY_APP)
    server = Server(folder)
    command = (*STREAMLIT, "empty.py", "--server.port", str(server.port), "--server.headless", "true")
    server.start(command, folder)
    try:
        yield server
    finally:
        server.end()


def measure(page: Page, rival: Page, repeats: int) -> dict[str, list[float]]:
    """Return milliseconds by what was done, those of the empty app under two names of their own."""
    spent: dict[str, list[float]] = defaultdict(list)
    for repeat in range(repeats):
        for number, step in enumerate(STEPS, start=1):
            spent["empty page"].append(spent_on(rival, sidebar_link(rival, "two" if number % 2 else "one")))
            spent["empty toggle"].append(spent_on(rival, rival.get_by_text("Move").click))
            spent[f"page {step.title}"].append(spent_on(page, sidebar_link(page, f"{number} {step.title}")))
            for name, act in widget_moves(page, step.name, repeat).items():
                spent[f"{step.title}: {name}"].append(spent_on(page, act))
    return spent


def print_table(spent: dict[str, list[float]]) -> None:
    """Print the percentiles, the slowest first, and their ratios to the empty app."""
    lines = {name: np.nanpercentile(values, (50, 95)) for name, values in spent.items()}
    print(f"{'':<36}{'median':>8}{'95%':>8}{'ratio':>8}")
    for name, (middle, high) in sorted(lines.items(), key=lambda line: -line[1][1]):
        rival = lines["empty page" if name.startswith(("page", "empty page")) else "empty toggle"][1]
        print(f"{name:<36}{middle:>8.0f}{high:>8.0f}{high / rival:>8.1f}")


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--home", type=Path, help="keeps the trained sample for the next time")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        home = given.home or Path(name) / "home"
        home.mkdir(parents=True, exist_ok=True)
        project = prepare_sample(home)
        server = Server(home)
        server.start()
        browser = playwright.chromium.launch(executable_path=find_browser(), args=QUIET)
        try:
            with empty_app(Path(name) / "empty") as other:
                page, rival = (browser.new_page(viewport={"width": 1440, "height": 1000}) for _ in range(2))
                for tab in (page, rival):
                    tab.set_default_timeout(LONG)
                    tab.add_init_script(_LISTEN)
                rival.goto(other.url)
                rival.get_by_text("Move").wait_for()
                page.goto(f"{server.url}/export?project={project}")
                page.get_by_role("heading", name="Export", exact=True).wait_for()
                page.wait_for_timeout(2000)
                measure(page, rival, 1)
                print_table(measure(page, rival, given.repeats))
        finally:
            browser.close()
            server.end()


if __name__ == "__main__":
    main()
