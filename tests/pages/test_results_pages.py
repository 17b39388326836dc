"""Results and export: what a training left behind, the seal on the test era, and the files to take away."""

import json
import shutil
from base64 import b64decode
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.delivery.results import load_walked
from core.workspace.runs import RunState
from pages.parts.models import describe_models
from tests.charts import examples
from tests.charts.examples import NAMES

trained = pytest.mark.slow


@pytest.fixture
def sealed(open_home, trained_home):
    return open_home(trained_home)


@pytest.fixture
def opened(open_home, opened_home):
    return open_home(opened_home)


def last_time(tab) -> pd.Timestamp:
    """The last moment that any chart of the page draws."""
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


def start_of_test(run) -> pd.Timestamp:
    return pd.Timestamp(json.loads((run.folder / "profile.json").read_text())["eras"]["test_from"])


@pytest.mark.parametrize("step", ["results", "export"])
def test_without_a_training_the_way_leads_to_training(visit, workspace, project, step):
    tab = visit(step, project.id)
    assert "No training has ended yet. Train the network first." in tab.said
    assert tab.links == ["Go to Training"]
    workspace.start_run(project.id, "training")
    assert "No training has ended yet. One is at work." in tab.draw().said


def test_a_training_that_failed_is_no_result(visit, workspace, project, end_as):
    end_as(project, "training", RunState.FAILED, "It failed.", "Mend it.")
    assert "No training has ended yet" in visit("results", project.id).said


@trained
def test_a_sealed_test_era_shows_no_number_of_it_and_offers_the_opening(visit, sealed):
    (project,) = sealed.projects()
    run = sealed.runs(project.id, kind="training")[0]
    tab = visit("results", project.id)
    assert load_walked(run.folder).verdict.sentence in tab.said
    assert "The test era is sealed" in tab.said
    assert "Openings in this project so far: **0**" in tab.said
    assert not tab.has("era")
    assert last_time(tab) < start_of_test(run)
    done = load_walked(run.folder)
    assert set(tab.app.dataframe[0].value["rows"]) == {done.evaluation.validation["lstm"].n}
    tab.press("open-test")
    (opening,) = sealed.runs(project.id, kind="opening")
    assert opening.parent == run.id
    assert opening.state is RunState.QUEUED
    assert not tab.has("open-test")
    assert "Opening the test era waits" in tab.said


@trained
def test_an_opening_that_was_stopped_is_offered_again(visit, sealed):
    (project,) = sealed.projects()
    run = sealed.runs(project.id, kind="training")[0]
    opening = sealed.start_run(project.id, "opening", run.id)
    sealed.request_stop(opening.id)
    tab = visit("results", project.id)
    assert tab.has("open-test")


@trained
def test_an_opening_beside_that_of_another_training_is_refused_in_a_sentence(visit, sealed, end_as):
    (project,) = sealed.projects()
    first = sealed.runs(project.id, kind="training")[0]
    second = end_as(project, "training", RunState.FINISHED)
    shutil.copytree(first.folder, second.folder)
    sealed.start_run(project.id, "opening", first.id)
    tab = visit("results", project.id)
    assert tab.widget("training-run").value.id == second.id
    tab.press("open-test")
    (error,) = tab.app.error
    assert error.value.replace("\\", "") == "Another training of this project is being opened. Wait for its end."
    assert tab.has("open-test")


@trained
def test_an_opened_test_era_shows_its_verdict_first_and_is_not_offered_again(visit, opened):
    (project,) = opened.projects()
    run = opened.runs(project.id, kind="training")[0]
    done = load_walked(run.folder)
    tab = visit("results", project.id)
    boxes = [box.value for kind in ("success", "warning", "error", "info") for box in tab.app.main.get(kind)]
    assert done.verdict.level != "cannot_judge"
    assert done.verdict.sentence in boxes[0].replace("\\", "")
    assert not tab.has("open-test")
    assert tab.widget("era").options == ["test", "validation"]
    assert last_time(tab) >= start_of_test(run)
    scores = tab.app.dataframe[0].value
    assert list(scores["model"]) == ["LSTM", "Persistence"]
    assert set(scores["rows"]) == {done.evaluation.test["lstm"].n}
    tab.set("era", "validation")
    assert set(tab.app.dataframe[0].value["rows"]) == {done.evaluation.validation["lstm"].n}
    assert tab.state_of("Results") == "done"


@trained
def test_export_offers_five_files_and_the_script(visit, sealed):
    (project,) = sealed.projects()
    tab = visit("export", project.id)
    downloads = {node.key: node for node in tab.app.main.get("download_button")}
    assert set(downloads) == {"download-script", *(f"download-{file.short}" for file in describe_models.FILES)}
    assert len(describe_models.FILES) == 5
    assert not any(node.proto.disabled for node in downloads.values())
    assert "the test era is still sealed" in tab.said
    assert "not made" not in tab.said


@trained
def test_export_offers_no_file_that_was_not_made(visit, sealed):
    (project,) = sealed.projects()
    (sealed.runs(project.id, kind="training")[0].folder / "report.html").unlink()
    tab = visit("export", project.id)
    disabled = [node.key for node in tab.app.main.get("download_button") if node.proto.disabled]
    assert disabled == ["download-report"]
    assert "not made" in tab.said


@trained
def test_training_tells_what_its_losses_say_with_the_button_that_mends_it(visit, sealed):
    (project,) = sealed.projects()
    told = load_walked(sealed.runs(project.id, kind="training")[0].folder).training.findings
    assert told
    tab = visit("training", project.id)
    assert all(finding.title in tab.said for finding in told)
    remedies = [finding.remedy for finding in told if finding.remedy]
    assert all(remedy.label in tab.buttons for remedy in remedies)


@trained
def test_changed_settings_make_training_results_and_export_stale_and_the_page_says_so(visit, sealed):
    (project,) = sealed.projects()
    tab = visit("training", project.id)
    assert tab.state_of("Training") == "done"
    assert "Epoch 2: loss" in tab.said
    tab.set("training.dropout", 0.2)
    assert [tab.state_of(title) for title in ("Training", "Results", "Export")] == ["stale"] * 3
    assert "made with other settings" in tab.go("results").said
    tab.press("Undo")
    assert tab.state_of("Training") == "done"
    assert "made with other settings" not in tab.said


@trained
def test_damaged_results_are_told_in_a_sentence(visit, sealed, served):
    (project,) = sealed.projects()
    run = sealed.runs(project.id, kind="training")[0]
    (run.folder / ".work" / "walked.json").write_text("{")
    for step in ("results", "export"):
        tab = visit(step, project.id)
        assert "absent or damaged" in tab.said


@trained
def test_no_page_with_results_imports_what_trains(opened, training_libraries_after):
    (project,) = opened.projects()
    assert training_libraries_after(project.id, "training", "results", "export") == "set()"


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (-145.0, "It loses before any cost"),
        (12.34, "Costs of 12.3 basis points would eat the whole gain"),
        (None, "It never trades, so no cost changes that"),
    ],
)
def test_what_costs_would_do_to_the_gain_is_said_in_words(cost, said):
    evaluation = replace(examples.evaluation(NAMES), backtest=replace(examples.backtest(), break_even_cost=cost))
    assert said in describe_models.backtest(evaluation)


def test_where_nothing_can_be_bought_the_page_says_why_there_is_no_backtest():
    sealed = replace(examples.evaluation(NAMES), backtest=None)
    assert "no row" in describe_models.backtest(sealed)
    scores = sealed.validation | {"mean": sealed.validation["drift"]}
    assert "no price" in describe_models.backtest(replace(sealed, validation=scores))


def test_the_rival_that_is_named_is_the_one_that_comes_nearer():
    opened = examples.evaluation()
    assert "the last value" in describe_models.rival(opened)
    near, far = (replace(opened.test["drift"], rmse=rmse) for rmse in (1.0, 2.0))
    assert "the mean of the train era" in describe_models.rival(replace(opened, test=opened.test | {"mean": near}))
    assert "is the last value" in describe_models.rival(replace(opened, test=opened.test | {"mean": far}))


def test_scores_are_written_with_the_digits_that_tell_something():
    opened = examples.evaluation()
    odd = replace(opened.test["lstm"], n=1791, rmse=26.69712, r2_oos=-9.0663e-8, dm_statistic=-0.497083, mase=None)
    said = (
        describe_models.scores(replace(opened, test={"lstm": odd}), "test").hide(axis="index").to_string(delimiter="|")
    )
    heads, cells = (line.split("|") for line in said.splitlines())
    told = dict(zip(heads, cells, strict=True))
    assert [told[head] for head in ("RMSE", "R²", "DM", "rows", "MASE")] == ["26.70", "0.000", "-0.50", "1,791", "–"]
