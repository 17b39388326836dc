"""The home page: samples, a file, and existing projects."""

from core.data.builtin import list_samples
from core.recipe.model import Recipe


def test_home_lists_the_samples_with_their_descriptions(visit):
    tab = visit()
    for sample in list_samples():
        assert tab.has(f"sample-{sample.name}")
        assert sample.description in tab.text
    assert not tab.headings("Your projects")


def test_home_lists_projects_newest_first_with_their_names_as_plain_text(visit, open_home):
    workspace = open_home()
    workspace.create_project("Older")
    workspace.create_project("**bold** <b>x</b> :red[x]")
    tab = visit()
    names = [text.value for text in tab.app.main.markdown if "created" in text.value]
    assert names[0].startswith(r"\*\*bold\*\* \<b\>x\</b\> \:red\[x\]")
    assert names[1].startswith("Older")


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
