"""15 people at work while a training runs: no error, and the time that a page takes is printed."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from core.steps import STEPS
from tests.browser.conftest import server  # noqa: F401
from tests.browser.test_walk import LONG, go, set_number, start_sample
from tests.running_server import Server

pytestmark = [pytest.mark.browser, pytest.mark.simulation]
PEOPLE = 15
ROUNDS = 2


class Person:
    """One session, by Streamlit's protocol: 15 windows of a browser would compete with the server for the processors."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.query = parts.query
        self.line = connect(
            f"ws://{parts.netloc}/_stcore/stream",
            origin=f"http://{parts.netloc}",
            subprotocols=["streamlit"],
            max_size=None,
            open_timeout=120,
            ping_timeout=None,
        )
        self.errors: list[str] = []
        self.headings: list[str] = []

    def visit(self, page: str) -> float:
        """Open a page, read all that it sends, and return its seconds."""
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_name = page
        self.headings.clear()
        began = time.monotonic()
        self.line.send(message.SerializeToString())
        while True:
            said = ForwardMsg.FromString(self.line.recv(timeout=120))
            element = said.delta.new_element
            if element.HasField("exception"):
                self.errors.append(f"{page}: {element.exception.message}")
            if element.HasField("heading"):
                self.headings.append(element.heading.body)
            if said.WhichOneof("type") == "page_not_found":
                self.errors.append(f"{page} is not found")
            if said.WhichOneof("type") == "script_finished" and self.headings:
                if said.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    self.errors.append(f"{page} ended with {said.script_finished}")
                return time.monotonic() - began


def test_fifteen_people_work_while_a_training_runs(browser: Browser, server: Server) -> None:  # noqa: F811
    first = browser.new_page()
    first.set_default_timeout(LONG)
    start_sample(first, server.url)
    go(first, "Training")
    set_number(first, "Epochs", "4000")
    set_number(first, "Patience", "1000")
    first.get_by_role("button", name="Train", exact=True).click()
    expect(first.get_by_text(re.compile(r"Epoch [2-9]\d*: loss"))).to_be_visible(timeout=LONG)
    people = [Person(first.url) for _ in range(PEOPLE)]
    pages = [step.name for step in STEPS]

    def work(person: Person) -> list[float]:
        return [person.visit(page) for _ in range(ROUNDS) for page in pages]

    with ThreadPoolExecutor(PEOPLE) as all_at_once:
        took = [seconds for each in all_at_once.map(work, people) for seconds in each]
    assert [error for person in people for error in person.errors] == []
    assert len(took) == PEOPLE * ROUNDS * len(pages)
    for person in people:
        assert person.headings, "the last page drew nothing"
        person.line.close()
    # The training has gone on, and hears of a stop.
    expect(first.get_by_text(re.compile(r"Epoch \d+: loss"))).to_be_visible(timeout=LONG)
    first.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop").click()
    expect(first.get_by_role("button", name="Train", exact=True)).to_be_visible(timeout=LONG)
    first.close()
    assert "Traceback" not in server.log.read_text()
    p50, p95 = np.quantile(took, (0.5, 0.95))
    print(f"{PEOPLE} people at once, {len(took)} page views, 0 errors: p50 {p50:.2f} s, p95 {p95:.2f} s")
