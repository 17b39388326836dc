"""The view of the map of predictability: its sentence, table and button, and the warning on Training."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.quality.forecastability.question import PREDICTS, Forecastability
from core.recipe.model import Recipe
from pages.parts.frame.context import load_context
from pages.parts.quality.describe_forecastability import make_task, questions_of, selection_text, why_not
from tests.charts.examples import forecastability, question


def clean_file(rows: int = 700) -> bytes:
    """A column that reverts to its mean, beside noise: nothing is wrong with it."""
    random = np.random.default_rng(5)
    values = np.zeros((rows, 2))
    for row in range(1, rows):
        values[row] = [0.8, 0.7] * values[row - 1] + random.normal(size=2)
    table = pd.DataFrame(values.round(4), columns=["y", "x"])
    table.insert(0, "date", pd.bdate_range("2020-01-01", periods=rows))
    return table.to_csv(index=False).encode()


def test_the_map_opens_if_nothing_is_wrong_with_the_data(visit, open_home, add_project):
    open_home()
    tab = visit("quality", add_project(clean_file(), Recipe(), "profile").id)
    assert tab.widget("view").value == "Forecastability"
    assert "questions have an answer: the level of " in tab.text
    (listed,) = [frame.value for frame in tab.app.dataframe if "beyond" in frame.value]
    assert set(listed["column"]) == {"x", "y"}
    assert (listed["answer"] == "answer").any()


def test_data_with_findings_open_on_bad_values(visit, project):
    assert visit("quality", project.id).widget("view").value == "Bad values"


def test_one_click_makes_a_question_the_task(visit, workspace, project):
    tab = visit("quality", project.id).set("view", "Forecastability")
    found = questions_of(load_context(project).quality.forecastability)
    without = next(place for place, asked in enumerate(found) if asked.transform not in PREDICTS)
    tab.app.session_state["forecastability-table"] = {"selection": {"rows": [without], "columns": []}}
    tab.draw()
    assert tab.widget("make-task").disabled
    assert why_not(found[without]) in tab.text

    volatility = next(place for place, asked in enumerate(found) if asked.transform == "volatility")
    tab.app.session_state["forecastability-table"] = {"selection": {"rows": [volatility], "columns": []}}
    tab.draw().press("make-task")
    assert workspace.recipe(project.id).training.predict == "volatility"
    workspace.undo(project.id)

    place = next(place for place, asked in enumerate(found) if (asked.column, asked.horizon) == ("vix", 5))
    tab.app.session_state["forecastability-table"] = {"selection": {"rows": [place], "columns": []}}
    tab.draw()
    assert "Log level of vix after 5 rows" in tab.text
    tab.press("make-task")
    recipe = workspace.recipe(project.id)
    assert (recipe.ingest.target, recipe.training.predict, recipe.training.horizon) == ("vix", "log_return", 5)
    workspace.undo(project.id)
    assert workspace.recipe(project.id).ingest.target == "sp500"


@pytest.mark.parametrize("transform", sorted(PREDICTS))
def test_each_question_with_a_task_sets_target_outcome_and_horizon(transform):
    asked = question("x", transform, 5, 0.1, 0.01)
    assert why_not(asked) == ""
    recipe = make_task(Recipe(), asked)
    assert (recipe.ingest.target, recipe.training.predict, recipe.training.horizon) == ("x", PREDICTS[transform], 5)


def test_other_questions_say_why_they_cannot_be_the_task():
    reasons = {asked.transform: why_not(asked) for asked in forecastability().questions}
    assert reasons["volatility"] == ""
    assert "no column" in reasons["spread"]
    assert all(reasons[transform] for transform in reasons if transform not in PREDICTS)


def test_training_begins_with_a_warning_if_the_question_has_no_answer(visit, workspace, project):
    assert (
        "No linear model forecasts the log return of sp500 over 1 row beyond luck" in visit("training", project.id).text
    )
    workspace.save_recipe(project.id, workspace.recipe(project.id).change("training", horizon=2), "Not asked")
    assert "No linear model forecasts" not in visit("training", project.id).text


def test_a_very_long_map_is_listed_in_part_and_says_so():
    one = question("x", "level", 1, 0.1, 0.01)
    found = Forecastability(
        questions=tuple(replace(one, column=f"c{place}") for place in range(1_200)), rows=9, columns=9
    )
    assert len(questions_of(found)) == 1_000
    assert "1,000 of 1,200 questions" in selection_text(found)
    assert "Showing" not in selection_text(forecastability())


def test_too_few_rows_ask_nothing(visit, open_home, add_project):
    open_home()
    tab = visit("quality", add_project(clean_file(50), Recipe(), "profile").id).set("view", "Forecastability")
    assert "Nothing was asked" in tab.text
