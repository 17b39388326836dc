"""What holds for every page: it runs, says what to do if something is missing, and its links keep the project."""

import json
import re
from itertools import pairwise

import pytest

from core.steps import STEPS
from pages.parts.frame import small_data
from pages.parts.frame.step_states import DONE, TO_DO

NAMES = tuple(step.name for step in STEPS)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_shows_the_sample_under_its_heading_and_question(visit, project, name):
    tab = visit(name, project.id)
    step = next(step for step in STEPS if step.name == name)
    assert [title.value for title in tab.app.title] == [step.title]
    assert step.question in tab.text
    assert not tab.app.error


@pytest.mark.parametrize("name", NAMES)
def test_a_page_without_a_project_says_what_to_do(visit, name):
    tab = visit(name)
    assert "No project is open" in tab.text
    assert tab.links == ["Go to projects"]


@pytest.mark.parametrize("unknown", ["0" * 32, "../../etc", "<b>x</b>"])
def test_an_unknown_project_is_treated_as_none_on_every_page(visit, unknown):
    tab = visit()
    for name in NAMES:
        tab.app.query_params["project"] = unknown
        assert "No project is open" in tab.go(name).text
        assert unknown not in tab.raw
        assert "project" not in tab.app.query_params


def test_every_other_page_of_a_project_without_a_file_links_to_upload(visit, open_home):
    tab = visit(project_id=open_home().create_project("Empty").id)
    for name in NAMES[1:]:
        assert "This project has no file yet" in tab.go(name).text
        assert tab.links == ["Go to Upload"]


def test_every_link_keeps_the_project(visit, project):
    tab = visit(project_id=project.id)
    for name in NAMES:
        links = [*tab.go(name).app.main.get("page_link"), *tab.app.sidebar.get("page_link")]
        assert {link.proto.query_string for link in links if link.proto.page} == {f"project={project.id}"}


def test_every_page_but_the_last_links_to_the_next_at_the_top_and_the_bottom(visit, project):
    tab = visit(project_id=project.id)
    for step, following in pairwise(STEPS[:5]):
        assert tab.go(step.name).links == [f"Next: {following.title}"] * 2


@pytest.mark.parametrize("name", ("quality", "cleaning", "regression", "importance"))
def test_every_chart_has_a_text_alternative(visit, project, name):
    app = visit(name, project.id).app
    alternatives = [chart.proto.alt for chart in app.get("plotly_chart")]
    alternatives += [json.loads(chart.proto.json)["alt"] for chart in app.get("bidi_component")]
    assert alternatives
    assert all(len(alt) > 20 for alt in alternatives)


@pytest.mark.parametrize("name", ("upload", "quality", "cleaning", "regression", "importance"))
def test_the_title_of_every_chart_is_page_text(visit, project, name):
    tab = visit(name, project.id)
    for chart in tab.app.get("plotly_chart"):
        layout = json.loads(chart.proto.spec)["layout"]
        assert f"**{layout['meta']['title']}**" in tab.text
        assert layout["meta"]["subtitle"] in tab.text
        assert "title" not in layout


def test_the_sidebar_names_the_project_and_its_eight_steps_in_order(visit, project):
    tab = visit("quality", project.id)
    labels = [link.proto.label for link in tab.app.sidebar.get("page_link")]
    assert labels == ["Projects", *(f"{number} {step.title}" for number, step in enumerate(STEPS, start=1))]
    assert "S&P 500 with market drivers" in "".join(text.value for text in tab.app.sidebar.markdown).replace("\\", "")


def test_only_finished_steps_are_ticked(visit, project):
    tab = visit("quality", project.id)
    states = {step.title: tab.state_of(step.title) for step in STEPS}
    assert [title for title, state in states.items() if state == DONE] == [step.title for step in STEPS[:5]]
    assert {states[step.title] for step in STEPS[5:]} == {TO_DO}


def test_no_page_imports_tensorflow(project, training_libraries_after):
    assert training_libraries_after(project.id, *NAMES) == "set()"


def test_a_bug_is_shown_by_its_id_and_logged(visit, project, served, monkeypatch, caplog):
    def fail(*_: object) -> None:
        raise KeyError("an internal secret")

    monkeypatch.setattr("pages.parts.upload.describe_data.quality_sentence", fail)
    tab = visit("quality", project.id)
    (error,) = tab.app.error
    error_id = re.search(r"Internal error; your project is safe\. Error id ([0-9a-f]{8}) ", error.value)
    assert "secret" not in tab.text
    assert "secret" in caplog.text
    assert error_id[1] in caplog.text


def test_a_damaged_result_of_small_data_is_computed_again_at_once(visit, workspace, project):
    profile = next(workspace.cache(project.id).folder.glob("profile-*.json"))
    whole = profile.read_bytes()
    profile.write_bytes(whole[:1000])
    assert visit("quality", project.id).app.get("plotly_chart")
    assert profile.read_bytes() == whole
    assert not workspace.runs(project.id, kind="profile", active=True)


def test_a_damaged_result_of_large_data_is_computed_again_once(visit, workspace, project, monkeypatch):
    monkeypatch.setattr(small_data, "MOST_CELLS", 0)
    profile = next(workspace.cache(project.id).folder.glob("profile-*.json"))
    whole = profile.read_bytes()
    profile.write_bytes(whole[:1000])
    tab = visit("quality", project.id)
    (run,) = workspace.runs(project.id, kind="profile", active=True)
    profile.write_bytes(whole)
    workspace.request_stop(run.id)
    tab.draw()
    assert tab.app.get("plotly_chart")
    assert not workspace.runs(project.id, kind="profile", active=True)
