"""Results and export: the results of a training, the sealed test era, and the downloads."""

import json
import re
import shutil
from base64 import b64decode
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.delivery.backtest_text import backtest_sentence
from core.delivery.bundle import Refit
from core.delivery.results import WORK, load_ahead, load_walked
from core.findings.verdict import FlatPredictions
from core.forecast.evaluation.backtest import with_cost
from core.io.atomic import write_atomically
from core.io.json import to_json
from core.refit import is_undo
from core.text.format import format_p, format_percent
from core.workspace.runs import RunState
from pages.parts.frame.step_states import DONE, STALE
from pages.parts.models import describe_models, job_panel, trained_run
from tests.charts import examples

trained = pytest.mark.slow


@pytest.fixture
def sealed(open_home, trained_home):
    return open_home(trained_home)


@pytest.fixture
def opened(open_home, opened_home):
    return open_home(opened_home)


def last_time(tab) -> pd.Timestamp:
    """The last time on any chart of the page."""
    last = []
    for chart in tab.app.get("plotly_chart"):
        figure = json.loads(chart.proto.spec)
        if figure["layout"].get("xaxis", {}).get("type") != "date":
            continue
        for trace in figure["data"]:
            if isinstance(x := trace.get("x"), dict):
                x = pd.to_datetime(np.frombuffer(b64decode(x["bdata"]), x["dtype"]), unit="ms")
            last.append(pd.to_datetime(pd.Series(x)).max())
    return max(last)


def scores_of(tab) -> pd.DataFrame:
    """The table of scores by model."""
    return next(table.value for table in tab.app.dataframe if "RMSE" in table.value)


def start_of_test(run) -> pd.Timestamp:
    return pd.Timestamp(json.loads((run.folder / "profile.json").read_text())["eras"]["test_from"])


@pytest.mark.parametrize("step", ["results", "export"])
def test_without_a_training_the_page_links_to_training(visit, workspace, project, step):
    tab = visit(step, project.id)
    assert "No finished training yet. Train the network first." in tab.text
    assert tab.links[-1] == "Go to Training"
    workspace.start_run(project.id, "training")
    assert "No finished training yet. One is running." in tab.draw().text


def test_a_failed_training_is_not_shown(visit, workspace, project, end_as):
    end_as(project, "training", RunState.FAILED, "It failed.", "Fix it.")
    assert "No finished training yet" in visit("results", project.id).text


@trained
def test_no_number_of_a_sealed_test_era_is_shown_and_it_can_be_opened(visit, sealed):
    (project,) = sealed.projects()
    run = sealed.runs(project.id, kind="training")[0]
    tab = visit("results", project.id)
    assert load_walked(run.folder).verdict.sentence in tab.text
    assert tab.has("open-test")
    assert "Openings so far: **0**" in tab.text
    assert not tab.has("era")
    assert last_time(tab) < start_of_test(run)
    done = load_walked(run.folder)
    assert set(scores_of(tab)["rows"]) == {done.evaluation.validation["lstm"].n}
    tab.press("open-test")
    (opening,) = sealed.runs(project.id, kind="opening")
    assert opening.parent == run.id
    assert opening.state is RunState.QUEUED
    assert not tab.has("open-test")
    assert f"{job_panel.title_of_job('opening')} is next in the queue" in tab.text


@trained
def test_results_open_with_the_next_forecast_whose_chart_waits_for_the_test_era(visit, sealed):
    (project,) = sealed.projects()
    run = sealed.runs(project.id, kind="training")[0]
    (ahead,) = load_ahead(run.folder).table.to_dict("records")
    tab = visit("results", project.id)
    assert tab.app.main.get("subheader")[0].value == "Next forecast"
    numbers = {metric.label: metric.value for metric in tab.app.main.get("metric")}
    assert numbers["sp500"] == f"{ahead['forecast']:,.2f}"
    assert numbers["90% prediction interval"] == f"{ahead['lower']:,.2f} to {ahead['upper']:,.2f}"
    assert numbers["1 row ahead"] == f"{ahead['time']:%Y-%m-%d}"
    assert last_time(tab) < start_of_test(run)
    tab.set("show-test-era", True)
    assert last_time(tab) == ahead["time"]
    assert sealed.ledger(project.id).count(run.fingerprint).is_open


@trained
def test_a_stopped_opening_can_be_repeated(visit, sealed):
    (project,) = sealed.projects()
    run = sealed.runs(project.id, kind="training")[0]
    opening = sealed.start_run(project.id, "opening", run.id)
    sealed.request_stop(opening.id)
    tab = visit("results", project.id)
    assert tab.has("open-test")


@trained
def test_two_trainings_cannot_be_opened_at_once(visit, sealed, end_as):
    (project,) = sealed.projects()
    first = sealed.runs(project.id, kind="training")[0]
    second = end_as(project, "training", RunState.FINISHED)
    shutil.copytree(first.folder, second.folder)
    sealed.start_run(project.id, "opening", first.id)
    tab = visit("results", project.id)
    assert "Training 2" in tab.text
    tab.press("open-test")
    assert len(tab.app.error) == 1
    assert sealed.runs(project.id, kind="opening")[0].parent == first.id
    assert tab.has("open-test")


@trained
def test_walk_forward_is_a_job_of_its_own_with_its_time_shown_first(visit, sealed):
    (project,) = sealed.projects()
    run = sealed.runs(project.id, kind="training")[0]
    tab = visit("results", project.id)
    assert f"{run.recipe.evaluation.walk_forward_folds} earlier periods" in tab.text
    assert re.search(r"about \*\*\d+ (s|min|h)\*\*", tab.raw)
    tab.press("run-folds")
    job = sealed.runs(project.id, kind="folds")[0]
    assert (job.parent, job.recipe) == (run.id, run.recipe)
    assert f"{job_panel.title_of_job('folds')} is next in the queue" in tab.text
    assert not tab.has("run-folds")
    assert sealed.ledger(project.id).count(run.fingerprint).opened == 0


@trained
def test_a_stopped_walk_forward_can_be_resumed(visit, sealed):
    (project,) = sealed.projects()
    run = sealed.runs(project.id, kind="training")[0]
    job = sealed.start_run(project.id, "folds", run.id)
    sealed.request_stop(job.id)
    tab = visit("results", project.id)
    assert not tab.has("run-folds")
    tab.press(f"resume-{job.id}")
    assert sealed.run(job.id).state is RunState.QUEUED


@trained
def test_the_toggle_of_export_refits_the_network_of_the_bundle_in_a_job(visit, sealed):
    (project,) = sealed.projects()
    run = sealed.runs(project.id, kind="training")[0]
    tab = visit("export", project.id)
    assert re.search(r"about \*\*\d+ (s|min|h)\*\*", tab.raw)
    tab.set(f"refit-{run.id}", True)
    job = sealed.runs(project.id, kind="refit")[0]
    assert (job.parent, job.recipe, is_undo(job.folder)) == (run.id, run.recipe, False)
    assert f"{job_panel.title_of_job('refit')} is next in the queue" in tab.text
    assert not tab.has(f"refit-{run.id}")
    sealed.request_stop(job.id)
    tab = visit("export", project.id)
    assert tab.widget(f"refit-{run.id}").value is False
    tab.press(f"resume-{job.id}")
    assert sealed.run(job.id).state is RunState.QUEUED


@trained
def test_pages_say_which_network_is_in_the_bundle_and_can_take_the_evaluated_one_back(visit, sealed):
    (project,) = sealed.projects()
    run = sealed.runs(project.id, kind="training")[0]
    assert "by the network trained on the train era" in visit("results", project.id).text
    done = load_walked(run.folder)
    refitted = replace(done, refit=Refit(until="2017-01-03T00:00:00", epochs=(7,)))
    write_atomically(run.folder / WORK / "walked.json", to_json(refitted))
    assert "refitted on train and validation up to 2017-01-03" in visit("results", project.id).text
    tab = visit("export", project.id)
    assert "up to 2017-01-03, for 7 epochs" in tab.text
    tab.set(f"refit-{run.id}", False)
    assert is_undo(sealed.runs(project.id, kind="refit")[0].folder)


@trained
def test_the_verdict_of_an_opened_test_era_comes_first_and_it_cannot_be_opened_again(visit, opened):
    (project,) = opened.projects()
    run = opened.runs(project.id, kind="training")[0]
    done = load_walked(run.folder)
    tab = visit("results", project.id)
    boxes = [box.value for kind in ("success", "warning", "error", "info") for box in tab.app.main.get(kind)]
    assert done.verdict.level != "cannot_judge"
    assert done.verdict.sentence in boxes[0].replace("\\", "")
    assert done.evaluation.lstm_adds.era == "test"
    assert done.evaluation.lstm_adds.sentence in tab.text.replace("\\", "")
    assert not tab.has("open-test")
    assert tab.widget("era").options == ["test", "validation"]
    assert last_time(tab) >= start_of_test(run)
    scores = scores_of(tab)
    assert list(scores["model"]) == ["LSTM", "Persistence", "Drift"]
    assert set(scores["rows"]) == {done.evaluation.test["lstm"].n}
    tab.set("era", "validation")
    assert set(scores_of(tab)["rows"]) == {done.evaluation.validation["lstm"].n}
    assert tab.state_of("Results") == DONE


@trained
def test_the_slider_of_costs_answers_without_a_job(visit, opened):
    (project,) = opened.projects()
    run = opened.runs(project.id, kind="training")[0]
    found = load_walked(run.folder).evaluation.backtest
    runs = len(opened.runs(project.id))
    recipe = opened.recipe(project.id)
    tab = visit("results", project.id)
    assert backtest_sentence(found) in tab.text.replace("\\", "")
    tab.set(f"cost-{run.id}", 20.0)
    assert backtest_sentence(with_cost(found, 20.0)) in tab.text.replace("\\", "")
    assert (len(opened.runs(project.id)), opened.recipe(project.id)) == (runs, recipe)


@trained
def test_the_switch_of_the_backtest_is_a_setting_of_the_next_training(visit, opened):
    (project,) = opened.projects()
    run = opened.runs(project.id, kind="training")[0]
    tab = visit("results", project.id)
    tab.set("evaluation.tradable", False)
    assert opened.recipe(project.id).evaluation.tradable is False
    assert backtest_sentence(load_walked(run.folder).evaluation.backtest) in tab.text.replace("\\", "")


@trained
def test_export_offers_the_files_and_the_data_in_two_formats(visit, sealed):
    (project,) = sealed.projects()
    run = sealed.runs(project.id, kind="training")[0]
    tab = visit("export", project.id)
    downloads = {node.key: node for node in tab.app.main.get("download_button")}
    whole = {"download-script", "download-bad-cells", "download-changes"}
    whole |= {f"download-{file.short}" for file in describe_models.FILES}
    others = {
        "download-data-csv",
        "download-predictions-parquet",
        "download-bad-cells-parquet",
        "download-changes-parquet",
    }
    assert set(downloads) == whole | others
    assert not any(node.proto.disabled for node in downloads.values())
    assert "the test era is still sealed" in tab.text
    assert "not available" not in tab.text
    verified = load_walked(run.folder).verified
    assert verified.rows == load_walked(run.folder).evaluation.validation["lstm"].n
    assert f"Verified: {verified.rows} predictions" in tab.text


@trained
def test_the_newest_file_is_scored_in_one_click_and_hides_a_sealed_test_era(visit, sealed, trained_work):
    (project,) = sealed.projects()
    tab = visit("export", project.id)
    assert "is the file of the training" in tab.text
    tab.press("score-newest")
    (scoring,) = sealed.runs(project.id, kind="scoring")
    assert scoring.parent == sealed.runs(project.id, kind="training")[0].id
    assert f"{job_panel.title_of_job('scoring')} is next in the queue" in tab.text
    assert not tab.has("score-newest")
    trained_work(sealed, scoring)
    tab.draw()
    assert "1 of them after the data of training" in tab.text
    assert "predictions for the sealed test era are left out" in tab.text
    shown = next(table.value for table in tab.app.dataframe if "lstm" in table.value)
    assert "test" not in set(shown["era"])
    assert tab.has("download-scored")


@trained
def test_without_a_training_a_bundle_can_be_brought(visit, workspace, project):
    tab = visit("export", project.id)
    assert "No finished training yet" in tab.text
    assert tab.has("score-file")
    assert not tab.has("score-newest")


@trained
def test_a_missing_file_cannot_be_downloaded(visit, sealed):
    (project,) = sealed.projects()
    (sealed.runs(project.id, kind="training")[0].folder / "report.html").unlink()
    tab = visit("export", project.id)
    disabled = [node.key for node in tab.app.main.get("download_button") if node.proto.disabled]
    assert disabled == ["download-report"]
    assert "not available" in tab.text


@trained
def test_the_findings_of_a_training_are_shown_with_their_remedies(visit, sealed):
    (project,) = sealed.projects()
    findings = load_walked(sealed.runs(project.id, kind="training")[0].folder).training.findings
    assert findings
    tab = visit("training", project.id)
    assert all(finding.title in tab.text for finding in findings)
    remedies = [finding.remedy for finding in findings if finding.remedy]
    assert all(remedy.label in tab.buttons for remedy in remedies)


@trained
def test_why_a_training_ended_and_that_its_predictions_hardly_vary_is_explained_beside_its_losses(
    visit, sealed, monkeypatch
):
    (project,) = sealed.projects()
    flat = FlatPredictions(era="validation", flatness=0.031, mean_is_rival=False)
    monkeypatch.setattr(trained_run, "check_flatness", lambda evaluation, has_skill: None if has_skill else flat)
    tab = visit("training", project.id)
    assert load_walked(sealed.runs(project.id, kind="training")[0].folder).training.ended in tab.text
    assert flat.title in tab.text
    assert "3.1% of that of actual changes" in tab.text


@trained
def test_changed_settings_make_training_results_and_export_stale(visit, sealed):
    (project,) = sealed.projects()
    tab = visit("training", project.id)
    assert tab.state_of("Training") == DONE
    assert "Epoch 2: loss" in tab.text
    tab.set("training.dropout", 0.2)
    assert [tab.state_of(title) for title in ("Training", "Results", "Export")] == [STALE] * 3
    changed = "settings have changed since this training"
    assert changed in tab.go("results").text
    tab.press("Undo")
    assert tab.state_of("Training") == DONE
    assert changed not in tab.text


@trained
def test_settings_of_a_training_are_used_again_and_it_is_deleted_from_results(visit, sealed):
    workspace = sealed
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


@trained
def test_damaged_results_are_an_error_message(visit, sealed, served):
    (project,) = sealed.projects()
    run = sealed.runs(project.id, kind="training")[0]
    (run.folder / ".work" / "walked.json").write_text("{")
    for step in ("results", "export"):
        tab = visit(step, project.id)
        assert len(tab.app.error) == 1
        assert "Internal error" not in tab.app.error[0].value


@trained
def test_no_page_with_results_imports_tensorflow(opened, training_libraries_after):
    (project,) = opened.projects()
    assert training_libraries_after(project.id, "training", "results", "export") == "set()"


def test_the_benchmark_is_the_more_accurate_naive_forecast():
    opened = examples.evaluation()
    assert "drift" in describe_models.benchmark_text(opened)
    near, far = (replace(opened.test["drift"], mean_loss=loss) for loss in (1.0, 2.0))
    assert "train mean" in describe_models.benchmark_text(replace(opened, test=opened.test | {"mean": near}))
    assert "persistence" in describe_models.benchmark_text(replace(opened, test=opened.test | {"mean": far}))


def test_scores_are_formatted_with_their_significant_digits():
    opened = examples.evaluation()
    odd = replace(opened.test["lstm"], n=1791, rmse=26.69712, r2_oos=-9.0663e-8, dm_statistic=-0.497083, mase=None)
    table = describe_models.score_table(replace(opened, test={"lstm": odd}), "test")
    headings, cells = (line.split("|") for line in table.hide(axis="index").to_string(delimiter="|").splitlines())
    row = dict(zip(headings, cells, strict=True))
    assert [row[heading] for heading in ("RMSE", "R²", "DM", "rows", "MASE")] == [
        "26.70",
        "0.000",
        "-0.50",
        "1,791",
        "–",
    ]


# The sealed test era on other pages, and what happens to it once anything was opened


def drawn(tab) -> str:
    """Every figure of the page, as it is sent to the browser."""
    return "\n".join(chart.proto.spec for chart in tab.app.get("plotly_chart"))


def show_target_over_time(tab, step: str) -> None:
    if step == "quality":
        tab.set("view", "Over time")
    if step == "cleaning":
        tab.set("part", "Rows and values").set("compared-column", "sp500")


@pytest.mark.parametrize("step", ["upload", "quality", "cleaning"])
def test_the_targets_test_era_is_covered_until_a_look_opens_it_for_all_pages(visit, workspace, project, step):
    fingerprint = workspace.source(project.id).fingerprint
    tab = visit(step, project.id)
    show_target_over_time(tab, step)
    assert "sealed" in drawn(tab)
    tab.set("show-test-era", True)
    assert "sealed" not in drawn(tab)
    assert not tab.has("show-test-era")
    assert workspace.ledger(project.id).count(fingerprint).opened == 1
    for other in ("upload", "quality", "cleaning"):
        tab = visit(other, project.id)
        show_target_over_time(tab, other)
        assert "sealed" not in drawn(tab) + tab.text
        assert not tab.has("show-test-era")


def test_other_columns_are_shown(visit, workspace, project):
    tab = visit("quality", project.id)
    tab.set("view", "Over time").set("over-time-column", "vix")
    assert "sealed" not in drawn(tab)


@trained
def test_an_opening_in_another_project_on_the_same_file_opens_it_here(visit, opened):
    (project,) = opened.projects()
    other = opened.create_project("The same file")
    opened.add_file(other.id, "sample.csv", opened.source(project.id).path)
    fingerprint = opened.source(project.id).fingerprint
    assert opened.ledger(other.id).count(fingerprint).opened == 1


@trained
def test_results_of_a_training_that_is_not_opened_count_the_openings_of_others(visit, sealed):
    (project,) = sealed.projects()
    run = sealed.runs(project.id, kind="training")[0]
    sealed.ledger(project.id).record_opening(run.fingerprint, "another")
    for step in ("results", "export"):
        tab = visit(step, project.id)
        assert "sealed" not in tab.text
        assert "written before" in tab.text
    assert visit("results", project.id).has("open-test")


@trained
def test_the_verdict_counts_trials_that_came_after_it_and_the_files_can_follow(visit, opened):
    (project,) = opened.projects()
    run = opened.runs(project.id, kind="training")[0]
    assert not visit("results", project.id).has("update-files")
    for setting in "abc":
        opened.ledger(project.id).record_training(run.fingerprint, setting)
    tab = visit("results", project.id)
    counted = load_walked(run.folder).recount(opened.ledger(project.id).count(run.fingerprint))
    assert counted.evaluation.trials.judged_on_test == 4
    assert counted.verdict.sentence in tab.text
    assert visit("export", project.id).has("update-files")
    tab.press("update-files")
    (update, _) = opened.runs(project.id, kind="opening")
    assert (update.parent, update.state) == (run.id, RunState.QUEUED)


# The selected training


@pytest.fixture
def two_trainings(sealed, end_as):
    """A second training whose results are those of the first, with another window and a name of its own."""
    (project,) = sealed.projects()
    first = sealed.runs(project.id, kind="training")[0]
    sealed.change_recipe(project.id, lambda recipe: recipe.change("training", window=9), "Window 9")
    second = end_as(project, "training", RunState.FINISHED)
    shutil.copytree(first.folder, second.folder)
    sealed.label_run(second.id, "Wide <b>", "A *note*")
    return project, first, second


def leaderboard_of(tab):
    return next(table.value for table in tab.app.dataframe if "validation loss" in table.value)


@trained
def test_the_leaderboard_has_every_training_and_the_settings_that_differ(visit, sealed, two_trainings, end_as):
    project, first, _ = two_trainings
    end_as(project, "training", RunState.FAILED, "It failed.")
    table = leaderboard_of(visit("results", project.id))
    assert sorted(table["training"]) == ["Training 1", "Training 3", "Wide <b>"]
    assert list(table["training"])[-1] == "Training 3"
    assert "Window" in table
    assert "Units" not in table
    loss = load_walked(first.folder).evaluation.validation["lstm"].mean_loss
    assert table["validation loss"].tolist()[:2] == [loss, loss]
    assert table["test loss"].isna().all()
    assert table["features"].tolist()[:2] == [len(load_walked(first.folder).chosen)] * 2


@trained
def test_results_and_export_show_the_selected_training(visit, two_trainings):
    project, first, second = two_trainings
    for step in ("results", "export"):
        tab = visit(step, project.id)
        assert "Wide <b>" in tab.text
        assert "have changed since" not in tab.text
    tab.app.query_params["run"] = first.id
    for step in ("results", "export", "results"):
        tab.go(step)
        assert "Training 1" in tab.text
        assert "have changed since" in tab.text
    tab.app.query_params["run"] = "0" * 32
    assert "Wide" in tab.draw().text


@trained
def test_a_name_and_a_note_are_kept(visit, sealed, two_trainings):
    project, first, second = two_trainings
    tab = visit("results", project.id)
    tab.set(f"name-{second.id}", "Best so far")
    assert "Best so far" in tab.text
    assert (sealed.run(second.id).name, sealed.run(second.id).note) == ("Best so far", "A *note*")


@trained
def test_every_number_of_the_evidence_is_in_metrics_json(visit, opened):
    (project,) = opened.projects()
    run = opened.runs(project.id, kind="training")[0]
    document = json.loads((run.folder / "metrics.json").read_text())
    tab = visit("results", project.id)
    lstm = document["test"]["lstm"]
    assert format_p(lstm["dm_p_value"]) in tab.text
    assert format_p(document["trials"]["adjusted_p"]) in tab.text
    assert all(format_percent(abs(end)) in tab.text for end in lstm["r2_interval"])
    assert format_percent(document["interval"]["coverage"]) in tab.text


@trained
def test_a_new_training_is_shown_when_it_ends(visit, two_trainings):
    project, first, _ = two_trainings
    tab = visit("training", project.id)
    tab.app.query_params["run"] = first.id
    tab.go("results").go("training").press("train")
    assert "run" not in tab.app.query_params
    assert "Wide <b>" in tab.go("results").text
