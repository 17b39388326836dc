"""What the Training page reads from the journal of a training, and the controls of its chart."""

import json
import os
from dataclasses import replace

import pytest

from core.workspace.processes import mark_process
from core.workspace.runs import RunState, say
from pages.parts.models import validation_chart
from pages.parts.models.training_curve import describe, read_curve
from tests.charts import examples


def epoch(number, val_loss, elapsed):
    said = (("loss", 2 * val_loss if val_loss is not None else None), ("val_loss", val_loss))
    return [say("metric", name=name, step=number, value=value, elapsed=elapsed) for name, value in said]


def level(name, value):
    return say("metric", name=name, step=0, value=value, elapsed=0.0)


def test_the_curve_has_every_epoch_once_and_its_levels():
    events = [level("persistence_val_loss", 1.0), *epoch(1, 0.9, 1.0), *epoch(2, None, 2.0), *epoch(3, 0.7, 3.0)]
    curve = read_curve([*events, *epoch(3, 0.8, 4.0)])
    assert [(point.epoch, point.val_loss) for point in curve.history] == [(1, 0.9), (3, 0.8)]
    assert (curve.persistence, curve.mean, curve.initial) == (1.0, None, None)
    assert curve.best.epoch == 3


def test_networks_side_by_side_have_a_line_each_and_one_speed():
    """Epochs of two networks arrive in turns, as from two workers."""
    events = [level("train_windows", 800), level("initial_val_loss", 1.0), level("initial_val_loss/2", 1.0)]
    for number in range(1, 6):
        events += epoch(number, 1 - 0.1 * number, 2.0 * number)
        second = epoch(number, 0.9 - 0.1 * number, 2.0 * number + 0.5)
        events += [say(one.kind, **one.payload | {"name": f"{one.payload['name']}/2"}) for one in second]
    curve = read_curve(events)
    assert [(point.member, point.epoch) for point in curve.history] == [(m, e) for m in (0, 1) for e in range(1, 6)]
    assert (curve.best.member, curve.best.epoch) == (1, 5)
    assert curve.speed == pytest.approx(400)
    said = describe(curve)
    assert "Network 1, epoch 5" in said
    assert "Network 2, epoch 5" in said
    assert "epoch 5 of network 2" in said


def test_no_epoch_is_best_if_the_initial_weights_are():
    events = [level("initial_val_loss", 0.5), *epoch(1, 0.9, 1.0), *epoch(2, 0.5, 2.0)]
    assert read_curve(events).best is None
    assert read_curve([*events, *epoch(3, 0.4, 3.0)]).best.epoch == 3


def test_the_speed_is_the_median_over_the_last_epochs():
    events = [level("train_windows", 800)]
    for number in range(1, 31):
        # The first epochs are slow, and one of the last is.
        events += epoch(number, 0.5, 10.0 * number if number < 15 else 140 + 2.0 * (number - 14) + (number > 25) * 60)
    assert read_curve(events).speed == pytest.approx(400)
    assert read_curve(events[:3]).speed is None
    assert read_curve(events[1:]).speed is None


def test_epochs_that_are_reported_again_after_a_resume_have_no_speed():
    events = [level("train_windows", 800)]
    for number in range(1, 11):
        events += epoch(number, 0.5, 3.0 + 1e-5 * number)
    assert read_curve(events).speed is None
    assert read_curve([*events, *epoch(11, 0.5, 5.0)]).speed == pytest.approx(400, rel=1e-3)


def test_the_learning_rate_is_the_last_one():
    rates = [say("metric", name="learning_rate", step=step, value=1 / step, elapsed=1.0) for step in (1, 2, 4)]
    assert read_curve(rates).learning_rate == 0.25


def test_a_linear_rival_that_takes_too_long_is_explained():
    known = read_curve([level("linear_val_loss", 0.9), *epoch(1, 0.8, 1.0)])
    assert known.linear == 0.9
    assert "linear" not in describe(known)
    left_out = read_curve([level("linear_seconds", 75.0), *epoch(1, 0.8, 1.0)])
    assert left_out.linear is None
    assert "its fit takes about 1:15 and follows the training." in describe(left_out)


def figure_of(tab):
    (component,) = tab.app.get("bidi_component")
    return json.loads(json.loads(component.proto.json)["figure"])


def test_a_training_that_runs_has_its_chart_before_the_first_epoch_ends(visit, workspace, project, end_as):
    run = workspace.start_run(project.id, "training")
    figure = figure_of(visit("training", project.id))
    assert figure["data"] == []
    assert "No epoch has ended yet." in [note["text"] for note in figure["layout"]["annotations"]]
    workspace.request_stop(run.id)
    assert not visit("training", project.id).app.get("bidi_component")


def test_the_chart_has_a_log_scale_smoothing_and_other_trainings(visit, workspace, project, end_as):
    earlier = end_as(project, "training", RunState.STOPPED)
    workspace.record_heartbeat(earlier.id, 9.0, False, [*epoch(1, 0.6, 1.0), *epoch(2, 0.5, 2.0)])
    workspace.save_recipe(project.id, workspace.recipe(project.id).change("training", epochs=7), "More epochs")
    run = workspace.start_run(project.id, "training")
    assert workspace.claim_run(run.id, mark_process(os.getpid()))
    said = [level("train_windows", 900), *epoch(1, 0.8, 1.0), *epoch(2, 0.7, 1.5)]
    workspace.record_heartbeat(run.id, 2.0, False, said)
    tab = visit("training", project.id)
    assert "1,800 windows a second." in tab.text
    assert figure_of(tab)["layout"]["yaxis"].get("type") is None
    names = {trace["name"] for trace in figure_of(tab)["data"]}
    tab.set("loss-log", True).set("loss-smooth", True).set("loss-others", [earlier.id])
    drawn = figure_of(tab)
    assert drawn["layout"]["yaxis"]["type"] == "log"
    added = {trace["name"] for trace in drawn["data"]} - names
    assert added == {"loss, smoothed", "val_loss, smoothed", "val_loss of Training 1"}


def test_a_second_tab_shows_the_validation_rows_of_a_running_training(visit, workspace, project, monkeypatch):
    run = workspace.start_run(project.id, "training")
    assert workspace.claim_run(run.id, mark_process(os.getpid()))
    workspace.record_heartbeat(run.id, 2.0, False, epoch(1, 0.8, 1.0))
    tab = visit("training", project.id)
    tab.app.session_state["training-tabs"] = "Validation"
    tab.draw()
    assert "No predictions yet" in tab.text
    assert not tab.app.get("bidi_component")
    levels = examples.validation_levels()
    series = levels.predictions.rename(columns={"ticker": "series"})
    monkeypatch.setattr(validation_chart, "read_levels", lambda *_: replace(levels, predictions=series))
    tab.draw()
    assert [trace["name"] for trace in figure_of(tab)["data"]] == ["predicted = actual", "LSTM"]
    tab.set("validation-view", "Over time")
    assert [trace["name"] for trace in figure_of(tab)["data"]] == ["Persistence", "Actual", "LSTM"]
    assert f"{len(series):,} validation rows of 2 series, after epoch 3." in tab.text
    _, second = series["series"].unique()
    lines = [figure_of(tab)["data"][2]]
    lines.append(figure_of(tab.set("validation-series", second))["data"][2])
    assert lines[0] != lines[1]


def test_the_epochs_of_the_networks_are_named():
    levels = examples.validation_levels()
    assert "after epoch 3 of network 2." in validation_chart.describe(replace(levels, epochs={1: 3}))
    assert "with the initial weights, which are kept." in validation_chart.describe(
        replace(levels, epochs={0: 0}, kept=True)
    )
    several = validation_chart.describe(replace(levels, epochs={0: 3, 1: 5}, kept=True))
    assert "mean of 2 networks" in several
    assert "kept at epochs 3, 5." in several
