"""Regression, importance and training: a button queues one job, and the page shows its progress and how it ended."""

import json
import os

import pytest

from core.workspace.processes import mark_process
from core.workspace.runs import RunState, say
from pages.parts.frame.step_states import DONE, STALE
from pages.parts.models import job_panel

JOBS = [("regression", "regression.hac_lags", 7), ("importance", "importance.iterations", 30)]
STARTS = [*[(step, f"start-{step}") for step, *_ in JOBS], ("training", "train")]


@pytest.mark.parametrize(("step", "key", "value"), JOBS, ids=["regression", "importance"])
def test_results_are_shown_and_changed_settings_make_them_stale(visit, project, step, key, value):
    tab = visit(step, project.id)
    assert tab.app.get("plotly_chart")
    assert tab.app.dataframe
    assert not tab.has(f"start-{step}")
    tab.set(key, value)
    assert not tab.app.get("plotly_chart")
    assert tab.has(f"start-{step}")
    assert tab.state_of(step.capitalize()) == STALE
    tab.press("Undo")
    assert tab.app.get("plotly_chart")
    assert tab.state_of(step.capitalize()) == DONE


@pytest.fixture(autouse=True)
def _two_jobs_run_at_a_time(monkeypatch):
    monkeypatch.setenv("PLUMBLINE_JOBS", "2")


def queued(step: str) -> str:
    return f"{job_panel.title_of_job(step)} is next in the queue; 2 jobs run at a time"


@pytest.mark.parametrize(("step", "button"), STARTS, ids=[step for step, _ in STARTS])
def test_a_button_starts_one_run_even_when_two_tabs_press_it(visit, workspace, unfinished, step, button):
    first, second = visit(step, unfinished.id), visit(step, unfinished.id)
    first.press(button)
    second.press(button)
    (run,) = workspace.runs(unfinished.id, kind=step)
    assert run.state is RunState.QUEUED
    for tab in (first, second):
        assert not tab.has(button)
        assert queued(step) in tab.text
        assert tab.has(f"stop-{run.id}")


@pytest.mark.parametrize(("step", "button"), STARTS, ids=[step for step, _ in STARTS])
def test_a_running_job_shows_its_progress_and_is_stopped_by_its_button(visit, workspace, unfinished, step, button):
    run = workspace.start_run(unfinished.id, step)
    assert workspace.claim_run(run.id, mark_process(os.getpid()))
    tab = visit(step, unfinished.id)
    assert "is starting" in tab.text
    step_event = say("step", done=1, total=4, text="Fold 1 of 4 <b>x</b>", elapsed=30.0, remaining=90.0)
    workspace.record_heartbeat(run.id, 30.0, False, [step_event])
    assert "Fold 1 of 4 <b>x</b> · 0:30 elapsed, about 1:30 left" in tab.draw().text
    assert "<b>" not in tab.raw.replace(r"\<b", "")
    tab.press(f"stop-{run.id}")
    assert workspace.run(run.id).state is RunState.STOPPING
    assert "is stopping" in tab.text
    assert "is stopping ·" not in tab.text
    workspace.record_heartbeat(
        run.id, 31.0, True, [say("step", done=1, total=9, text="Baseline ar", elapsed=31.0, remaining=None)]
    )
    assert "is stopping · Baseline ar" in tab.draw().text
    assert tab.widget(f"stop-{run.id}").disabled


def test_a_queued_job_shows_its_place_among_those_of_all_users(visit, workspace, unfinished, monkeypatch):
    other = workspace.for_owner("other")
    theirs = other.create_project("Theirs")
    other.add_file(theirs.id, "theirs.csv", workspace.source(unfinished.id).path)
    other.start_run(theirs.id, "profile")
    monkeypatch.setenv("PLUMBLINE_JOBS", "1")
    workspace.start_run(unfinished.id, "regression")
    # A job with a process does not wait.
    taken = workspace.start_run(unfinished.id, "importance")
    workspace.claim_run(taken.id, mark_process(os.getpid()))
    workspace.start_run(unfinished.id, "training")
    tab = visit("training", unfinished.id)
    assert "Training is 3rd in the queue; 1 job runs at a time" in tab.text
    assert any(bar.proto.text.startswith("Regression is 2nd in the queue") for bar in tab.app.sidebar.get("progress"))


@pytest.mark.parametrize("step", ["quality", "results", "export"])
def test_the_sidebar_of_other_pages_shows_running_jobs(visit, workspace, unfinished, step):
    workspace.start_run(unfinished.id, "regression")
    tab = visit(step, unfinished.id)
    assert "Running" in [caption.value for caption in tab.app.sidebar.caption]
    assert [bar.proto.text for bar in tab.app.sidebar.get("progress")] == [queued("regression")]


@pytest.mark.parametrize(("step", "button"), STARTS, ids=[step for step, _ in STARTS])
def test_a_failed_run_shows_its_message_and_hint_and_can_be_started_again(
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
def test_an_internal_error_is_shown_by_its_id_without_a_traceback(visit, workspace, unfinished, end_as, step):
    run = end_as(unfinished, step, RunState.FAILED, "Internal error.", "See the run's log.", "ab12cd34")
    run.folder.mkdir(parents=True)
    (run.folder / "worker.log").write_text('Traceback (most recent call last):\n  File "secret.py"')
    tab = visit(step, unfinished.id)
    assert "ab12cd34" in tab.text
    assert "Traceback" not in tab.text
    assert "secret" not in tab.text
    tab.press(f"resume-{run.id}")
    assert workspace.run(run.id).state is RunState.QUEUED


@pytest.mark.parametrize("step", ["regression", "importance", "training"])
def test_an_interrupted_run_can_be_resumed(visit, workspace, unfinished, end_as, step):
    run = end_as(unfinished, step, RunState.INTERRUPTED, "Its process ended.", "Resume it.")
    tab = visit(step, unfinished.id)
    assert len(tab.app.warning) == 1
    tab.press(f"resume-{run.id}")
    assert workspace.run(run.id).state is RunState.QUEUED
    assert len(workspace.runs(unfinished.id, kind=step)) == 1
    assert queued(step) in tab.text


def test_a_stopped_training_can_be_resumed_until_the_test_era_was_opened_for_it(visit, workspace, unfinished, end_as):
    run = end_as(unfinished, "training", RunState.STOPPED, "Stopped on request.")
    tab = visit("training", unfinished.id)
    assert tab.has("train")
    tab.press(f"resume-{run.id}")
    assert workspace.run(run.id).state is RunState.QUEUED
    assert len(workspace.runs(unfinished.id, kind="training")) == 1

    workspace.request_stop(run.id)
    assert tab.draw().has(f"resume-{run.id}")
    workspace.start_run(unfinished.id, "opening", run.id)
    assert not tab.draw().has(f"resume-{run.id}")
    assert tab.has("train")


def test_a_second_tab_that_resumes_a_queued_run_starts_nothing_more(visit, workspace, unfinished, end_as):
    run = end_as(unfinished, "training", RunState.INTERRUPTED)
    first, second = visit("training", unfinished.id), visit("training", unfinished.id)
    first.press(f"resume-{run.id}")
    second.press(f"resume-{run.id}")
    assert [run.state for run in workspace.runs(unfinished.id, kind="training")] == [RunState.QUEUED]


def test_resuming_while_another_training_is_queued_is_refused(visit, workspace, unfinished, end_as):
    run = end_as(unfinished, "training", RunState.INTERRUPTED)
    tab = visit("training", unfinished.id)
    workspace.start_run(unfinished.id, "training")
    tab.press(f"resume-{run.id}")
    assert workspace.run(run.id).state is RunState.INTERRUPTED
    assert len(tab.app.error) == 1
    assert queued("training") in tab.text


def test_a_running_training_shows_the_loss_of_every_epoch(visit, workspace, project):
    run = workspace.start_run(project.id, "training")
    assert workspace.claim_run(run.id, mark_process(os.getpid()))
    metrics = [
        say("metric", name=name, step=epoch, value=value / epoch, elapsed=1.0)
        for epoch in (1, 2, 3)
        for name, value in (("loss", 1.0), ("val_loss", 2.0))
    ]
    workspace.record_heartbeat(run.id, 1.0, False, metrics)
    tab = visit("training", project.id)
    assert "Epoch 3: loss 0.3333, val_loss 0.6667. Best val_loss 0.6667 at epoch 3." in tab.text
    (figure,) = tab.app.get("bidi_component")
    assert figure.proto.component_name == "live_chart"
    traces = {trace["name"]: trace for trace in json.loads(json.loads(figure.proto.json)["figure"])["data"]}
    assert {"loss", "val_loss"} <= traces.keys()
    assert "Changes apply to the next run." in tab.text
    tab.set("training.epochs", 5)
    assert workspace.run(run.id).recipe.training.epochs == 2


def test_before_the_first_training_the_page_says_that_it_continues_without_the_page(visit, project):
    tab = visit("training", project.id)
    assert "A training keeps running if you close this page." in tab.text
    assert tab.links == ["Next: Results"]


def test_the_inputs_of_training_follow_the_ranking_or_the_manual_selection(visit, project):
    tab = visit("importance", project.id)
    start = "Training uses the ranking's selection: "
    names = next(line for line in tab.text.splitlines() if line.startswith(start)).removeprefix(start)
    assert f"Inputs, selected in step 5: {names}" in visit("training", project.id).text
    tab.set("training.features", ["vix", "sp500.log_return"])
    assert "Training uses 2 manually selected features." in tab.text
    assert "Inputs, selected manually: vix; sp500, log return." in visit("training", project.id).text


def test_before_the_ranking_the_page_shows_the_largest_number_of_inputs(visit, unfinished):
    assert "Inputs: up to 10 features, selected in step 5." in visit("training", unfinished.id).text
