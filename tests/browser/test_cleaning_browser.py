"""The Cleaning page in a browser: drag a slider, type a number, tick a box, and undo it all."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.context import Context
from core.data.builtin import write_sample
from core.ingest import step as ingest_step
from core.quality import step as quality_step
from core.recipe.model import CleaningSettings, Recipe
from core.workspace.projects import Workspace

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)

VARIANCE = CleaningSettings.model_fields["min_relative_variance"].title
ROW, HEADING, BOX = 31, 32, 37  # pixels: a row of the table, its heading, the middle of its column of boxes


@pytest.fixture
def cleaning(page: Page, server, tmp_path: Path) -> Page:
    """The Cleaning page of the profiled sample with drivers."""
    workspace = Workspace(server.home)
    project = workspace.create_project("Sample")
    file = tmp_path / "sample.csv"
    write_sample("sp500-drivers", file)
    source = workspace.add_file(project.id, "sample.csv", file)
    data = ingest_step.read(source.path, Recipe(), workspace.tables(project.id), fingerprint=source.fingerprint)
    quality_step.profile(Context(dataset=data, recipe=Recipe(), cache=workspace.cache(project.id)))
    workspace.close()
    page.goto(f"{server.url}/cleaning?project={project.id}")
    expect(page.locator(".live-chart .main-svg")).not_to_have_count(0)
    expect(table(page)).to_be_visible()
    return page


def expect_counts(page: Page, kept: int, dropped: int, note: str = "") -> None:
    text = f"{kept} of {kept + dropped} columns kept, {dropped} dropped{note}"
    expect(page.get_by_text(re.compile(rf"^{re.escape(text)}"))).to_be_visible()


def table(page: Page) -> Locator:
    return page.get_by_test_id("stDataFrame").first


def rows(page: Page) -> Locator:
    return expect(table(page).locator("table[role='grid']"))


def tick(page: Page, row: int) -> None:
    table(page).click(position={"x": BOX, "y": HEADING + ROW * row + ROW / 2})


def drag(page: Page, name: str, share: float) -> None:
    """Drag the thumb of a slider with the mouse to a share of its track."""
    slider = page.locator(f".st-key-cleaning-{name}").get_by_test_id("stSlider")
    thumb = slider.get_by_role("slider").locator("xpath=..").bounding_box()
    track = slider.bounding_box()
    middle = thumb["y"] + thumb["height"] / 2
    page.mouse.move(thumb["x"] + thumb["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(track["x"] + share * track["width"], middle, steps=5)
    page.mouse.up()


def test_a_slider_a_number_and_a_box_are_changed_and_undone(cleaning: Page) -> None:
    page = cleaning
    expect_counts(page, 8, 3)
    page.get_by_role("radio", name="kept", exact=True).click()
    rows(page).to_have_attribute("aria-rowcount", "9")
    page.evaluate("window.curve = document.querySelector('.live-chart .main-svg')")

    drag(page, "min_relative_variance", 0.9)
    expect_counts(page, 4, 7)
    rows(page).to_have_attribute("aria-rowcount", "5")
    box = page.get_by_label(VARIANCE, exact=True).and_(page.locator("input[type=number]"))
    expect(box).to_have_value("0.05")
    box.fill("0")
    box.press("Enter")
    expect_counts(page, 9, 2)
    expect(box).to_be_focused()
    rows(page).to_have_attribute("aria-rowcount", "10")

    page.get_by_role("radio", name="all", exact=True).click()
    rows(page).to_have_attribute("aria-rowcount", "12")
    tick(page, 0)
    expect_counts(page, 8, 3, " (1 by manual choice)")
    assert page.evaluate("window.curve.isConnected"), "a curve was replaced, which flickers"

    undo = page.get_by_role("button", name="Undo")
    undo.click()
    expect_counts(page, 9, 2)
    undo.click()
    expect_counts(page, 4, 7)
    expect(box).to_have_value("0.05")

    page.get_by_role("button", name="History").click()
    expect(page.get_by_text(re.compile(f"^{VARIANCE}: from 0.05 to 0"))).to_be_visible()
    page.locator("[class*='st-key-restore-']").last.get_by_role("button").click()
    expect_counts(page, 8, 3)
    expect(page.get_by_role("button", name="Current")).to_be_disabled()
    assert "part=History" in page.url

    page.get_by_test_id("stSidebar").get_by_role("link", name=re.compile("Quality")).click()
    expect(page.get_by_role("heading", name="Quality", exact=True)).to_be_visible()
    page.get_by_role("button", name="History").click()
    expect(page.get_by_role("heading", name=re.compile(r"^Changes: \d"))).to_be_visible()


@pytest.mark.parametrize("width", [900, 1024, 1280])
def test_the_two_columns_fill_the_row_at_every_width(cleaning: Page, width: int) -> None:
    cleaning.set_viewport_size({"width": width, "height": 900})
    sliders = cleaning.locator(".st-key-side-by-side > *").first
    row = cleaning.locator(".st-key-side-by-side").bounding_box()
    expect(sliders).to_be_visible()
    cleaning.wait_for_timeout(500)
    beside, below = (cleaning.locator(".st-key-side-by-side > *").nth(place).bounding_box() for place in (0, 1))
    if below["y"] > beside["y"]:
        assert beside["width"] == below["width"] == row["width"]
    else:
        assert below["x"] + below["width"] == pytest.approx(row["x"] + row["width"], abs=1)


def test_the_chosen_view_has_the_text_colour(cleaning: Page) -> None:
    chosen = cleaning.get_by_role("radio", name="Columns")
    expect(chosen).to_be_checked()
    of_text = cleaning.get_by_test_id("stApp").evaluate("page => getComputedStyle(page).color")
    expect(chosen.locator("p")).to_have_css("color", of_text)
    # The pointer is still there after the click that chose it.
    chosen.hover()
    expect(chosen.locator("p")).to_have_css("color", of_text)
