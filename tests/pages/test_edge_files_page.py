"""Every edge file through the Upload page: its table with what was found, or one plain sentence, and never an exception."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from core.errors.model import DataError
from core.findings.model import Severity
from core.recipe.model import Recipe
from core.workspace.projects import Project
from core.workspace.runs import RunState
from tests.ingest.test_edge_files import EXPECTED, MARKED, REFUSED, TOLD_LATER, make
from tests.pages.conftest import prepare


@dataclass(frozen=True)
class Received:
    """A project made of an edge file, and the sentence by which the file was refused, if it was."""

    project: Project
    refusal: str | None


@pytest.fixture
def receive(open_home, end_as, tmp_path: Path):
    def take(name: str) -> Received:
        workspace = open_home()
        project = workspace.create_project(name)
        workspace.add_file(project.id, name, make(name, tmp_path))
        try:
            prepare(workspace, project, Recipe(), "profile")
        except DataError as error:
            end_as(project, "profile", RunState.FAILED, error.message, error.hint)
            return Received(project, str(error))
        return Received(project, None)

    return take


@pytest.mark.parametrize("name", MARKED)
def test_edge_file_gets_its_verdict_on_the_page(name: str, receive, visit) -> None:
    expected = EXPECTED[name]
    received = receive(name)
    tab = visit("upload", received.project.id)
    if received.refusal is not None:
        assert expected["verdict"] in REFUSED
        assert received.refusal in tab.said
        assert tab.has("ingest.delimiter") and tab.has("ingest.time_column")
        assert not tab.app.dataframe
        return
    assert expected["verdict"] not in REFUSED or "Findings:" in tab.said
    if "rows" in expected:
        assert f"{expected['rows']:,} row" in tab.said
    if "cols" in expected:
        assert f"{expected['cols']:,} column" in tab.said
    preview = tab.app.dataframe[0].value
    assert 1 <= len(preview) <= 100
    if "first_col" in expected:
        assert expected["first_col"] in preview.columns
    if expected["verdict"] in ("load_warn", "ask"):
        seen = tab.said
        if name in TOLD_LATER:
            seen += visit("quality", received.project.id).said
        assert any(f"{word}]" in seen for word in (Severity.WARNING, Severity.PROBLEM))


def test_a_file_without_dates_can_have_its_rows_counted_from_the_page(visit, open_home, end_as) -> None:
    workspace = open_home()
    project = workspace.create_project("Things")
    file = workspace.home / "things.csv"
    file.write_text("ticker,price\n" + "".join(f"A{n},{n % 7}.5\n" for n in range(30)))
    workspace.add_file(project.id, "things.csv", file)
    with pytest.raises(DataError) as refusal:
        prepare(workspace, project, Recipe(), "profile")
    end_as(project, "profile", RunState.FAILED, refusal.value.message, refusal.value.hint)
    tab = visit("upload", project.id)
    assert 'set “Time column” to "row number"' in tab.said
    tab.set("ingest.time_column", "row number")
    recipe = workspace.recipe(project.id)
    assert recipe.ingest.time_column == "row number"
    prepare(workspace, project, recipe, "profile")
    assert "30 rows and 2 columns, in the order of row number: no column tells the time." in tab.draw().said
    assert "rows from 1970" not in tab.said
