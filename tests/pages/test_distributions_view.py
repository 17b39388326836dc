"""The views of single columns on the Quality page: bad values by era, the gallery, and one column with its changes."""

import json

import numpy as np
import pandas as pd

from core.recipe.model import Recipe


def figures(tab) -> list[dict]:
    return [json.loads(chart.proto.spec)["layout"] for chart in tab.app.get("plotly_chart")]


def column(tab) -> str:
    """The chosen column; its four charts are drawn below the gallery."""
    (box,) = [node for node in tab.app.main if str(getattr(node, "key", "")).startswith("distribution-column-")]
    titles = [layout["meta"]["title"] for layout in figures(tab)[1:]]
    assert len(set(titles)) == 4
    assert all(box.value in title for title in titles)
    return box.value


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
    assert listed["train"].tolist() == [20 / 56, 0]
    assert listed["test"].tolist() == [0, 10 / 12]

    tab.set("view", "Distributions")
    assert "60 columns" in tab.text
    assert " 24 " in figures(tab)[0]["meta"]["alt"]
    assert column(tab) == "feature_00"
    tab.set("gallery-page-file order-", 3)
    assert column(tab) == "feature_48"
    tab.set("gallery-order", "skewness")
    assert column(tab) == "feature_50"
    tab.set("gallery-find", "_07")
    assert "1 column" in tab.text
    assert column(tab) == "feature_07"
    tab.set("gallery-find", "nothing like it")
    assert "No numeric column has this name" in tab.text


def test_a_suggestion_is_applied_by_its_button(visit, project, workspace):
    tab = visit("quality", project.id).set("view", "Distributions")
    assert tab.app.dataframe[0].value["changes, all rows"].tolist()[0] != ""
    tab.set("gallery-find", "wti")
    tab.press("suggestion-0-remedy")
    assert workspace.recipe(project.id).cleaning.returns == ("wti",)
    assert tab.widget("suggestion-0-remedy").disabled
