"""The views of single columns on the Quality page: bad values by era, the gallery, and one column with its changes."""

import json

import numpy as np
import pandas as pd

from core.recipe.model import Recipe


def figures(tab) -> list[dict]:
    return [json.loads(chart.proto.spec)["layout"] for chart in tab.app.get("plotly_chart")]


def titles(tab) -> list[str]:
    return [layout["meta"]["title"] for layout in figures(tab)]


def wide_file() -> bytes:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(80, 60)).round(4), columns=[f"feature_{place:02}" for place in range(60)])
    frame["feature_50"] = np.exp(3 * frame["feature_50"]).round(4)
    frame.loc[:19, "feature_03"] = np.nan
    frame.loc[70:, "feature_04"] = np.nan
    frame.insert(0, "date", pd.date_range("2024-01-01", periods=80))
    return frame.to_csv(index=False).encode()


def test_many_columns_are_paged_sorted_and_searched(visit, add_project):
    tab = visit("quality", add_project(wide_file(), Recipe(), "profile").id)
    listed = tab.app.dataframe[0].value
    assert listed["column"].tolist() == ["feature_03", "feature_04"]
    assert listed["train, judged"].tolist() == [20 / 56, 0]
    assert listed["test"].tolist() == [0, 10 / 12]

    tab.set("view", "Distributions")
    assert "60 columns" in tab.said
    assert figures(tab)[0]["meta"]["alt"].startswith("Small histograms of 24 columns")
    assert titles(tab)[1] == "Distribution of feature_00"
    tab.set("gallery-page-file order-", 3)
    assert titles(tab)[1] == "Distribution of feature_48"
    tab.set("gallery-order", "skewness")
    assert titles(tab)[1:] == [
        "Distribution of feature_50",
        "Distribution of changes of feature_50",
        "Normal Q-Q plot of feature_50",
        "Normal Q-Q plot of changes of feature_50",
    ]
    tab.set("gallery-find", "_07")
    assert "1 column" in tab.said
    assert titles(tab)[1] == "Distribution of feature_07"
    tab.set("gallery-find", "nothing like it")
    assert "No column of numbers has this name" in tab.said


def test_a_suggestion_is_taken_by_its_button(visit, project, workspace):
    tab = visit("quality", project.id).set("view", "Distributions")
    assert tab.app.dataframe[0].value["changes, all rows"].tolist()[0] != ""
    tab.set("gallery-find", "wti")
    (button,) = [node for node in tab.app.main.get("button") if node.key == "suggestion-0-remedy"]
    assert button.label == "Take the return of wti"
    tab.press("suggestion-0-remedy")
    assert workspace.recipe(project.id).cleaning.returns == ("wti",)
    assert tab.widget("suggestion-0-remedy").disabled
