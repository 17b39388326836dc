"""All steps in a browser, from a sample to a downloaded model that runs without Plumbline."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.workspace.projects import Workspace

pytestmark = pytest.mark.browser
LONG = 120_000


def settle(page: Page) -> None:
    """Wait until the page has rendered."""
    page.wait_for_timeout(300)
    page.locator("[data-testid='stApp'][data-test-connection-state='CONNECTED']").wait_for(state="attached")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("Traceback")).to_have_count(0)


def go(page: Page, step: str) -> None:
    """Open a step from the sidebar."""
    page.get_by_test_id("stSidebar").get_by_role("link", name=re.compile(rf"\d {step}")).click()
    expect(page.get_by_role("heading", name=step, exact=True)).to_be_visible()
    settle(page)


def set_number(page: Page, label: str, value: str) -> None:
    """Type into a number box and leave it, which saves the value."""
    box = page.get_by_label(label, exact=True)
    box.fill(value)
    box.press("Tab")
    settle(page)


def download(page: Page, label: str) -> bytes:
    """Click a download button and return the downloaded bytes."""
    with page.expect_download(timeout=LONG) as begun:
        page.get_by_role("button", name=f"Download {label}", exact=True).click()
    return Path(begun.value.path()).read_bytes()


def start_sample(page: Page, url: str) -> None:
    """Create a project from the sample with market drivers and wait until it has been read."""
    page.goto(url)
    page.get_by_role("button", name="Try the S&P 500 sample").click()
    expect(page.get_by_role("heading", name="What to forecast")).to_be_visible(timeout=LONG)
    settle(page)


def test_all_steps_from_a_sample_to_a_model_that_runs_elsewhere(page: Page, server, tmp_path: Path) -> None:
    start_sample(page, server.url)
    expect(page.get_by_text(re.compile(r"1,2\d\d rows and \d+ columns, ordered by date"))).to_be_visible()
    assert "project=" in page.url

    go(page, "Quality")
    expect(page.get_by_role("heading", name=re.compile("Findings"))).to_be_visible()
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(2)
    for view in ("Distributions", "Correlations", "Forecastability", "Relations"):
        page.get_by_role("radio", name=view, exact=True).click()
        settle(page)
    second = page.get_by_test_id("stDataFrame").first
    second.locator("canvas").first.wait_for()
    second.click(position={"x": 17, "y": 85})
    expect(page.locator(".st-key-pair-feature-vix")).to_be_visible()

    go(page, "Cleaning")
    before = page.get_by_text(re.compile(r"\d+ of \d+ columns kept")).inner_text()
    slider = page.locator(".st-key-cleaning-max_bad_ratio").get_by_role("slider")
    slider.press("End")
    expect(page.get_by_text(before, exact=True)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(before, exact=True)).to_be_visible()

    go(page, "Regression")
    page.get_by_role("button", name="Fit regression").click()
    expect(page.get_by_role("radio", name="Diagnostics", exact=True)).to_be_checked(timeout=LONG)
    for view in ("Each feature alone", "Over time"):
        page.get_by_role("radio", name=view, exact=True).click()
        expect(page.get_by_role("radio", name=view, exact=True)).to_be_checked()
        settle(page)

    go(page, "Importance")
    page.get_by_role("button", name="Rank features").click()
    expect(page.get_by_role("button", name="Download CatBoost model")).to_be_visible(timeout=LONG)

    go(page, "Training")
    set_number(page, "Epochs", "3000")
    set_number(page, "Patience", "1000")
    set_number(page, "Window", "16")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile(r"Epoch [2-9]\d*: loss"))).to_be_visible(timeout=LONG)
    page.reload()
    grown = page.get_by_text(re.compile(r"Epoch \d+: loss"))
    expect(grown).to_be_visible(timeout=LONG)
    first = grown.inner_text()
    expect(grown).not_to_have_text(first, timeout=LONG)
    page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible(timeout=LONG)
    expect(page.get_by_text("stopped").first).to_be_visible()

    go(page, "Results")
    expect(page.locator(".st-key-era")).to_have_count(0)
    page.get_by_role("button", name="Open test era").click()
    expect(page.locator(".st-key-era")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("button", name="Open test era")).to_have_count(0)
    verdict = page.get_by_test_id("stAlert").first.inner_text()

    go(page, "Export")
    recipe = json.loads(download(page, "recipe"))
    assert recipe["training"]["epochs"] == 3000
    predictions = pd.read_csv(io.BytesIO(download(page, "predictions")))
    assert set(predictions["era"]) == {"validation", "test"}
    cleaned = pd.read_parquet(io.BytesIO(download(page, "data")))
    assert cleaned["sp500"].notna().all()
    rows = f"{(predictions['era'] == 'test').sum():,}"
    assert rows in verdict
    report = download(page, "report").decode()
    assert rows in report

    later = pd.read_csv(next((tmp_path / "projects").glob("*/files/*/source")))
    more = later.tail(3).assign(date=["2019-01-02", "2019-01-03", "2019-01-04"])
    pd.concat([later, more]).rename(columns={"sp500": "SP500"}).to_csv(tmp_path / "later.csv", index=False)
    page.get_by_text("Score another file").click()
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(tmp_path / "later.csv")
    page.get_by_role("button", name="Score file").click()
    expect(page.get_by_text(re.compile(r"later.csv: 1,2\d\d predictions, 4 of them"))).to_be_visible(timeout=LONG)
    expect(page.get_by_text("SP500 is read as sp500")).to_be_visible()
    scored = pd.read_csv(io.BytesIO(download(page, "scored rows")))
    assert (scored["era"] == "new").sum() == 4
    assert scored["lower"].iloc[-1] < scored["lstm"].iloc[-1] < scored["upper"].iloc[-1]

    bundle = tmp_path / "bundle"
    with zipfile.ZipFile(io.BytesIO(download(page, "model"))) as archive:
        archive.extractall(bundle)
    source = next((tmp_path / "projects").glob("*/files/*/source"))
    alone = tmp_path / "alone.csv"
    subprocess.run(
        [sys.executable, "-I", "predict.py", str(source), "--out", str(alone)], cwd=bundle, check=True, timeout=120
    )
    numbers = ["lstm", "lower", "upper"]
    elsewhere = pd.read_csv(alone).set_index("origin")[numbers]
    test = predictions[predictions["era"] == "test"].set_index("origin")[numbers]
    np.testing.assert_allclose(elsewhere.loc[test.index], test, rtol=1e-6)

    (tmp_path / "report.html").write_text(report)
    opened = page.context.new_page()
    opened.goto((tmp_path / "report.html").as_uri())
    expect(opened.locator(".main-svg").first).to_be_visible()


def test_one_click_on_the_map_leads_to_a_volatility_model_with_skill(page: Page, server) -> None:
    start_sample(page, server.url)
    go(page, "Quality")
    page.get_by_role("radio", name="Forecastability", exact=True).click()
    expect(page.get_by_text("Volatility of sp500 over 5 rows: R²")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Forecast this").click()
    expect(page.get_by_role("button", name="This is the task")).to_be_visible(timeout=LONG)
    go(page, "Training")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile("Last training"))).to_be_visible(timeout=LONG)
    go(page, "Results")
    page.get_by_role("button", name="Open test era").click()
    expect(page.get_by_role("heading", name="Evidence of skill")).to_be_visible(timeout=LONG)


def test_a_bad_file_is_refused_and_a_good_one_replaces_it(page: Page, server, tmp_path: Path) -> None:
    page.goto(server.url)
    bad = tmp_path / "picture.csv"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(bad)
    expect(page.get_by_text("PNG").first).to_be_visible(timeout=LONG)
    settle(page)

    chance = np.random.default_rng(0)
    days = pd.bdate_range("2020-01-01", periods=400)
    good = tmp_path / "prices.csv"
    frame = pd.DataFrame({"Datum": days.strftime("%d.%m.%Y"), "<b>Kurs</b>": 100 + chance.normal(size=400).cumsum()})
    frame.to_csv(good, sep=";", decimal=",", index=False)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(good)
    page.get_by_role("button", name="Use this file").click()
    expect(page.get_by_text("400 rows and 2 columns, ordered by Datum")).to_be_visible(timeout=LONG)
    settle(page)
    assert page.locator("b:text-is('Kurs')").count() == 0


@pytest.mark.parametrize("server", [{"PLUMBLINE_IDLE_WORKER": "1"}], indirect=True, ids=["idle worker"])
def test_training_survives_the_tab_and_the_server_and_resumes_after_its_process_died(
    context: BrowserContext, server
) -> None:
    page = context.new_page()
    start_sample(page, server.url)
    go(page, "Training")
    set_number(page, "Epochs", "4000")
    set_number(page, "Patience", "1000")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile(r"Epoch [2-9]\d*: loss"))).to_be_visible(timeout=LONG)
    address = page.url
    page.close()

    server.end(signal.SIGKILL)
    workspace = Workspace(server.home)
    run = workspace.runs(kind="training", active=True)[0]
    os.kill(run.process.pid, 0)
    server.start()
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_text(re.compile(r"Epoch \d+: loss"))).to_be_visible(timeout=LONG)
    assert page.get_by_label("Epochs", exact=True).input_value() == "4000"

    os.kill(run.process.pid, signal.SIGKILL)
    expect(page.get_by_text("Training was interrupted").first).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop")).to_be_visible(timeout=LONG)
    expect(page.get_by_text(re.compile(r"Epoch \d+: loss"))).to_be_visible(timeout=LONG)
    page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible(timeout=LONG)
