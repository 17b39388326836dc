"""The top of the Quality page: the state of the data in a sentence, and its findings, each shown once."""

import gc
import weakref

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from core.data.builtin import write_sample
from core.recipe.model import Recipe
from pages.parts.frame.context import load_context
from pages.parts.server import gc_freeze


def columns_of(rows: int = 120) -> pd.DataFrame:
    random = np.random.default_rng(5)
    values = random.normal(size=(rows, 7)).round(4)
    table = pd.DataFrame(values, columns=["target", *(f"f{place}" for place in range(6))])
    table.insert(0, "date", pd.date_range("2024-01-01", periods=rows))
    return table


def test_similar_findings_are_one_line_and_consecutive_lines_are_a_range(visit, add_project):
    table = columns_of()
    table.loc[:9, ["f0", "f1", "f2", "f3", "f4", "f5"]] = np.nan
    table.loc[50:, "f5"] = np.nan
    project = add_project(table.to_csv(index=False).encode(), Recipe(), "profile")
    tab = visit("quality", project.id)
    assert "Worst column: f5 (" in tab.text
    late = [finding.title for finding in load_context(project).quality.findings if finding.code == "late-start"]
    alike = [box for box in tab.app.expander if "5 columns have no valid values before some date" in box.label]
    shown = [text.value.replace("\\", "") for text in alike[0].get("markdown")]
    assert len(late) == 6 and len(alike) == 1
    assert sum(any(title in text for text in shown) for title in late) == 5
    assert all(title in tab.text for title in late)
    assert ["2–11"] in [pills.options for pills in alike[0].get("button_group")]


def test_a_line_of_a_finding_leads_to_the_row_among_the_data(visit, add_project):
    table = columns_of()
    table.loc[:9, "f0"] = np.nan
    project = add_project(table.to_csv(index=False).encode(), Recipe(), "profile")
    tab = visit("quality", project.id)
    tab.set("view", "Data").set("rows-filter", "f1")
    tab.set("view", "Bad values")
    lines = next(key for key in tab.keys("findings-") if key.endswith("-lines"))
    tab.set(lines, 2)
    assert tab.widget("view").value == "Data"
    assert tab.widget("rows-jump").value == "2"
    assert tab.widget("rows-filter").value == "No filter"
    assert tab.widget(lines).value is None


def test_a_kind_that_repeats_by_column_is_one_line_with_one_remedy(visit, workspace, add_project):
    table = columns_of()
    table["one"], table["two"], table["place"] = 1.0, 2.0, range(len(table))
    project = add_project(table.to_csv(index=False).encode(), Recipe(), "profile")
    tab = visit("quality", project.id)
    assert "2 columns are constant in the train era" in tab.text
    tab.press("Drop both columns")
    assert set(workspace.recipe(project.id).cleaning.drop) == {"one", "two"}


def test_only_chosen_columns_of_a_kind_are_remedied(visit, workspace, add_project):
    table = columns_of()
    table["one"], table["two"], table["three"] = 1.0, 2.0, 3.0
    project = add_project(table.to_csv(index=False).encode(), Recipe(), "profile")
    tab = visit("quality", project.id)
    choice = next(box for box in tab.app.multiselect if box.label == "Only in these columns" and "two" in box.options)
    choice.set_value(["one", "three"]).run()
    tab.press("Drop 2 columns")
    assert set(workspace.recipe(project.id).cleaning.drop) == {"one", "three"}


def test_three_kinds_of_findings_are_shown_and_the_others_are_folded_and_counted(visit, add_project):
    table = columns_of()
    table["one"], table["place"], table["f6"] = 1.0, range(len(table)), table["f0"]
    table.loc[60:, ["f4", "f5"]] = np.nan
    tab = visit("quality", add_project(table.to_csv(index=False).encode(), Recipe(), "profile").id)
    labels = [box.label for box in tab.app.expander]
    folded = next(box for box in tab.app.expander if " more: " in box.label)
    assert sum("-badge[" in label for label in labels[: labels.index(folded.label)]) == 3
    inside = [box.label for box in folded.get("expander")]
    assert folded.label.startswith(f"{len(inside)} more: ") and inside


def test_the_summary_names_equally_bad_columns_and_says_if_none_is_bad(visit, add_project):
    table = columns_of()
    whole = visit("quality", add_project(table.to_csv(index=False).encode(), Recipe(), "profile").id)
    assert "None of the 960 cells is missing" in whole.text
    assert "None of 6** features is linearly related to target" in whole.set("view", "Relations").text
    assert whole.app.dataframe[-1].value["bad"].tolist() == [0] * 8
    table.loc[:9, ["f0", "f1", "f2"]] = np.nan
    tied = visit("quality", add_project(table.to_csv(index=False).encode(), Recipe(), "profile").id)
    assert "Worst columns: f0 and 2 others (8.33% each)" in tied.text


def test_a_sentinel_code_is_reported_once_and_not_per_column(visit, add_project):
    table = columns_of()
    table.loc[:9, ["f0", "f1"]] = -999
    project = add_project(table.to_csv(index=False).encode(), Recipe(), "profile")
    context = load_context(project)
    (of_code,) = [finding.title for finding in context.dataset.findings if finding.code == "sentinel-code"]
    of_columns = [finding.title for finding in context.quality.findings if finding.code == "sentinel-values"]
    text = visit("quality", project.id).text
    assert of_code in text and "-999" in of_code
    assert len(of_columns) == 2
    assert not [title for title in of_columns if title in text]


def test_long_lived_objects_are_frozen_only_while_a_server_runs():
    before = gc.get_freeze_count()
    gc_freeze.freeze_long_lived()
    assert gc.get_freeze_count() == before < 10_000
    with gc_freeze.serving():
        gc_freeze.freeze_long_lived()
        assert gc.get_freeze_count() > 10_000
        loop = type("Loop", (), {})()
        loop.itself, ended = loop, weakref.ref(loop)
        gc_freeze.freeze_long_lived()
        del loop
        gc.collect()
        assert ended() is not None
        gc_freeze.freeze_long_lived()
        assert ended() is None
    assert gc.get_freeze_count() < 10_000


def test_a_table_too_large_to_style_is_shown_unstyled():
    def page():
        import pandas as pd

        from pages.parts.widgets import placing

        many = pd.DataFrame({"column": range(300_000), "share": 0.5})
        placing.table(many.style.format({"share": "{:.1f}"}), "many")

    tab = AppTest.from_function(page).run()
    assert not tab.exception
    assert len(tab.dataframe[0].value) == 300_000


def test_the_data_view_filters_sorts_and_jumps_and_leaves_a_sealed_target_blank(visit, add_project):
    project = add_project(
        columns_of().to_csv(index=False).encode(), Recipe().change("ingest", target="target"), "profile"
    )
    tab = visit("quality", project.id).set("view", "Data")
    rows = shown_rows(tab)
    assert rows["line"].tolist() == list(range(2, 102))
    assert rows["target"].notna().tolist() == [True] * 100
    last = shown_rows(tab.set("rows-direction", "descending"))
    assert last["line"].iloc[0] == 121 and last["target"].iloc[:18].isna().all() and last["f0"].notna().all()
    tab.set("rows-direction", "ascending").set("rows-jump", "2024-04-01")
    assert str(shown_rows(tab)["date"].iloc[0])[:10] == "2024-04-01"
    tab.set("rows-jump", "").set("rows-filter", "f0").set("rows-value", "1")
    assert (shown_rows(tab)["f0"] >= 1).all()
    tab.set("rows-value", "high")
    assert len(tab.app.error) == 1


def shown_rows(tab) -> pd.DataFrame:
    return next(frame.value for frame in tab.app.dataframe if "line" in frame.value)


def test_every_view_is_narrowed_to_one_series_of_a_panel(visit, add_project, tmp_path):
    file = tmp_path / "panel.csv"
    write_sample("three-markets-panel", file)
    project = add_project(file.read_bytes(), Recipe(), "profile")
    tab = visit("quality", project.id)
    everything, *series = tab.widget("quality-series").options
    assert everything == "All series" and len(series) == 3
    tab.set("quality-series", series[1])
    for view in tab.widget("view").options:
        tab.set("view", view)
        assert not tab.app.error and not tab.app.exception
    with_series = pd.read_csv(file)
    rows = (with_series.astype(str) == series[1]).any(axis=1).sum()
    assert f"{rows:,} rows" in tab.text
