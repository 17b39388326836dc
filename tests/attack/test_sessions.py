"""15 people at work while a training runs: no error, and the time of a page is printed."""

import re
import time

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import server  # noqa: F401
from tests.browser.test_walk import LONG, go, set_number, settle, start_sample
from tests.running_server import Server

pytestmark = [pytest.mark.browser, pytest.mark.simulation]
PEOPLE = 15


def test_fifteen_people_work_while_a_training_runs(browser: Browser, server: Server) -> None:  # noqa: F811
    first = browser.new_page()
    start_sample(first, server.url)
    address = first.url
    go(first, "Training")
    set_number(first, "Epochs", "4000")
    set_number(first, "Patience", "1000")
    first.get_by_role("button", name="Train", exact=True).click()
    expect(first.get_by_text(re.compile(r"Epoch [2-9]\d*: loss"))).to_be_visible(timeout=LONG)
    people = [browser.new_page() for _ in range(PEOPLE)]
    for page in people:
        page.goto(address)
    for page in people:
        expect(page.get_by_role("heading", name="What to forecast")).to_be_visible(timeout=LONG)
    took = []
    for step in ("Quality", "Cleaning", "Regression", "Results"):
        for page in people:
            began = time.monotonic()
            page.get_by_test_id("stSidebar").get_by_role("link", name=re.compile(rf"\d {step}")).click()
            expect(page.get_by_role("heading", name=step, exact=True)).to_be_visible(timeout=LONG)
            took.append(time.monotonic() - began)
    for page in people:
        settle(page)
    expect(first.get_by_text(re.compile(r"Epoch \d+: loss"))).to_be_visible(timeout=LONG)
    first.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop").click()
    expect(first.get_by_role("button", name="Train", exact=True)).to_be_visible(timeout=LONG)
    assert "Traceback" not in server.log.read_text()
    print(
        f"{PEOPLE} people, {len(took)} page views: p50 {np.quantile(took, 0.5):.2f} s, p95 {np.quantile(took, 0.95):.2f} s"
    )
