"""What the Quality page says first: the state of the data in a sentence, and its findings, each told once."""

import gc
import weakref

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from core.recipe.model import Recipe
from pages.parts.server import gc_freeze


def columns_of(rows: int = 120) -> pd.DataFrame:
    random = np.random.default_rng(5)
    values = random.normal(size=(rows, 7)).round(4)
    table = pd.DataFrame(values, columns=["target", *(f"f{place}" for place in range(6))])
    table.insert(0, "date", pd.date_range("2024-01-01", periods=rows))
    return table


def test_like_remarks_are_folded_away_and_lines_that_follow_each_other_are_a_span(visit, add_project):
    table = columns_of()
    table.loc[:9, ["f0", "f1", "f2", "f3", "f4", "f5"]] = np.nan
    table.loc[50:, "f5"] = np.nan
    tab = visit("quality", add_project(table.to_csv(index=False).encode(), Recipe(), "profile").id)
    assert "the worst column is f5 with" in tab.said
    folded = tab.app.expander[0]
    away = [button.label for button in folded.get("button")]
    assert (tab.buttons.count("Drop f5"), away.count("Drop f5")) == (2, 1)
    late = [text.value for text in folded.get("markdown") if "has no good value before" in text.value]
    assert tab.said.count("has no good value before") == 6 == len(late) + 1
    assert "Lines of the file: 2 to 11" in tab.said


def test_few_findings_stand_before_the_choice_of_a_view_and_the_rest_is_counted(visit, add_project):
    table = columns_of()
    table["one"], table["two"], table["place"] = 1.0, 2.0, range(len(table))
    table.loc[60:, ["f4", "f5"]] = np.nan
    tab = visit("quality", add_project(table.to_csv(index=False).encode(), Recipe(), "profile").id)
    folded = tab.app.expander[0]
    away = [button.label for button in folded.get("button")]
    assert len([button for button in tab.buttons if button.startswith("Drop")]) - len(away) == 3
    assert folded.label.startswith(f"{len(folded.get('markdown'))} more: ")


def test_the_answer_names_columns_that_are_equally_bad_and_what_none_bad_means(visit, add_project):
    table = columns_of()
    whole = visit("quality", add_project(table.to_csv(index=False).encode(), Recipe(), "profile").id)
    assert "None of the 960 cells is missing, unreadable, infinite or a code" in whole.said
    assert (
        "None of 6** features relates to target linearly. None does so in another shape."
        in whole.set("view", "Relations").said
    )
    assert whole.app.dataframe[-1].value["bad"].tolist() == [0] * 8
    table.loc[:9, ["f0", "f1", "f2"]] = np.nan
    tied = visit("quality", add_project(table.to_csv(index=False).encode(), Recipe(), "profile").id)
    assert "the worst columns are f0 and 2 others with 8.33%" in tied.said


def test_a_code_that_stands_for_a_missing_value_is_told_once_by_its_number(visit, add_project):
    table = columns_of()
    table.loc[:9, ["f0", "f1"]] = -999
    tab = visit("quality", add_project(table.to_csv(index=False).encode(), Recipe(), "profile").id)
    assert "-999 is taken for a missing value in 2 columns" in tab.said
    assert "holds codes" not in tab.said


def test_what_stays_in_memory_is_spared_the_collections_after_each_drawing_on_a_server_alone():
    before = gc.get_freeze_count()
    gc_freeze.spare_what_stays()
    assert gc.get_freeze_count() == before < 10_000
    with gc_freeze.serving():
        gc_freeze.spare_what_stays()
        assert gc.get_freeze_count() > 10_000
        loop = type("Loop", (), {})()
        loop.itself, ended = loop, weakref.ref(loop)
        gc_freeze.spare_what_stays()
        del loop
        gc.collect()
        assert ended() is not None
        gc_freeze.spare_what_stays()
        assert ended() is None
    assert gc.get_freeze_count() < 10_000


def test_a_table_of_many_cells_is_shown_though_pandas_would_not_style_it():
    def page():
        import pandas as pd

        from pages.parts.widgets import placing

        many = pd.DataFrame({"column": range(300_000), "share": 0.5})
        placing.table(many.style.format({"share": "{:.1f}"}), "many")

    tab = AppTest.from_function(page).run()
    assert not tab.exception
    assert len(tab.dataframe[0].value) == 300_000
