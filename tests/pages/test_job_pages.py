"""Regression, importance and training: a button queues one job, and the page tells how it stands and how it ended."""

import json
import os

import pytest

from core.workspace.processes import mark_process
from core.workspace.runs import RunState, say

JOBS = [
    ("regression", "Fit the regression", "regression.hac_lags", 7),
    ("importance", "Rank the features", "importance.iterations", 30),
]
ASKED = [*[(step, f"start-{step}") for step, *_ in JOBS], ("training", "train")]


@pytest.mark.parametrize(("step", "label", "key", "value"), JOBS, ids=["regression", "importance"])
def test_finished_results_are_shown_and_changed_settings_make_them_stale(visit, project, step, label, key, value):
    tab = visit(step, project.id)
    assert tab.app.get("plotly_chart")
    assert tab.app.dataframe
    assert label not in tab.buttons
    tab.set(key, value)
    assert not tab.app.get("plotly_chart")
    assert label in tab.buttons
    assert tab.state_of(step.capitalize()) == "stale"
    tab.press("Undo")
    assert tab.app.get("plotly_chart")
    assert tab.state_of(step.capitalize()) == "done"


@pytest.fixture
def unfinished(workspace, project):
    """The sample, with settings under which no step behind cleaning was done."""
    workspace.save_recipe(project.id, workspace.recipe(project.id).change("training", horizon=3), "Horizon: 3")
    return project


@pytest.mark.parametrize(("step", "button"), ASKED, ids=[step for step, _ in ASKED])
def test_a_button_starts_one_run_even_when_two_tabs_press_it(visit, workspace, unfinished, step, button):
    first, second = visit(step, unfinished.id), visit(step, unfinished.id)
    first.press(button)
    second.press(button)
    (run,) = workspace.runs(unfinished.id, kind=step)
    assert run.state is RunState.QUEUED
    for tab in (first, second):
        assert not tab.has(button)
        assert "waits for a free place" in tab.said
        assert tab.has(f"stop-{run.id}")


@pytest.mark.parametrize(("step", "button"), ASKED, ids=[step for step, _ in ASKED])
def test_a_run_that_is_at_work_tells_how_far_it_is_and_stops_when_asked(visit, workspace, unfinished, step, button):
    run = workspace.start_run(unfinished.id, step)
    assert workspace.claim_run(run.id, mark_process(os.getpid()))
    tab = visit(step, unfinished.id)
    assert "is starting" in tab.said
    told = say("step", done=1, total=4, text="Fold 1 of 4 <b>x</b>", elapsed=30.0, remaining=90.0)
    workspace.note_beat(run.id, 30.0, False, [told])
    assert "Fold 1 of 4 <b>x</b> · 0:30 so far, about 1:30 left" in tab.draw().said
    assert "<b>" not in tab.raw.replace(r"\<b", "")
    tab.press(f"stop-{run.id}")
    assert workspace.run(run.id).state is RunState.STOPPING
    assert "is stopping" in tab.said
    assert tab.widget(f"stop-{run.id}").disabled


@pytest.mark.parametrize("step", ["quality", "results", "export"])
def test_the_sidebar_of_other_pages_shows_what_is_at_work(visit, workspace, unfinished, step):
    workspace.start_run(unfinished.id, "regression")
    tab = visit(step, unfinished.id)
    assert "Running" in [caption.value for caption in tab.app.sidebar.caption]
    assert [bar.proto.text for bar in tab.app.sidebar.get("progress")] == ["Regression waits for a free place"]


@pytest.mark.parametrize(("step", "button"), ASKED, ids=[step for step, _ in ASKED])
def test_a_failed_run_tells_its_message_and_hint_and_can_be_started_again(
    visit, workspace, unfinished, end_as, step, button
):
    end_as(unfinished, step, RunState.FAILED, "Column <b>x</b> is constant.", "Drop it.")
    tab = visit(step, unfinished.id)
    (error,) = tab.app.error
    assert error.value.replace("\\", "") == "Column <b>x</b> is constant. Drop it."
    assert r"\<b\>" in error.value
    tab.press(button)
    assert len(workspace.runs(unfinished.id, kind=step, active=True)) == 1


@pytest.mark.parametrize("step", ["regression", "importance", "training"])
def test_a_fault_of_the_program_tells_its_number_and_no_traceback(visit, workspace, unfinished, end_as, step):
    fault = "Plumbline met a fault of its own."
    run = end_as(unfinished, step, RunState.FAILED, fault, "The log of the run says more.", "ab12cd34")
    run.folder.mkdir(parents=True)
    (run.folder / "worker.log").write_text('Traceback (most recent call last):\n  File "secret.py"')
    tab = visit(step, unfinished.id)
    assert "ab12cd34" in tab.said
    assert "Traceback" not in tab.said
    assert "secret" not in tab.said
    tab.press(f"resume-{run.id}")
    assert workspace.run(run.id).state is RunState.QUEUED


@pytest.mark.parametrize("step", ["regression", "importance", "training"])
def test_an_interrupted_run_can_be_resumed(visit, workspace, unfinished, end_as, step):
    run = end_as(unfinished, step, RunState.INTERRUPTED, "Its process ended.", "Resume it.")
    tab = visit(step, unfinished.id)
    assert "was interrupted" in tab.said
    assert "Resume" in tab.buttons
    tab.press(f"resume-{run.id}")
    assert workspace.run(run.id).state is RunState.QUEUED
    assert len(workspace.runs(unfinished.id, kind=step)) == 1
    assert "waits for a free place" in tab.said


def test_a_stopped_training_can_go_on_until_the_test_era_was_opened_for_it(visit, workspace, unfinished, end_as):
    run = end_as(unfinished, "training", RunState.STOPPED, "Stopped on request.")
    tab = visit("training", unfinished.id)
    assert {"Train", "Resume"} <= set(tab.buttons)
    tab.press(f"resume-{run.id}")
    assert workspace.run(run.id).state is RunState.QUEUED
    assert len(workspace.runs(unfinished.id, kind="training")) == 1

    workspace.request_stop(run.id)
    assert "Resume" in tab.draw().buttons
    workspace.start_run(unfinished.id, "opening", run.id)
    assert "Resume" not in tab.draw().buttons
    assert "Train" in tab.buttons


def test_a_second_tab_that_resumes_what_already_waits_starts_nothing_more(visit, workspace, unfinished, end_as):
    run = end_as(unfinished, "training", RunState.INTERRUPTED)
    first, second = visit("training", unfinished.id), visit("training", unfinished.id)
    first.press(f"resume-{run.id}")
    second.press(f"resume-{run.id}")
    assert [run.state for run in workspace.runs(unfinished.id, kind="training")] == [RunState.QUEUED]


def test_resuming_while_another_training_waits_is_refused_in_a_sentence(visit, workspace, unfinished, end_as):
    run = end_as(unfinished, "training", RunState.INTERRUPTED)
    tab = visit("training", unfinished.id)
    workspace.start_run(unfinished.id, "training")
    tab.press(f"resume-{run.id}")
    assert workspace.run(run.id).state is RunState.INTERRUPTED
    assert [error.value.replace("\\", "") for error in tab.app.error] == [
        "Another training of this project is active. Stop it first, or wait for its end."
    ]
    assert "waits for a free place" in tab.said


def test_training_draws_a_loss_for_every_epoch_while_it_learns(visit, workspace, project):
    run = workspace.start_run(project.id, "training")
    assert workspace.claim_run(run.id, mark_process(os.getpid()))
    said = [
        say("metric", name=name, step=epoch, value=value / epoch, elapsed=1.0)
        for epoch in (1, 2, 3)
        for name, value in (("loss", 1.0), ("val_loss", 2.0))
    ]
    workspace.note_beat(run.id, 1.0, False, said)
    tab = visit("training", project.id)
    assert "Epoch 3: loss 0.3333, val_loss 0.6667. Best val_loss 0.6667 at epoch 3." in tab.said
    (figure,) = tab.app.get("bidi_component")
    assert figure.proto.component_name == "moving_figure"
    traces = {trace["name"]: trace for trace in json.loads(json.loads(figure.proto.json)["figure"])["data"]}
    assert {"loss", "val_loss"} <= traces.keys()
    assert "this one keeps its own" in tab.said
    tab.set("training.epochs", 5)
    assert workspace.run(run.id).recipe.training.epochs == 2


def test_training_that_never_ran_says_that_it_goes_on_without_the_page(visit, project):
    tab = visit("training", project.id)
    assert "goes on when you close this page" in tab.said
    assert not tab.links


def test_what_goes_into_training_is_said_and_follows_the_choice_by_hand(visit, project):
    tab = visit("importance", project.id)
    ranked = next(line for line in tab.said.splitlines() if line.startswith("Nothing chosen by hand"))
    names = ranked.removeprefix("Nothing chosen by hand: training uses the ranking's choice: ")
    assert f"Inputs, chosen by step 5: {names}" in visit("training", project.id).said
    chosen = tab.widget("training.features").options[:2]
    tab.set("training.features", chosen)
    assert "uses the 2 features chosen by hand" in tab.said
    assert f"Inputs: {', '.join(chosen)}." in visit("training", project.id).said


def test_before_the_ranking_no_number_of_inputs_is_promised(visit, unfinished):
    assert "Inputs: the features that step 5 will choose, at most 10." in visit("training", unfinished.id).said
