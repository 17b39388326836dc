"""A user's own name and note of a run."""

import pytest
from sqlalchemy import text

from core.errors.model import WorkspaceError
from core.workspace.processes import ProcessMark
from core.workspace.projects import Workspace


@pytest.fixture
def training(workspace, project):
    return workspace.start_run(project.id, "training")


def test_a_run_has_no_name_at_first_and_takes_the_last_one(workspace, project, training):
    assert (training.name, training.note) == ("", "")
    workspace.label_run(training.id, "First", "Half the units")
    workspace.label_run(training.id, "Second", "")
    (found,) = workspace.runs(project.id, kind="training")
    assert (found.name, found.note) == ("Second", "")
    assert workspace.label_run(training.id, "", "").name == ""


def test_a_name_is_a_short_plain_text(workspace, training):
    found = workspace.label_run(training.id, "a\u202eb\x00\n" + "c" * 500, "n" * 5000)
    assert found.name.isprintable()
    assert len(found.name) == 60
    assert len(found.note) == 500


def test_nobody_names_the_run_of_another_owner(workspace, training):
    other = Workspace(workspace.home, owner="somebody else")
    with pytest.raises(WorkspaceError):
        other.label_run(training.id, "Mine", "")
    other.close()


def test_a_labelled_run_is_launched_and_deleted_with_its_project(workspace, project, training):
    workspace.label_run(training.id, "First", "")
    assert workspace.for_everyone().launch(4, lambda run: ProcessMark(1, run.name)).name == "First"
    workspace.delete_project(project.id)
    with workspace.database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM run_labels")).scalar_one() == 0
