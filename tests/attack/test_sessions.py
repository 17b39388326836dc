"""15 people at work while a training runs: no error, and the time that a page takes is printed."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

import numpy as np
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from core.data.builtin import write_sample
from core.recipe.model import Recipe
from core.steps import STEPS
from core.workspace.projects import Workspace
from core.workspace.runs import Run, RunState
from tests.browser.conftest import server  # noqa: F401
from tests.running_server import Server

pytestmark = pytest.mark.simulation
MOST_SECONDS = 240.0
PEOPLE = 15
ROUNDS = 2
# Seconds between two pages of one person, on average.
PAUSE = 5.0


class Person:
    """One session, by Streamlit's protocol: 15 windows of a browser would compete with the server for the processors."""

    def __init__(self, address: str, lines: ExitStack) -> None:
        parts = urlsplit(address)
        self.query = parts.query
        self.line = lines.enter_context(
            connect(
                f"ws://{parts.netloc}/_stcore/stream",
                origin=f"http://{parts.netloc}",
                subprotocols=["streamlit"],
                max_size=None,
                open_timeout=MOST_SECONDS,
                ping_timeout=None,
            )
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
            said = ForwardMsg.FromString(self.line.recv(timeout=MOST_SECONDS))
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


@pytest.fixture
def training(server: Server, wait_until: Callable[..., None]) -> Iterator[tuple[Workspace, Run]]:  # noqa: F811
    """The training of a sample, with some epochs done and many to go."""
    workspace = Workspace(server.home)
    project = workspace.create_project("Sample")
    write_sample("sp500-drivers", server.home / "sample.csv")
    workspace.add_file(project.id, "sample.csv", server.home / "sample.csv")
    recipe = Recipe().change("ingest", target="sp500").change("training", epochs=5_000, patience=1_000)
    workspace.save_recipe(project.id, recipe, "Long")
    profile = workspace.start_run(project.id, "profile")
    wait_until(lambda: not workspace.run(profile.id).state.active, MOST_SECONDS)
    run = workspace.start_run(project.id, "training")
    wait_until(lambda: len(workspace.metrics(run.id).get("loss", {})) > 1, MOST_SECONDS)
    yield workspace, run
    workspace.close()


def test_fifteen_people_work_while_a_training_runs(
    training: tuple[Workspace, Run],
    server: Server,  # noqa: F811
    wait_until: Callable[..., None],
) -> None:
    workspace, run = training
    pages = [step.name for step in STEPS]

    def work(person: Person) -> list[float]:
        took = []
        for page in pages * ROUNDS:
            time.sleep(random.uniform(0, 2 * PAUSE))
            took.append(person.visit(page))
        return took

    with ExitStack() as lines, ThreadPoolExecutor(PEOPLE) as all_at_once:
        people = [Person(f"{server.url}/?project={run.project_id}", lines) for _ in range(PEOPLE)]
        took = [seconds for each in all_at_once.map(work, people) for seconds in each]
    assert [error for person in people for error in person.errors] == []
    assert len(took) == PEOPLE * ROUNDS * len(pages)
    epochs = len(workspace.metrics(run.id)["loss"])
    wait_until(lambda: len(workspace.metrics(run.id)["loss"]) > epochs, MOST_SECONDS)
    workspace.request_stop(run.id)
    wait_until(lambda: workspace.run(run.id).state is RunState.STOPPED, MOST_SECONDS)
    assert "Traceback" not in server.log.read_text()
    p50, p95 = np.quantile(took, (0.5, 0.95))
    print(f"{PEOPLE} people at once, {len(took)} page views, 0 errors: p50 {p50:.2f} s, p95 {p95:.2f} s")
