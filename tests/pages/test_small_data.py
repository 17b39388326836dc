"""Small data are read again and profiled with the page; large data, and all that fails, by a job."""

import pytest

from core.quality.profile import QualityProfile
from core.quality.step import profile, profile_key
from core.recipe.model import Recipe
from core.workspace.projects import Project, Workspace
from pages.parts.frame import small_data
from pages.parts.frame.context import LoadedContext, load_context

ROWS = "".join(f"2024-{1 + place // 28:02d}-{1 + place % 28:02d},{place % 7},{place % 11}\n" for place in range(280))
CONTENT = f"date,a,b\n{ROWS}".encode()
NAMED = Recipe().change("ingest", target="a")


@pytest.fixture
def workspace(open_home) -> Workspace:
    return open_home()


@pytest.fixture
def project(workspace: Workspace, add_project) -> Project:
    return add_project(CONTENT, NAMED, "profile")


def change(workspace: Workspace, project: Project, **fields: object) -> None:
    workspace.change_recipe(project.id, lambda recipe: recipe.change("ingest", **fields), "By test")


def test_another_target_and_another_reading_need_no_job(visit, workspace, project) -> None:
    change(workspace, project, target="b")
    tab = visit("upload", project.id)
    assert tab.widget("ingest.target").value == "b" and tab.app.get("plotly_chart")
    change(workspace, project, zero_is_missing=("a", "b"))
    context = load_context(project)
    assert isinstance(context, LoadedContext)
    assert [context.dataset.column(name).bad.sentinel for name in "ab"] == [40, 26]
    assert not workspace.runs(project.id)


def test_the_page_computes_what_a_job_computes(visit, workspace, project) -> None:
    change(workspace, project, target="b")
    context = load_context(project)
    assert isinstance(context, LoadedContext)
    work = context.work
    kept = work.cache.find("profile", profile_key(work), QualityProfile)
    assert kept == profile(small_data.Context(dataset=work.dataset, recipe=work.recipe))


def test_data_of_unknown_or_large_size_are_left_to_a_job(visit, workspace, project, monkeypatch) -> None:
    other = workspace.create_project("Never read")
    source = workspace.source(project.id)
    workspace.add_file(other.id, "a.csv", source.path)
    assert not small_data.refresh(other, Recipe(), workspace.source(other.id))
    monkeypatch.setattr(small_data, "MOST_CELLS", 3 * 280 - 1)
    change(workspace, project, target="b")
    assert not isinstance(load_context(project), LoadedContext)
    visit("upload", project.id)
    assert len(workspace.runs(project.id, kind="profile", active=True)) == 1


def test_what_fails_is_left_to_a_job_and_not_tried_beside_it(visit, workspace, project, monkeypatch) -> None:
    change(workspace, project, time_column="nothing")
    visit("upload", project.id)
    (run,) = workspace.runs(project.id, kind="profile", active=True)
    monkeypatch.setattr(small_data, "read", lambda *_, **__: pytest.fail("read beside the job"))
    assert not small_data.refresh(project, run.recipe, workspace.source(project.id))
