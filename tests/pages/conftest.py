"""Pages run without a browser on copies of prepared homes; no test launches a job from a page."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from core.context import Context
from core.data.builtin import write_sample
from core.ingest import step as ingest_step
from core.recipe.model import Recipe
from core.steps import STEPS, step_of_job
from core.workspace.processes import mark_process
from core.workspace.projects import Project, Workspace
from core.workspace.runs import Run, RunState
from pages.parts.frame import error_messages, state
from pages.parts.frame.step_states import DONE, STALE, TO_DO

ROOT = Path(__file__).parents[2]
SMALL = (
    Recipe()
    .change("ingest", target="sp500")
    .change("importance", iterations=20, folds=1, seeds=1)
    .change("training", epochs=2, window=8, units=(4,))
    .change("evaluation", baselines=("persistence",), walk_forward_folds=2)
)


class Visitor:
    """One browser tab: its pages, their texts and their widgets."""

    def __init__(self, project_id: str | None = None) -> None:
        self.app = AppTest.from_file(ROOT / "pages" / "shell.py", default_timeout=60).run()
        if project_id is not None:
            self.app.query_params["project"] = project_id

    def go(self, step: str) -> "Visitor":
        # As in a browser: the values of the old page's widgets are not sent to the new page.
        self.app.switch_page(f"{step}.py")._run()
        self.check()
        return self

    def draw(self) -> "Visitor":
        self.app.run()
        self.check()
        return self

    def check(self) -> None:
        assert not self.app.exception, [error.message for error in self.app.exception]

    @property
    def text(self) -> str:
        """Every text of the page, without the backslashes that escape markdown."""
        return self.raw.replace("\\", "")

    @property
    def raw(self) -> str:
        kinds = (
            "title",
            "header",
            "subheader",
            "markdown",
            "caption",
            "info",
            "warning",
            "error",
            "success",
            "progress",
        )
        folded = [node.label for node in self.app.main.get("expander")]
        return "\n".join([*(str(node_text(node)) for kind in kinds for node in self.app.main.get(kind)), *folded])

    def headings(self, start: str) -> list[str]:
        """The headings below the title that begin with `start`."""
        found = [*self.app.main.get("header"), *self.app.main.get("subheader")]
        return [heading.value for heading in found if heading.value.startswith(start)]

    @property
    def links(self) -> list[str]:
        """The links of the page, without those of the step bar above it."""
        labels = [link.proto.label for link in self.app.main.get("page_link")]
        return [label for label in labels if label not in [step.title for step in STEPS]]

    @property
    def buttons(self) -> list[str]:
        return [button.label for button in self.app.main.get("button")]

    def state_of(self, title: str) -> str:
        """The state of a step in the sidebar: `DONE`, `STALE` or `TO_DO`."""
        links = {link.proto.label: link.proto for link in self.app.sidebar.get("page_link")}
        link = next(link for label, link in links.items() if label.endswith(title))
        icons = {DONE: "check_circle", STALE: "history", TO_DO: "radio_button_unchecked"}
        assert link.icon == f":material/{icons[link.help]}:"
        return link.help

    def widget(self, key: str):
        return next(node for node in self.app.main if getattr(node, "key", None) == key)

    def has(self, key: str) -> bool:
        return any(getattr(node, "key", None) == key for node in self.app.main)

    def keys(self, start: str) -> list[str]:
        """The keys of the widgets that begin with `start`."""
        every = (getattr(node, "key", None) or "" for node in self.app.main)
        return [key for key in every if key.startswith(start)]

    def set(self, key: str, value: object) -> "Visitor":
        self.widget(key).set_value(value).run()
        self.check()
        return self

    def press(self, label: str) -> "Visitor":
        """Press a button, given by its key or its label."""
        every = [*self.app.main.get("button"), *self.app.sidebar.get("button")]
        button = next(button for button in every if label in (button.key, button.label))
        assert not button.disabled
        button.click().run()
        self.check()
        return self


def node_text(node: object) -> str:
    return node.proto.text if node.type == "progress" else node.value


def prepare(workspace: Workspace, project: Project, recipe: Recipe, *jobs: str) -> None:
    """Do the work of jobs in this process: read the file and fill the cache."""
    source, cache = workspace.source(project.id), workspace.cache(project.id)
    data = ingest_step.read(source.path, recipe, workspace.tables(project.id), fingerprint=source.fingerprint)
    context = Context(dataset=data, recipe=recipe, cache=cache)
    for kind in jobs:
        step_of_job(kind).run(context)


@pytest.fixture(autouse=True, scope="session")
def _environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PLUMBLINE_DATABASE_URL", raising=False)
        # Every new AppTest would scan the manifests of all installed packages for components; there are none.
        patch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", list)
        yield


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one project, the sample with drivers, with all steps up to importance done."""
    home = tmp_path_factory.mktemp("sample")
    workspace = Workspace(home)
    project = workspace.create_project("S&P 500 with market drivers")
    file = tmp_path_factory.mktemp("file") / "sample.csv"
    write_sample("sp500-drivers", file)
    workspace.add_file(project.id, "sample.csv", file)
    workspace.save_recipe(project.id, SMALL, "Small settings")
    prepare(workspace, project, SMALL, "profile", "regression", "importance")
    workspace.close()
    return home


@pytest.fixture(scope="session")
def trained_home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, trained by a real worker process; the test era is sealed."""
    home = tmp_path_factory.mktemp("trained") / "home"
    shutil.copytree(sample_home, home)
    workspace = Workspace(home)
    work(home, workspace.start_run(workspace.projects()[0].id, "training"))
    workspace.close()
    return home


@pytest.fixture(scope="session")
def opened_home(trained_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained sample with its test era opened."""
    home = tmp_path_factory.mktemp("opened") / "home"
    shutil.copytree(trained_home, home)
    workspace = Workspace(home)
    training = workspace.runs(kind="training")[0]
    work(home, workspace.start_run(training.project_id, "opening", training.id))
    workspace.close()
    return home


def work(home: Path, run: Run) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "core.worker", run.id],
        cwd=ROOT,
        env=os.environ | {"PLUMBLINE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture
def trained_work() -> Callable[[Workspace, Run], None]:
    """Carry out a run in a real worker process."""
    return lambda workspace, run: work(workspace.home, run)


@pytest.fixture
def open_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path | None], Workspace]]:
    """Serve the pages from a copy of a home, or from an empty home."""
    home = tmp_path / "home"
    monkeypatch.setenv("PLUMBLINE_HOME", str(home))
    monkeypatch.setattr("pages.parts.frame.state.launch_queued", lambda _: ())

    def serve(prepared: Path | None = None) -> Workspace:
        if prepared is not None:
            shutil.copytree(prepared, home)
        return state.workspace()

    yield serve
    state.workspace().close()
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def workspace(open_home, sample_home: Path) -> Workspace:
    """A workspace with the prepared sample."""
    return open_home(sample_home)


@pytest.fixture
def project(workspace: Workspace) -> Project:
    """The sample's project."""
    return workspace.projects()[0]


@pytest.fixture
def unfinished(workspace, project):
    """The sample, with settings under which no step after cleaning is done."""
    workspace.save_recipe(project.id, workspace.recipe(project.id).change("training", horizon=3), "Horizon: 3")
    return project


@pytest.fixture
def visit(open_home) -> Callable[..., Visitor]:
    """Open a page in a new tab: `visit("upload", project.id)`."""

    def open_tab(step: str | None = None, project_id: str | None = None) -> Visitor:
        tab = Visitor(project_id)
        tab.check()
        return tab if step is None else tab.go(step)

    return open_tab


@pytest.fixture
def add_project(open_home) -> Callable[..., Project]:
    """Create a project from the bytes of a CSV, and run the named steps."""

    def add(content: bytes, recipe: Recipe = Recipe(), *steps: str) -> Project:
        workspace = state.workspace()
        project = workspace.create_project("By hand")
        file = workspace.home / "by-hand.csv"
        file.write_bytes(content)
        workspace.add_file(project.id, "by-hand.csv", file)
        workspace.save_recipe(project.id, recipe, "By hand")
        prepare(workspace, project, recipe, *steps)
        return project

    return add


@pytest.fixture
def end_as() -> Callable[..., Run]:
    """End a run of this kind in the journal, without a process."""

    def end(project: Project, kind: str, ended: RunState, message: str = "", hint: str = "", error_id: str = "") -> Run:
        workspace = state.workspace()
        run = workspace.start_run(project.id, kind)
        process = mark_process(os.getpid())
        assert workspace.claim_run(run.id, process)
        assert workspace.end_run(run.id, process, ended, message, hint, error_id)
        return workspace.run(run.id)

    return end


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show errors as the served app does; without this fixture they end the test."""

    class Runner(LocalScriptRunner):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)
            self._on_script_error = error_messages.show_script_error

    monkeypatch.setattr("streamlit.testing.v1.app_test.LocalScriptRunner", Runner)


@pytest.fixture
def training_libraries_after() -> Callable[..., str]:
    """Run pages in a separate process, because other tests may have imported anything into this one."""

    def draw(project_id: str, *steps: str) -> str:
        script = f"""
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(ROOT / "pages" / "shell.py")!r}, default_timeout=60).run()
app.query_params["project"] = "{project_id}"
for step in {steps}:
    app.switch_page(f"{{step}}.py")._run()
    assert not app.exception, app.exception
    assert [title.value for title in app.title] == [step.capitalize()], app.title
print({{"tensorflow", "keras"}} & set(sys.modules))
"""
        done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.strip().splitlines()[-1]

    return draw
