import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from core.errors.model import WorkspaceError
from core.recipe.model import Recipe
from core.workspace.database import events, recipes, runs
from core.workspace.processes import ProcessMark
from core.workspace.runs import RunState, StepEvent, say

WORKER = ProcessMark(2**22 + 1, "a worker that does not exist")


@pytest.fixture
def training(workspace, project):
    """A training that a worker has taken up."""
    run = workspace.start_run(project.id, "training")
    assert workspace.claim_run(run.id, WORKER)
    return workspace.run(run.id)


def states_of(workspace, run) -> list[str]:
    return [event.payload["state"] for event in workspace.events(run.id, kinds=("state",))]


def test_a_run_keeps_the_recipe_and_the_file_that_it_was_started_with(workspace, project):
    source = workspace.source(project.id)
    run = workspace.start_run(project.id, "training")
    workspace.save_recipe(project.id, Recipe().change("training", horizon=5), "Horizon 5")
    workspace.add_file(project.id, "new.csv", io.BytesIO(b"other"))
    again = workspace.run(run.id)
    assert (again.recipe, again.source_path, again.fingerprint) == (Recipe(), source.path, source.fingerprint)
    assert again.folder == workspace.folder_of(project.id) / "runs" / run.id
    assert again.state is RunState.QUEUED
    assert again.state.active


def test_a_project_without_a_file_starts_nothing(workspace):
    with pytest.raises(WorkspaceError, match="no file yet"):
        workspace.start_run(workspace.create_project("Empty").id, "profile")


def test_a_job_of_no_known_kind_is_refused(workspace, project):
    with pytest.raises(WorkspaceError, match="no job called 'dance'"):
        workspace.start_run(project.id, "dance")


def test_a_second_click_gives_the_same_run_until_it_has_ended(workspace, project, training):
    assert workspace.start_run(project.id, "training").id == training.id
    assert workspace.start_run(project.id, "profile").id != training.id
    workspace.end_run(training.id, WORKER, RunState.FINISHED)
    assert workspace.start_run(project.id, "training").id != training.id


def test_many_clicks_at_once_start_one_run(workspace, project):
    barrier = threading.Barrier(8)

    def click(_: int) -> str:
        barrier.wait()
        return workspace.start_run(project.id, "training").id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(click, range(8)))) == 1
    assert len(workspace.runs(project.id)) == 1


def test_only_one_process_can_claim_a_run(workspace, project):
    run = workspace.start_run(project.id, "training")
    marks = [ProcessMark(2**22 + number, "x") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda mark: workspace.claim_run(run.id, mark), marks))
    assert claims.count(True) == 1
    assert workspace.run(run.id).process == marks[claims.index(True)]


def test_runs_are_found_by_project_kind_and_whether_they_are_active(workspace, project, training):
    profile = workspace.start_run(project.id, "profile")
    workspace.end_run(training.id, WORKER, RunState.FINISHED)
    assert [run.id for run in workspace.runs()] == [profile.id, training.id]
    assert [run.id for run in workspace.runs(active=True)] == [profile.id]
    assert [run.id for run in workspace.runs(active=False)] == [training.id]
    assert [run.id for run in workspace.runs(project.id, "training")] == [training.id]
    assert workspace.latest_run(project.id, "training").id == training.id
    assert workspace.latest_run(project.id, "importance") is None


def test_a_run_that_waits_is_stopped_at_once_and_can_no_longer_be_claimed(workspace, project):
    run = workspace.start_run(project.id, "training")
    workspace.request_stop(run.id)
    assert workspace.run(run.id).state is RunState.STOPPED
    assert not workspace.claim_run(run.id, WORKER)
    assert states_of(workspace, run) == ["queued", "stopped"]


def test_a_run_at_work_is_asked_to_stop_once(workspace, training):
    workspace.request_stop(training.id)
    asked = workspace.run(training.id)
    assert asked.state is RunState.STOPPING
    workspace.request_stop(training.id)
    assert workspace.run(training.id).stop_asked == asked.stop_asked
    workspace.end_run(training.id, WORKER, RunState.STOPPED)
    workspace.request_stop(training.id)
    assert states_of(workspace, training) == ["queued", "running", "stopping", "stopped"]


@pytest.mark.parametrize("ending", [RunState.STOPPED, RunState.FAILED, RunState.INTERRUPTED])
def test_a_run_that_broke_off_is_queued_again_in_its_folder_with_a_clean_record(workspace, training, ending):
    workspace.request_stop(training.id)
    workspace.record_heartbeat(training.id, 12.5, stop_seen=True)
    workspace.end_run(training.id, WORKER, ending, "It broke.", "Mend it.", "12ab")
    assert workspace.run(training.id).error_id == "12ab"
    again = workspace.resume_run(training.id)
    assert (again.id, again.folder, again.state) == (training.id, training.folder, RunState.QUEUED)
    assert (again.message, again.hint, again.error_id, again.ended) == ("", "", "", None)
    assert (again.process, again.stop_asked, again.stop_seen) == (None, None, False)
    assert again.seconds == 12.5
    assert workspace.resume_run(training.id) == again


def test_a_finished_run_is_not_resumed(workspace, training):
    workspace.end_run(training.id, WORKER, RunState.FINISHED)
    with pytest.raises(WorkspaceError, match="finished"):
        workspace.resume_run(training.id)


def test_a_run_is_not_resumed_beside_another_of_its_kind(workspace, project, training):
    workspace.end_run(training.id, WORKER, RunState.FAILED)
    workspace.start_run(project.id, "training")
    with pytest.raises(WorkspaceError, match="(?i)another training"):
        workspace.resume_run(training.id)
    assert workspace.run(training.id).state is RunState.FAILED


def test_the_word_of_a_process_that_lost_its_run_does_not_count(workspace, training):
    workspace.end_run(training.id, WORKER, RunState.INTERRUPTED)
    workspace.resume_run(training.id)
    assert not workspace.end_run(training.id, WORKER, RunState.FINISHED)
    other = ProcessMark(WORKER.pid, "another that got its number")
    workspace.claim_run(training.id, other)
    assert not workspace.end_run(training.id, WORKER, RunState.FINISHED)
    assert workspace.end_run(training.id, other, RunState.FINISHED)


def test_events_are_read_from_where_one_left_off(workspace, training):
    said = [say("metric", name="loss", step=step, value=1.0 / step) for step in (1, 2)]
    workspace.record_heartbeat(training.id, 1.0, False, said)
    first = workspace.events(training.id, kinds=("metric",))
    assert [event.payload["step"] for event in first] == [1, 2]
    workspace.record_heartbeat(training.id, 1.0, False, [say("metric", name="loss", step=3, value=float("nan"))])
    (third,) = workspace.events(training.id, after=first[-1].seq)
    assert third.payload == {"name": "loss", "step": 3, "value": None}
    assert workspace.events(training.id, after=third.seq) == ()


def test_a_metric_told_again_after_a_resume_is_one_point(workspace, training):
    for step, value in ((1, 0.9), (2, 0.8), (3, 0.7), (2, 0.81), (4, 0.6)):
        workspace.record_heartbeat(training.id, 1.0, False, [say("metric", name="loss", step=step, value=value)])
    assert workspace.metrics(training.id) == {"loss": {1: 0.9, 2: 0.81, 3: 0.7, 4: 0.6}}


def test_the_last_step_tells_how_far_a_run_is(workspace, training):
    assert workspace.last_step(training.id) is None
    for done in (1, 2):
        event = say("step", done=done, total=4, text="Epochs", elapsed=3.0, remaining=None)
        workspace.record_heartbeat(training.id, 1.0, False, [event, say("metric", name="loss", step=done, value=1.0)])
    assert workspace.last_step(training.id) == StepEvent(done=2, total=4, text="Epochs", elapsed=3.0, remaining=None)
    assert workspace.last_step(training.id).share == 0.5


@pytest.mark.parametrize(("done", "total", "share"), [(0, 0, 0.0), (5, 4, 1.0), (-1, 4, 0.0)])
def test_a_share_is_never_outside_0_and_1(done, total, share):
    assert StepEvent(done=done, total=total, text="", elapsed=0.0, remaining=None).share == share


@pytest.mark.parametrize("payload", ["", "{", "[1]", "3", '{"done": 1}', "\x00"])
def test_damaged_events_are_left_out(workspace, training, payload):
    with workspace.database.writing() as connection:
        for kind in ("step", "metric"):
            connection.execute(insert(events).values(run_id=training.id, time=0.0, kind=kind, payload=payload))
    workspace.record_heartbeat(training.id, 1.0, False, [say("metric", name="loss", step=1, value=1.0)])
    assert workspace.events(training.id)
    assert workspace.metrics(training.id) == {"loss": {1: 1.0}}
    assert workspace.last_step(training.id) is None


@pytest.mark.parametrize("field", ["state", "kind", "document"])
@pytest.mark.parametrize("damage", ["", "\x00", "{", "[]", '{"of_next_year": 1}'])
def test_a_damaged_record_is_shown_as_damaged_beside_the_others(workspace, project, training, field, damage):
    workspace.end_run(training.id, WORKER, RunState.FINISHED)
    workspace.save_recipe(project.id, Recipe().change("training", horizon=5), "Horizon 5")
    sound = workspace.start_run(project.id, "profile")
    table, row = (recipes, recipes.c.id == 1) if field == "document" else (runs, runs.c.id == training.id)
    with workspace.database.writing() as connection:
        connection.execute(update(table).where(row).values({field: damage}))
    listed, damaged = workspace.runs(project.id)
    assert listed == sound
    assert (damaged.id, damaged.state, damaged.message) == (
        training.id,
        RunState.FAILED,
        "The record of this run is damaged.",
    )


def test_an_opening_takes_recipe_and_file_of_its_training(workspace, project, training):
    workspace.end_run(training.id, WORKER, RunState.STOPPED)
    workspace.save_recipe(project.id, Recipe().change("training", horizon=5), "Horizon 5")
    workspace.add_file(project.id, "new.csv", io.BytesIO(b"other"))
    opening = workspace.start_run(project.id, "opening", parent=training.id)
    assert (opening.recipe, opening.source_path) == (training.recipe, training.source_path)


def test_only_a_finished_training_of_the_project_can_be_opened(workspace, project, training):
    with pytest.raises(WorkspaceError, match="not finished"):
        workspace.start_run(project.id, "opening", parent=training.id)
    workspace.end_run(training.id, WORKER, RunState.FINISHED)
    profile = workspace.start_run(project.id, "profile")
    other = workspace.create_project("Other")
    for project_id, parent in ((project.id, profile.id), (project.id, "absent"), (other.id, training.id)):
        with pytest.raises(WorkspaceError, match="no such training"):
            workspace.start_run(project_id, "opening", parent=parent)
    with pytest.raises(WorkspaceError, match="for a training"):
        workspace.start_run(project.id, "opening")


def test_two_trainings_are_not_opened_at_once(workspace, project, training):
    workspace.end_run(training.id, WORKER, RunState.FINISHED)
    second = workspace.start_run(project.id, "training")
    workspace.claim_run(second.id, WORKER)
    workspace.end_run(second.id, WORKER, RunState.FINISHED)
    opening = workspace.start_run(project.id, "opening", parent=training.id)
    assert workspace.start_run(project.id, "opening", parent=training.id).id == opening.id
    with pytest.raises(WorkspaceError, match="(?i)another training"):
        workspace.start_run(project.id, "opening", parent=second.id)


def test_a_clock_set_back_changes_neither_order_nor_what_is_latest(workspace, project, training, monkeypatch):
    workspace.end_run(training.id, WORKER, RunState.FINISHED)
    an_hour_ago = time.time() - 3600
    monkeypatch.setattr(time, "time", lambda: an_hour_ago)
    later, newest = workspace.start_run(project.id, "training"), workspace.create_project("Newest")
    assert later.created < training.created
    assert workspace.latest_run(project.id, "training").id == later.id
    assert [run.id for run in workspace.runs(project.id)] == [later.id, training.id]
    assert workspace.projects()[0] == newest


def test_a_silent_run_is_called_stalled_only_while_it_should_be_alive(workspace, training):
    now = datetime.now(UTC)
    assert not training.stalled(now)
    assert training.stalled(now + timedelta(seconds=31))
    assert not training.stalled(now - timedelta(hours=1))
    workspace.end_run(training.id, WORKER, RunState.FINISHED)
    assert not workspace.run(training.id).stalled(now + timedelta(hours=1))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["start", "stop", "resume", "claim", "finish", "fail", "lose"]), max_size=15))
def test_whatever_two_tabs_and_a_worker_do_no_two_runs_are_active_and_no_state_is_skipped(workspace, acts):
    project = workspace.create_project("Gold")
    workspace.add_file(project.id, "gold.csv", io.BytesIO(b"1"))
    run = workspace.start_run(project.id, "training")
    ends = {"finish": RunState.FINISHED, "fail": RunState.FAILED, "lose": RunState.INTERRUPTED}
    for act in acts:
        try:
            if act == "start":
                run = workspace.start_run(project.id, "training")
            elif act == "stop":
                workspace.request_stop(run.id)
            elif act == "resume":
                workspace.resume_run(run.id)
            elif act == "claim":
                workspace.claim_run(run.id, WORKER)
            else:
                workspace.end_run(run.id, WORKER, ends[act])
        except WorkspaceError:
            assert act == "resume"
        assert len(workspace.runs(project.id, active=True)) <= 1
    may_follow = {
        "queued": {"running", "stopped"},
        "running": {"stopping", "finished", "failed", "interrupted"},
        "stopping": {"finished", "failed", "interrupted"},
        "finished": set(),
    }
    for one in workspace.runs(project.id):
        states = states_of(workspace, one)
        assert states[0] == "queued"
        assert states[-1] == one.state
        for before, after in zip(states, states[1:], strict=False):
            assert after in may_follow.get(before, {"queued"})


def test_a_resumed_run_that_is_stopped_in_the_queue_has_begun_before(workspace, project):
    run = workspace.start_run(project.id, "training")
    workspace.request_stop(run.id)
    assert workspace.run(run.id).message == "Stopped before it began."
    workspace.resume_run(run.id)
    assert workspace.claim_run(run.id, WORKER)
    assert workspace.end_run(run.id, WORKER, RunState.INTERRUPTED)
    workspace.resume_run(run.id)
    workspace.request_stop(run.id)
    assert (workspace.run(run.id).state, workspace.run(run.id).message) == (
        RunState.STOPPED,
        "Stopped before it resumed.",
    )
