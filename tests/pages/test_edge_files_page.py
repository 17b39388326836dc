"""Every edge file on the Upload page: its table with findings, or one error sentence, never an exception."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from core.errors.model import DataError
from core.findings.model import Severity
from core.recipe.model import IngestSettings, Recipe
from core.workspace.projects import Project
from core.workspace.runs import RunState
from tests.ingest.test_edge_files import EXPECTED, MARKED, REJECTED, REPORTED_LATER, make
from tests.pages.conftest import prepare


@dataclass(frozen=True)
class Received:
    """A project of an edge file, and the error that refused the file, if any."""

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
def test_an_edge_file_is_read_or_refused_as_expected(name: str, receive, visit) -> None:
    expected = EXPECTED[name]
    received = receive(name)
    tab = visit("upload", received.project.id)
    if received.refusal is not None:
        assert expected["verdict"] in REJECTED
        assert received.refusal in tab.text
        assert tab.has("ingest.delimiter") and tab.has("ingest.time_column")
        assert not tab.app.dataframe
        return
    assert expected["verdict"] not in REJECTED or tab.headings("Findings")
    if "rows" in expected:
        assert f"{expected['rows']:,} row" in tab.text
    if "cols" in expected:
        assert f"{expected['cols']:,} column" in tab.text
    preview = next(table.value for table in tab.app.dataframe if "line" in table.value)
    assert 1 <= len(preview) <= 100
    if "first_col" in expected:
        assert expected["first_col"] in preview.columns
    if expected["verdict"] in ("load_warn", "ask"):
        texts = tab.text
        if name in REPORTED_LATER:
            texts += visit("quality", received.project.id).text
        assert any(f"{word}]" in texts for word in (Severity.WARNING, Severity.PROBLEM))


def test_the_rows_of_a_file_without_dates_can_be_counted(visit, open_home, end_as) -> None:
    workspace = open_home()
    project = workspace.create_project("Things")
    file = workspace.home / "things.csv"
    file.write_text("ticker,price\n" + "".join(f"A{n},{n % 7}.5\n" for n in range(30)))
    workspace.add_file(project.id, "things.csv", file)
    with pytest.raises(DataError) as refusal:
        prepare(workspace, project, Recipe(), "profile")
    end_as(project, "profile", RunState.FAILED, refusal.value.message, refusal.value.hint)
    tab = visit("upload", project.id)
    assert f"“{IngestSettings.model_fields['time_column'].title}”" in tab.text
    tab.set("ingest.time_column", "row number")
    recipe = workspace.recipe(project.id)
    assert recipe.ingest.time_column == "row number"
    prepare(workspace, project, recipe, "profile")
    assert "30 rows and 2 columns, ordered by row number" in tab.draw().text
    assert "rows from 1970" not in tab.text
