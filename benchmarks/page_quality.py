"""How soon the Quality page of a read file is drawn in a browser, how soon another column is, and what is sent for it.

Prints, for a file of 300,000 rows x 102 columns and for one of 3,000 x 1,000: milliseconds from a click on the page's name until
its charts stand there, from the choice of another column until its charts do (the least and the median of ten, and the processors'
milliseconds of the server and of the browser, which tell more where others use the machine too), and the bytes that came by
websocket and HTTP, the app's own static files left out. `--home FOLDER` keeps the projects for the next time.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

from benchmarks.made_files import make_file
from core.recipe.model import Recipe
from core.workspace.jobs import check_runs, launch_queued
from core.workspace.projects import Workspace
from tests.chromium import QUIET, find_browser
from tests.running_server import Server

FILES = {"300,000 x 102": (300_000, 100), "3,000 x 1,000": (3_000, 998)}
COLUMNS = ("f7", "f42", "f3", "f55", "f21", "f90", "f13", "f66", "f31", "f84")
# The views, and the box in which another column is chosen there.
VIEWS = {"Distributions": "Column", "Over time": "Column", "Correlations": None, "Relations": "Feature"}
# Milliseconds are those of the page's own clock, from the click or key until every chart that is to change tells the new word.
_WATCH = """
(word) => {
  window.spent = new Promise((resolve) => {
    const heard = new AbortController();
    const seen = () => {
      const charts = [...document.querySelectorAll(".js-plotly-plot")].filter((chart) => chart.querySelector(".main-svg"));
      const titles = charts.map((chart) => chart.layout.meta.title).filter((title) => title !== "Histograms");
      return titles.length && titles.every((title) => title.split(/[^A-Za-z0-9]+/).includes(word));
    };
    const begin = () => {
      heard.abort();
      const begun = performance.now();
      const look = () => (seen() ? resolve(performance.now() - begun) : requestAnimationFrame(look));
      requestAnimationFrame(look);
    };
    for (const kind of ["pointerup", "keydown"]) addEventListener(kind, begin, { capture: true, signal: heard.signal });
    setTimeout(() => resolve(NaN), 30000);
  });
}
"""


class Work:
    """The processors' milliseconds that the server and the browser have used."""

    def __init__(self, server: psutil.Process, browser: list[psutil.Process]) -> None:
        self.server, self.browser = server, browser

    def used(self) -> tuple[float, float]:
        used = [process.cpu_times() for process in (self.server, *self.browser) if process.is_running()]
        spent = [1000 * (times.user + times.system) for times in used]
        return spent[0], sum(spent[1:])


class Received:
    """The bytes that a tab was sent, but for the app's own scripts, styles and fonts."""

    def __init__(self, page: Page) -> None:
        self.count = 0
        page.on("websocket", lambda line: line.on("framereceived", self._add))
        page.on("response", lambda answer: None if "/static/" in answer.url else self._weigh(answer))

    def _add(self, frame: bytes | str) -> None:
        self.count += len(frame)

    def _weigh(self, answer: object) -> None:
        self.count += int(answer.headers.get("content-length", 0))

    def since(self, before: int) -> str:
        return f"{(self.count - before) / 1e6:.2f} MB"


def prepare(home: Path, name: str) -> str:
    """Return the id of a project of this file, read and profiled."""
    workspace = Workspace(home)
    found = next((project for project in workspace.projects() if project.name == name), None)
    if found is None:
        rows, features = FILES[name]
        with tempfile.TemporaryDirectory() as folder:
            found = workspace.create_project(name)
            workspace.add_file(found.id, "made.csv", make_file(Path(folder) / "made.csv", rows, features))
        workspace.save_recipe(found.id, Recipe().change("ingest", target="target"), "target")
        workspace.start_run(found.id, "profile")
        while workspace.latest_run(found.id, "profile").state.active:
            launch_queued(workspace)
            check_runs(workspace)
            time.sleep(0.2)
    workspace.close()
    return found.id


def _processes_of(name: str) -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True) if name in child.name()]


def rest(page: Page) -> None:
    """Wait until nothing more comes."""
    page.wait_for_timeout(300)
    page.locator("[data-testid='stApp'][data-test-script-state='notRunning']").wait_for(state="attached")
    page.wait_for_timeout(700)


def time_until(page: Page, word: str, act: Callable[[], None]) -> float:
    """Return the milliseconds from a click or a key until the titles of all charts but the gallery hold the word."""
    page.evaluate(_WATCH, word)
    act()
    return page.evaluate("window.spent")


def open_page(page: Page, url: str, project: str) -> float:
    """Return the milliseconds from the click that leads from Upload to Quality until its first charts stand."""
    page.goto(f"{url}/upload?project={project}")
    page.get_by_role("heading", name="What to forecast").wait_for()
    rest(page)
    return time_until(page, "Bad", page.get_by_test_id("stSidebar").get_by_role("link", name="2 Quality").click)


def switch_columns(page: Page, label: str, work: Work) -> str:
    """Return how long it takes until the charts of another column, chosen in this box, stand there."""
    spent = []
    for column in COLUMNS:
        box = page.get_by_role("combobox", name=label).first
        box.click()
        box.fill(column)
        page.locator("[role=option][data-focused]").get_by_text(column, exact=True).wait_for()
        page.wait_for_timeout(300)
        before = work.used()
        clock = time_until(page, column, partial(box.press, "Enter"))
        spent.append((clock, *(now - then for now, then in zip(work.used(), before, strict=True))))
        rest(page)
    clock, server, browser = (statistics.median(kind) for kind in zip(*spent, strict=True))
    least = min(clock for clock, *_ in spent)
    return (
        f"{least:.0f} ms at least, {clock:.0f} as a rule (server {server:.0f}, browser {browser:.0f} of the processors)"
    )


def measure(page: Page, url: str, project: str, work: Work) -> None:
    received = Received(page)
    for attempt in ("first", "again"):
        before = received.count
        spent = open_page(page, url, project)
        rest(page)
        print(f"  Quality opened, {attempt}: {spent:.0f} ms; with Upload before it {received.since(before)}")
    for view, box in VIEWS.items():
        before = received.count
        page.get_by_role("radio", name=view, exact=True).first.click()
        rest(page)
        print(f"  {view}: {received.since(before)}")
        if box:
            before = received.count
            told = switch_columns(page, box, work)
            print(f"    another column: {told}; {len(COLUMNS)} of them {received.since(before)}")


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    chosen = parser.parse_args().home
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = chosen or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        projects = {name: prepare(home, name) for name in FILES}
        browser = playwright.chromium.launch(executable_path=find_browser(), args=QUIET)
        server = Server(home)
        server.start()
        try:
            for name, project in projects.items():
                page = browser.new_page(viewport={"width": 1440, "height": 1000})
                print(name)
                work = Work(psutil.Process(server.process.pid), _processes_of("chrom"))
                measure(page, server.url, project, work)
                page.close()
        finally:
            browser.close()
            server.end()


if __name__ == "__main__":
    main()
