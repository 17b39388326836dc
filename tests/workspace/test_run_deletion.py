import os

import pytest

from core.errors.model import WorkspaceError
from core.errors.workspace import RunStillActive
from core.workspace.processes import mark_process
from core.workspace.projects import Workspace
from core.workspace.runs import RunState, say


@pytest.fixture
def finish(workspace):
    """End a run as finished, with a file in its folder."""

    def end(run):
        process = mark_process(os.getpid())
        assert workspace.claim_run(run.id, process)
        workspace.record_heartbeat(run.id, 1.0, False, [say("metric", name="loss", step=1, value=1.0)])
        run.folder.mkdir(parents=True, exist_ok=True)
        (run.folder / "bundle.zip").write_bytes(b"model")
        assert workspace.end_run(run.id, process, RunState.FINISHED)
        return workspace.run(run.id)

    return end


def test_a_training_is_deleted_with_its_opening_its_events_and_its_files(workspace, project, finish):
    kept = finish(workspace.start_run(project.id, "training"))
    training = finish(workspace.start_run(project.id, "training"))
    opening = finish(workspace.start_run(project.id, "opening", training.id))
    workspace.label_run(training.id, "Mine", "")
    workspace.ledger(project.id).record_training(training.fingerprint, "setting")
    workspace.delete_run(training.id)
    assert [run.id for run in workspace.runs(project.id)] == [kept.id]
    assert not training.folder.exists()
    assert not opening.folder.exists()
    assert (kept.folder / "bundle.zip").exists()
    assert workspace.events(training.id) == ()
    assert workspace.ledger(project.id).count(training.fingerprint).trained == 1


def test_an_active_run_and_the_training_of_one_are_not_deleted(workspace, project, finish):
    training = finish(workspace.start_run(project.id, "training"))
    folds = workspace.start_run(project.id, "folds", training.id)
    for run in (training, folds):
        with pytest.raises(RunStillActive):
            workspace.delete_run(run.id)
    assert (training.folder / "bundle.zip").exists()
    workspace.request_stop(folds.id)
    workspace.delete_run(training.id)
    assert workspace.runs(project.id) == ()


def test_a_run_of_another_owner_is_not_deleted(workspace, project, finish):
    training = finish(workspace.start_run(project.id, "training"))
    other = Workspace(workspace.home, owner="other")
    with pytest.raises(WorkspaceError):
        other.delete_run(training.id)
    other.close()
    assert workspace.run(training.id) == training


def test_the_folder_of_a_run_is_prepared_once(workspace, project, finish):
    prepared = []
    first = workspace.start_run(project.id, "training", prepare=prepared.append)
    assert prepared == [first.folder]
    assert workspace.start_run(project.id, "training", prepare=prepared.append) == first
    assert prepared == [first.folder]


def test_a_run_that_cannot_be_prepared_is_not_started(workspace, project, finish):
    def fail(folder):
        raise OSError("no space left")

    with pytest.raises(WorkspaceError):
        workspace.start_run(project.id, "training", prepare=fail)
    assert workspace.runs(project.id) == ()
