"""What can be done with a training that has ended: continue it, use its settings, delete it."""

import pytest

from core.delivery.results import WORK
from core.forecast.network.loss_findings import MOST_EPOCHS
from core.forecast.network.presets import apply_preset
from core.forecast.network.training_cache import CHECKPOINTS
from core.recipe.model import Recipe
from core.workspace.runs import RunState, say
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
        (RunState.FINISHED, {"seeds": 2}, True),
        (RunState.FINISHED, {"epochs": MOST_EPOCHS}, False),
    ],
)
def test_only_a_finished_training_can_go_on(workspace, project, end_as, state, training, possible):
    workspace.save_recipe(project.id, workspace.recipe(project.id).change("training", **training), "Other")
    assert run_controls.can_continue(end_as(project, "training", state)) is possible


def test_epochs_and_patience_stay_within_their_bounds():
    grown = run_controls.continued(Recipe().change("training", epochs=4000, patience=900), 3000).training
    assert (grown.epochs, grown.patience) == (MOST_EPOCHS, 1000)


def test_a_preset_sets_several_settings_and_shows_what_it_costs(visit, workspace, project):
    tab = visit("training", project.id)
    before = workspace.recipe(project.id)
    tab.set("training-preset", "thorough")
    assert workspace.recipe(project.id) == apply_preset(before, "thorough")
    size = next(line for line in tab.text.splitlines() if line.startswith("At most "))
    assert "train windows" in size
    assert "in each of 3 networks" in size
    assert "last training" not in size
    tab.set("training.epochs", 7)
    assert tab.widget("training-preset").value is None
    assert workspace.recipe(project.id).training.epochs == 7


def test_settings_that_leave_too_few_windows_are_refused_in_the_form(visit, workspace, project):
    tab = visit("training", project.id)
    assert not tab.widget("train").disabled
    tab.set("training.window", 1000)
    assert tab.widget("train").disabled
    (warning,) = [box.value for box in tab.app.main.get("warning") if "windows of 1,000 rows" in box.value]
    assert "at least 20" in warning
    tab.press("Undo")
    assert not tab.widget("train").disabled
    assert workspace.runs(project.id, kind="training") == ()


def test_a_training_is_estimated_at_the_speed_of_the_last_one(visit, workspace, project, end_as):
    run = end_as(project, "training", RunState.FINISHED)
    said = [say("metric", name="train_windows", step=0, value=700, elapsed=0.0)]
    for epoch in (1, 2, 3):
        said += [say("metric", name=name, step=epoch, value=1.0, elapsed=20.0 * epoch) for name in ("loss", "val_loss")]
    workspace.record_heartbeat(run.id, 60.0, False, said)
    # Two epochs of 20 seconds each, with the same settings.
    assert "Up to 0:40 for all epochs, at the speed of the last training." in visit("training", project.id).text


def test_the_filled_button_of_an_interrupted_training_resumes_it(visit, workspace, project, end_as):
    run = end_as(project, "training", RunState.INTERRUPTED, "Its process was killed.")
    tab = visit("training", project.id)
    filled = [button.key for button in tab.app.main.get("button") if button.proto.type == "primary"]
    assert filled == [f"resume-{run.id}"]
    assert tab.text.count("process was killed") == 1
