"""A period selected in one chart zooms the others on the page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import drawn, trained
from tests.browser.test_walk import LONG
from tests.running_server import Server

__all__ = ["trained"]

pytestmark = pytest.mark.browser
RANGES = """() => [...document.querySelectorAll(".js-plotly-plot")]
  .filter((chart) => chart._fullLayout.xaxis.type === "date")
  .map((chart) => chart._fullLayout.xaxis.range.map((end) => end.slice(0, 10)).join())"""


def select_period(page: Page, key: str) -> None:
    """Drag from a third to a half of a chart."""
    area = page.locator(f".st-key-{key} .nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + 5, steps=8)
    page.mouse.up()


def test_a_period_selected_in_one_chart_zooms_all_and_is_released(page: Page, trained: tuple[Server, str]) -> None:
    server, project = trained
    page.set_default_timeout(LONG)
    page.goto(f"{server.url}/results?project={project}")
    drawn(page)
    page.locator(".st-key-predictions .nsewdrag").first.wait_for(timeout=LONG)
    page.locator(".st-key-drawdown .nsewdrag").first.wait_for(timeout=LONG)
    before = page.evaluate(RANGES)
    assert len(before) >= 3
    select_period(page, "predictions")
    zoomed = page.get_by_text(re.compile(r"Zoomed to \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d"))
    expect(zoomed).to_have_count(len(before), timeout=LONG)
    page.wait_for_function(f"() => new Set(({RANGES})()).size === 1", timeout=LONG)
    page.get_by_role("button", name="Show all").first.click()
    expect(zoomed).to_have_count(0, timeout=LONG)
    page.wait_for_function(f"(before) => ({RANGES})().join() === before", arg=",".join(before), timeout=LONG)
