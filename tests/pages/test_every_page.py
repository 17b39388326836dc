"""What holds on every page: it draws, it says what to do where something is missing, and its links keep the project."""

import json
from itertools import pairwise

import pytest

from core.steps import STEPS

NAMES = tuple(step.name for step in STEPS)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_draws_the_sample_under_its_heading_and_question(visit, project, name):
    tab = visit(name, project.id)
    step = next(step for step in STEPS if step.name == name)
    assert [title.value for title in tab.app.title] == [step.title]
    assert step.question in tab.said
    assert not tab.app.error


@pytest.mark.parametrize("name", NAMES)
def test_a_page_without_a_project_says_what_to_do(visit, name):
    tab = visit(name)
    assert "No project is open" in tab.said
    assert tab.links == ["Go to your projects"]


@pytest.mark.parametrize("unknown", ["0" * 32, "../../etc", "<b>x</b>"])
def test_an_unknown_project_is_as_none_on_every_page(visit, unknown):
    tab = visit()
    for name in NAMES:
        tab.app.query_params["project"] = unknown
        assert "No project is open" in tab.go(name).said
        assert unknown not in tab.raw
        assert "project" not in tab.app.query_params


def test_a_project_without_a_file_leads_to_upload_from_every_other_page(visit, open_home):
    tab = visit(project_id=open_home().create_project("Empty").id)
    for name in NAMES[1:]:
        assert "This project has no file yet" in tab.go(name).said
        assert tab.links == ["Go to Upload"]


def test_every_link_keeps_the_project(visit, project):
    tab = visit(project_id=project.id)
    for name in NAMES:
        links = [*tab.go(name).app.main.get("page_link"), *tab.app.sidebar.get("page_link")]
        assert {link.proto.query_string for link in links if link.proto.page} == {f"project={project.id}"}


def test_every_page_but_the_last_leads_on_to_the_next(visit, project):
    tab = visit(project_id=project.id)
    for step, following in pairwise(STEPS[:5]):
        assert tab.go(step.name).links == [f"Next: {following.title}. {following.question}"]


@pytest.mark.parametrize("name", ("quality", "cleaning", "regression", "importance"))
def test_every_chart_has_a_text_alternative(visit, project, name):
    app = visit(name, project.id).app
    said = [chart.proto.alt for chart in app.get("plotly_chart")]
    said += [json.loads(chart.proto.json)["alt"] for chart in app.get("bidi_component")]
    assert said
    assert all(len(alt) > 20 for alt in said)


@pytest.mark.parametrize("name", ("upload", "quality", "cleaning", "regression", "importance"))
def test_the_title_of_every_chart_is_text_of_the_page(visit, project, name):
    tab = visit(name, project.id)
    for chart in tab.app.get("plotly_chart"):
        layout = json.loads(chart.proto.spec)["layout"]
        assert f"**{layout['meta']['title']}**" in tab.said
        assert layout["meta"]["subtitle"] in tab.said
        assert "title" not in layout


def test_the_sidebar_names_the_project_and_its_eight_steps_in_order(visit, project):
    tab = visit("quality", project.id)
    labels = [link.proto.label for link in tab.app.sidebar.get("page_link")]
    assert labels == ["Projects", *(f"{number} {step.title}" for number, step in enumerate(STEPS, start=1))]
    assert "S&P 500 with market drivers" in "".join(text.value for text in tab.app.sidebar.markdown).replace("\\", "")


def test_steps_that_are_done_are_ticked_and_the_others_are_not(visit, project):
    tab = visit("quality", project.id)
    done = {step.title: tab.state_of(step.title) for step in STEPS}
    assert [title for title, state in done.items() if state == "done"] == [step.title for step in STEPS[:5]]
    assert {done[step.title] for step in STEPS[5:]} == {"not yet"}


def test_no_page_imports_what_trains(project, training_libraries_after):
    assert training_libraries_after(project.id, *NAMES) == "set()"


def test_a_bug_is_told_by_a_number_and_its_words_stay_in_the_log(visit, project, served, monkeypatch, caplog):
    def fail(*_: object) -> None:
        raise KeyError("a secret of the program")

    monkeypatch.setattr("pages.parts.upload.describe_data.quality", fail)
    tab = visit("quality", project.id)
    (error,) = tab.app.error
    assert "failed by a fault of the program; your project is safe" in error.value
    assert "secret" not in tab.said
    assert "secret" in caplog.text
    assert error.value.rstrip(".").rpartition(" ")[2] in caplog.text


def test_a_damaged_result_is_made_anew_once_and_found_again(visit, workspace, project):
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
