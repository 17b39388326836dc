"""The home page: samples, a file, and existing projects."""

import pytest

from core.data.builtin import list_samples
from core.errors.data import DamagedDataset
from core.errors.workspace import ResultsOutdated
from core.forecast.evaluation.verdict import title_verdict
from core.recipe.model import Recipe
from pages.parts.frame import state
from pages.parts.home import showcase
from pages.parts.models import trained_run


def test_home_lists_the_samples_with_their_descriptions(visit):
    tab = visit()
    for sample in list_samples():
        assert tab.has(f"sample-{sample.name}")
        assert sample.description in tab.text
    assert not tab.headings("Your projects")


def test_home_lists_projects_changed_last_first_with_their_names_as_plain_text(visit, open_home):
    workspace = open_home()
    workspace.create_project("Older")
    workspace.create_project("**bold** <b>x</b> :red[x]")
    tab = visit()
    names = [text.value for text in tab.app.main.markdown if "no file yet" in text.value]
    assert names[0].startswith(r"**\*\*bold\*\* \<b\>x\</b\> \:red\[x\]**")
    assert names[1].startswith("**Older**")


def test_a_sample_becomes_a_project_with_its_target_and_is_read_at_once(visit, open_home):
    workspace = open_home()
    tab = visit().press("sample-sp500-drivers")
    (project,) = workspace.projects()
    assert workspace.recipe(project.id).ingest.target == "sp500"
    assert [title.value for title in tab.app.title] == ["Upload"]
    assert tab.app.query_params["project"] == project.id
    assert [run.kind for run in workspace.runs(project.id)] == ["profile"]
    tab.draw()
    assert len(workspace.runs(project.id)) == 1


def test_a_chosen_file_becomes_a_project_with_default_settings(visit, open_home):
    workspace = open_home()
    tab = visit()
    tab.widget("file-new").set_value(("prices.csv", b"date,close\n2020-01-01,1\n2020-01-02,2\n", "text/csv")).run()
    tab.check()
    (project,) = workspace.projects()
    assert project.name == "prices.csv"
    assert workspace.source(project.id).name == "prices.csv"
    assert workspace.recipe(project.id) == Recipe()
    assert [title.value for title in tab.app.title] == ["Upload"]


def test_open_shows_the_first_step_of_that_project(visit, workspace, project):
    tab = visit().press(f"open-{project.id}")
    assert [title.value for title in tab.app.title] == ["Upload"]
    assert tab.app.query_params["project"] == project.id


def test_delete_removes_the_project_and_its_files(visit, workspace, project):
    tab = visit().press(f"delete-{project.id}")
    assert workspace.projects() == ()
    assert not workspace.folder_of(project.id).exists()
    assert not tab.headings("Your projects")


def test_the_list_shows_file_rows_target_last_step_and_verdict(visit, open_home, opened_home):
    workspace = open_home(opened_home)
    (run,) = workspace.runs(kind="training")
    text = visit().text
    assert "sample.csv · 1,257 rows · target sp500" in text
    assert f"Results · {title_verdict(trained_run.load_results(run).evaluation)}" in text


def test_a_project_is_renamed_and_duplicated_from_its_menu(visit, workspace, project):
    tab = visit().set(f"name-{project.id}", "Rates")
    assert workspace.project(project.id).name == "Rates"
    tab.press(f"duplicate-{project.id}")
    assert [other.name for other in workspace.projects()] == ["Rates (copy)", "Rates"]


def test_of_many_projects_a_search_shows_those_that_match(visit, open_home):
    workspace = open_home()
    wanted, *_ = [workspace.create_project(name) for name in ("Gold", "Oil", "Gas", "Rates", "Wheat", "Corn")]
    tab = visit().set("search-projects", "GOL")
    assert tab.keys("open-") == [f"open-{wanted.id}"]
    assert tab.set("search-projects", "zinc").keys("open-") == []


def test_the_picture_is_the_map_of_the_sample_and_is_computed_once(visit, monkeypatch):
    first = visit()
    (chart,) = first.app.get("plotly_chart")
    assert "sp500" in chart.proto.spec
    monkeypatch.setattr(showcase, "read", lambda *_: pytest.fail("computed again"))
    assert len(visit().app.get("plotly_chart")) == 1


def test_a_project_that_cannot_be_read_can_still_be_deleted(visit, workspace, project, monkeypatch):
    monkeypatch.setattr(state, "dataset", lambda *_: (_ for _ in ()).throw(DamagedDataset(folder="tables")))
    tab = visit()
    assert DamagedDataset(folder="tables").message in tab.text
    tab.press(f"delete-{project.id}")
    assert workspace.projects() == ()


def test_results_of_an_earlier_version_do_not_hide_the_projects(visit, open_home, opened_home, monkeypatch):
    open_home(opened_home)
    monkeypatch.setattr(trained_run, "load_results", lambda _: (_ for _ in ()).throw(ResultsOutdated()))
    assert "Results · Train again" in visit().text
