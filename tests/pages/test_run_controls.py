"""What can be done with a training that has ended: continue it, use its settings, delete it."""

import pytest

from core.delivery.results import WORK
from core.forecast.network.loss_findings import MOST_EPOCHS
from core.forecast.network.training_cache import CHECKPOINTS
from core.recipe.model import Recipe
from core.workspace.runs import RunState
from pages.parts.models import run_controls


def test_a_finished_training_goes_on_as_a_new_one_from_its_checkpoint(visit, workspace, project, end_as):
    run = end_as(project, "training", RunState.FINISHED)
    checkpoints = run.folder / WORK / CHECKPOINTS
    checkpoints.mkdir(parents=True)
    (checkpoints / "checkpoint-a.npz").write_bytes(b"epoch 2")
    tab = visit("training", project.id)
    tab.set(f"more-epochs-{run.id}", 5).press(f"continue-{run.id}")
    new = workspace.latest_run(project.id, "training")
    assert (new.id != run.id, new.state) == (True, RunState.QUEUED)
    before, after = run.recipe.training, new.recipe.training
    assert (after.epochs, after.patience) == (before.epochs + 5, before.patience + 5)
    assert after == before.model_copy(update={"epochs": after.epochs, "patience": after.patience})
    assert workspace.recipe(project.id) == new.recipe
    assert (new.folder / WORK / CHECKPOINTS / "checkpoint-a.npz").read_bytes() == b"epoch 2"
    assert workspace.run(run.id).state is RunState.FINISHED


@pytest.mark.parametrize(
    ("state", "training", "possible"),
    [
        (RunState.FINISHED, {}, True),
        (RunState.STOPPED, {}, False),
        (RunState.FINISHED, {"seeds": 2}, False),
        (RunState.FINISHED, {"epochs": MOST_EPOCHS}, False),
    ],
)
def test_only_a_finished_training_of_one_network_can_go_on(workspace, project, end_as, state, training, possible):
    workspace.save_recipe(project.id, workspace.recipe(project.id).change("training", **training), "Other")
    assert run_controls.can_continue(end_as(project, "training", state)) is possible


def test_epochs_and_patience_stay_within_their_bounds():
    grown = run_controls.continued(Recipe().change("training", epochs=4000, patience=900), 3000).training
    assert (grown.epochs, grown.patience) == (MOST_EPOCHS, 1000)


@pytest.mark.slow
def test_settings_of_a_training_are_used_again_and_it_is_deleted_from_results(visit, open_home, trained_home):
    workspace = open_home(trained_home)
    (project,) = workspace.projects()
    (run,) = workspace.runs(project.id, kind="training")
    tab = visit("results", project.id)
    assert tab.widget(f"settings-{run.id}").disabled
    workspace.save_recipe(project.id, run.recipe.change("training", window=9, epochs=3), "Other")
    tab.draw().press(f"settings-{run.id}")
    assert workspace.recipe(project.id) == run.recipe
    tab.press(f"delete-run-{run.id}")
    assert workspace.runs(project.id, kind="training") == ()
    assert not run.folder.exists()
    assert "No finished training yet." in tab.text
