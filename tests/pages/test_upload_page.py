"""The Upload page: what was read and how, and that hostile names are shown as plain text."""

import io
import json
import re

import numpy as np
import pandas as pd
import pytest

from core.context import Context
from core.ingest import step as ingest_step
from core.ingest.preview import preview_file
from core.quality import step as quality_step
from core.recipe.model import IngestSettings, Recipe
from core.workspace.runs import RunState
from pages.parts.frame import small_data
from pages.parts.frame.context import load_context
from pages.parts.models import job_panel
from pages.parts.upload.describe_data import frequency_text
from tests.ingest.workbook_examples import rows, write_workbook
from tests.pages.conftest import prepare

PICTURE = "<img src=x onerror=alert(1)>"
MARKUP = "**bold** $x$ :red[x]"
ALIVE = ("<img", "**bold**", "$x$", ":red[x]", "[x]", "<b>")


def hostile_file() -> bytes:
    chance = np.random.default_rng(3)
    levels = 100 + np.cumsum(chance.normal(size=(240, 3)), axis=0)
    days = np.arange("2021-01-01", "2021-08-29", dtype="datetime64[D]")
    rows = [f"{day},{a:.4f},{b:.4f},{c:.4f}" for day, (a, b, c) in zip(days, levels, strict=True)]
    rows[40] = rows[40].rpartition(",")[0] + ",<b>?</b>"
    return "\n".join([f"date,{PICTURE},{MARKUP},plain", *rows]).encode()


HOSTILE = (
    Recipe()
    .change("ingest", target=PICTURE)
    .change("importance", iterations=20, folds=1, seeds=1)
    .change("training", features=(f"{MARKUP} change",))
)


@pytest.fixture
def hostile(open_home, add_project):
    open_home()
    return add_project(hostile_file(), HOSTILE, "profile", "regression", "importance")


def markdown_texts(tab) -> list[str]:
    """Every text of the page that Streamlit renders as markdown."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error", "success")
    texts = [node.value for place in (tab.app.main, tab.app.sidebar) for kind in kinds for node in place.get(kind)]
    for node in [*tab.app.main, *tab.app.sidebar]:
        proto = getattr(node, "proto", None)
        texts += [text for name in ("label", "help") if isinstance(text := getattr(proto, name, None), str)]
        if getattr(node, "type", "") == "button_group":
            texts += node.options
    for table in tab.app.main.get("table"):
        frame = table.value.reset_index()
        texts += [str(text) for text in (*frame.columns, *frame.to_numpy().ravel())]
    return texts


def texts_of_figure(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts_of_figure(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts_of_figure(item)]
    return [value] if isinstance(value, str) else []


def check_harmless(tab) -> None:
    for text in markdown_texts(tab):
        assert not [alive for alive in ALIVE if alive in text.replace(r"\<", "").replace(r"\[", "")], text
    for chart in tab.app.get("plotly_chart"):
        figure = json.loads(chart.proto.spec)
        figure["layout"].pop("meta")  # the text alternative, which nobody reads as HTML
        for text in texts_of_figure(figure):
            assert "<img" not in text
            assert "$x$" not in text


def test_the_sample_shows_its_rows_columns_and_target(visit, workspace, project):
    tab = visit("upload", project.id)
    assert re.search(r"1,2\d\d rows and \d+ columns, ordered by date", tab.text)
    assert tab.widget("ingest.target").value == "sp500"
    assert tab.widget("ingest.time_column").value == "date"
    assert len(tab.app.get("plotly_chart")) == 1
    assert "sealed until you open it" in tab.text
    assert "A verdict needs" not in tab.text
    preview = next(table.value for table in tab.app.dataframe if "line" in table.value)
    assert list(preview.columns[:3]) == ["line", "date", "sp500"]
    assert preview["line"].tolist() == list(range(2, 62))
    raw = tab.app.main.get("code")[0].value.split("\n")
    assert raw[0].startswith("date,sp500") and len(raw) == 60


def test_a_short_test_era_is_a_warning_before_anything_is_trained(visit, open_home, add_project):
    open_home()
    rows = "".join(
        f"{day:%Y-%m-%d},{100 + place % 7}\n" for place, day in enumerate(pd.bdate_range("2020-01-01", periods=90))
    )
    project = add_project(f"date,price\n{rows}".encode(), Recipe().change("ingest", target="price"), "profile")
    text = visit("upload", project.id).text
    assert "test: 14 rows from 2020-04-16, sealed" in text
    assert "A verdict needs at least 50 test rows" in text


def counting_remedies(project) -> list[str]:
    """The labels of the remedies that confirm that the rows are in time order."""
    remedies = [finding.remedy for finding in load_context(project).dataset.findings if finding.remedy]
    return [remedy.label for remedy in remedies if remedy.field == "time_column"]


@pytest.mark.parametrize("by", ["button", "box"])
def test_rows_without_a_time_are_counted_if_the_user_says_so(visit, open_home, add_project, by):
    workspace = open_home()
    rows = "".join(f"{100 + place % 7},{place * 37 % 11}\n" for place in range(90))
    project = add_project(f"price,signal\n{rows}".encode(), Recipe().change("ingest", target="price"), "profile")
    tab = visit("upload", project.id)
    (label,) = counting_remedies(project)
    assert tab.widget("ingest.time_column").value is None
    if by == "button":
        tab.press(label)
    else:
        tab.set("ingest.time_column", "row number")
    recipe = workspace.recipe(project.id)
    assert recipe.ingest.time_column == "row number"
    prepare(workspace, project, recipe, "profile", "regression")
    tab = visit("upload", project.id)
    assert tab.widget("ingest.time_column").value == "row number"
    assert label not in tab.buttons and not counting_remedies(project)
    assert visit("regression", project.id).app.get("plotly_chart")


def test_the_first_lines_and_rows_are_shown_while_the_file_is_read(visit, open_home, add_project, monkeypatch):
    workspace = open_home()
    rows = "".join(f"{day:02d}.01.2020;{100 + day},5\n" for day in range(1, 29))
    project = add_project(f"Datum;Kurs\n{rows}".encode(), Recipe())
    workspace.save_recipe(project.id, Recipe().change("ingest", decimal=","), "Another reading")
    monkeypatch.setattr(small_data, "MOST_CELLS", 0)
    tab = visit("upload", project.id)
    assert workspace.runs(project.id, kind="profile", active=True)
    assert tab.app.dataframe[0].value["Kurs"].tolist()[:2] == [101.5, 102.5]
    workspace.save_recipe(project.id, Recipe().change("ingest", delimiter="|"), "A wrong one")
    tab.draw()
    assert tab.app.warning and list(tab.app.dataframe[0].value.columns) == ["line", "Datum;Kurs"]
    assert tab.widget("ingest.delimiter").value == "|"
    assert tab.app.main.get("code")[0].value.startswith("Datum;Kurs")


def test_the_chosen_sheet_of_a_workbook_is_shown_at_once(visit, open_home, tmp_path):
    workspace = open_home()
    project = workspace.create_project("Workbook")
    prices = rows(["Date", "Close"], *([f"2024-01-{day:02d}", f"{day}.5"] for day in range(2, 20)))
    sheets = {"Read me": rows(["Notes"]), "*Prices* <b>": prices, "Hidden": prices}
    workspace.add_file(project.id, "a.xlsx", write_workbook(tmp_path / "a.xlsx", sheets, hidden=("Hidden",)))
    tab = visit("upload", project.id)
    assert tab.widget("ingest.sheet").value == "*Prices* <b>"
    assert tab.app.dataframe[0].value["Close"].tolist()[:2] == [2.5, 3.5]
    assert tab.widget("ingest.sheet").options == ["Read me", "*Prices* <b>", "Hidden (hidden)"]
    tab.set("ingest.sheet", "Read me")
    assert tab.app.main.get("code")[0].value == "Notes"
    assert workspace.recipe(project.id).ingest.sheet == "Read me"
    one = write_workbook(tmp_path / "b.xlsx", {"*Prices* <b>": prices})
    workspace.add_file(project.id, "b.xlsx", one)
    assert not tab.draw().has("ingest.sheet")


def test_a_newer_file_is_compared_with_the_previous_one(visit, open_home, add_project, tmp_path):
    workspace = open_home()
    days = [f"2020-01-{day:02d}" for day in range(1, 32)]
    first = "\n".join(["date,close", *(f"{day},{place}.5" for place, day in enumerate(days))])
    project = add_project(first.encode(), Recipe(), "profile")
    assert not visit("upload", project.id).headings("Changes since")
    newer = tmp_path / "newer.csv"
    rows = [f"{day},{99 if place == 4 else place}.5" for place, day in enumerate([*days, "2020-02-01"])]
    newer.write_text("\n".join(["date,close", *rows]))
    workspace.add_file(project.id, "newer.csv", newer)
    source, recipe = workspace.source(project.id), workspace.recipe(project.id)
    cache, tables = workspace.cache(project.id), workspace.tables(project.id)
    data = ingest_step.read(source.path, recipe, tables, fingerprint=source.fingerprint)
    quality_step.profile(Context(dataset=data, recipe=recipe, cache=cache))
    tab = visit("upload", project.id)
    assert tab.has("start-profile")
    earlier = workspace.previous_source(project.id)
    context = Context(dataset=data, recipe=recipe, cache=cache)
    ingest_step.compare(context, ingest_step.EarlierFile(path=earlier.path, fingerprint=earlier.fingerprint), tables)
    tab.draw()
    assert len(tab.headings("Changes since")) == 1
    assert "1 row added, 0 removed; 1 value restated in 31 matching rows." in tab.text
    assert "newer.csv · utf-8 text, comma-separated" in tab.text
    assert tab.has("download-restated")


def test_the_frequency_is_written_in_words(visit, open_home, add_project):
    assert frequency_text("QS-JAN") == "one row per quarter"
    assert frequency_text("5min") == "one row every 5 minutes"
    open_home()
    counted = "\n".join(["x,y", *(f"{place}.5,{place * 3}.25" for place in range(30))])
    tab = visit("upload", add_project(counted.encode(), Recipe(), "profile").id)
    assert "30 rows and 2 columns, ordered by row number: no column holds times." in tab.text


def test_pivoted_series_are_shown_as_columns(visit, open_home, add_project):
    open_home()
    rows = [f"2020-01-{day:02d},{name},{day}.5" for name in "AB" for day in range(1, 29)]
    content = "\n".join(["day,who,x", *rows]).encode()
    recipe = Recipe().change("ingest", pivot=True)
    tab = visit("upload", add_project(content, recipe).id)
    assert "before pivoting" not in tab.text
    tab = visit("upload", add_project(content, recipe, "profile").id)
    (preview,) = [table.value for table in tab.app.dataframe if "line" in table.value]
    assert list(preview.columns) == ["line", "day", "A", "B"]


def test_findings_and_bad_cells_can_be_downloaded(visit, project):
    tab = visit("upload", project.id)
    keys = [button.key for button in tab.app.main.get("download_button")]
    assert keys == ["download-report", "download-bad-cells"]


def test_the_inferred_target_is_shown_if_the_recipe_has_none(visit, open_home, add_project):
    open_home()
    rows = "".join(f"2020-01-{day:02d},{100 + day}\n" for day in range(1, 29))
    project = add_project(f"date,close\n{rows}".encode(), Recipe(), "profile")
    tab = visit("upload", project.id)
    assert "28 rows and 2 columns" in tab.text
    assert tab.widget("ingest.target").value == "close"


@pytest.mark.parametrize("step", ["upload", "cleaning", "regression", "importance", "training", "results"])
def test_hostile_column_names_are_shown_as_plain_text(visit, hostile, step):
    tab = visit(step, hostile.id)
    check_harmless(tab)


@pytest.mark.parametrize("view", ["Bad values", "Distributions", "Correlations", "Relations", "Forecastability"])
def test_hostile_column_names_are_harmless_in_every_view_of_quality(visit, hostile, view):
    check_harmless(visit("quality", hostile.id).set("view", view))


def test_a_hostile_name_is_shown_in_full(visit, hostile):
    assert visit("upload", hostile.id).widget("ingest.target").value == PICTURE
    assert PICTURE in visit("quality", hostile.id).set("view", "Relations").text


def test_a_hostile_name_in_the_history_is_harmless_in_the_help_of_undo(visit, hostile):
    tab = visit("upload", hostile.id).set("ingest.ignore", [MARKUP])
    check_harmless(tab)


def test_a_file_that_cannot_be_read_shows_why_and_the_reading_options(visit, open_home, end_as):
    workspace = open_home()
    project = workspace.create_project("Bad")
    workspace.add_file(project.id, "bad.csv", io.BytesIO(b"\x89PNG\r\n\x1a\n"))
    end_as(project, "profile", RunState.FAILED, "This is a PNG <b>picture</b>.", "Choose a CSV.")
    tab = visit("upload", project.id)
    assert "This is a PNG <b>picture</b>. Choose a CSV." in tab.text
    assert "<b>" not in tab.raw.replace(r"\<b", "")
    assert tab.has("ingest.delimiter")
    assert len(workspace.runs(project.id)) == 1
    assert visit("quality", project.id).links == ["Change reading options"]


def test_a_file_without_a_time_column_is_shown_and_its_rows_can_be_counted(visit, open_home, end_as):
    workspace = open_home()
    project = workspace.create_project("List")
    content = "firm,sales\n" + "".join(f"firm {place},{place}\n" for place in range(40))
    workspace.add_file(project.id, "list.csv", io.BytesIO(content.encode()))
    refusal = preview_file(workspace.source(project.id).path, Recipe().ingest).problem
    end_as(project, "profile", RunState.FAILED, refusal.message, refusal.hint)
    tab = visit("upload", project.id)
    assert tab.text.count(refusal.message) == 1
    assert f"“{IngestSettings.model_fields['time_column'].title}”" in tab.text and "ingest." not in tab.text
    assert list(tab.app.dataframe[0].value.columns) == ["line", "firm", "sales"]
    assert tab.widget("ingest.time_column").options == ["firm", "sales", "row number"]
    tab.set("ingest.time_column", "row number")
    assert refusal.message not in tab.text and not tab.app.warning
    assert workspace.runs(project.id, kind="profile", active=True)


def test_an_empty_box_shows_what_was_inferred(visit, open_home, add_project):
    open_home()
    rows = "".join(f"{day:02d}.{1 + day // 20:02d}.2024;{day},5\n" for day in range(1, 29))
    project = add_project(f"Kurse\nStand heute\nDatum;Kurs\n{rows}".encode(), Recipe(), "profile")
    tab = visit("upload", project.id)
    day_order = load_context(project).dataset.day_order
    assert day_order
    empty = {
        "delimiter": "semicolon ;",
        "encoding": "utf-8",
        "decimal": "comma ,",
        "header_line": "line 3",
        "header_rows": "1",
        "day_first": day_order,
    }
    for name, inferred in empty.items():
        widget = tab.widget(f"ingest.{name}")
        assert (widget.value, widget.proto.placeholder) == (None, f"Automatic: {inferred}")
    assert f"1 header row from line 3, dates {day_order}, 2 lines outside the table skipped." in tab.text
    tab.set("ingest.header_line", 4)
    assert tab.widget("ingest.header_line").value == 4


def test_a_file_is_read_by_one_job_however_often_the_page_runs(visit, open_home):
    workspace = open_home()
    project = workspace.create_project("New")
    workspace.add_file(project.id, "a.csv", io.BytesIO(b"date,close\n2020-01-01,1\n"))
    tab = visit("upload", project.id).draw()
    visit("quality", project.id)
    (run,) = workspace.runs(project.id)
    assert run.kind == "profile"
    assert f"{job_panel.title_of_job('profile')} is next in the queue" in tab.text
    tab.press(f"stop-{run.id}")
    assert workspace.run(run.id).state is RunState.STOPPED
    assert "Reading was stopped" in tab.text
    tab.press("read-file")
    assert workspace.run(run.id).state is RunState.QUEUED


def test_another_file_replaces_the_first_and_the_settings_are_kept(visit, workspace, project):
    recipe = workspace.recipe(project.id)
    tab = visit("upload", project.id)
    tab.widget(f"file-{project.id}").set_value(("other.csv", b"date,sp500\n2020-01-01,1\n", "text/csv")).run()
    tab.check()
    tab.press("use-upload")
    assert workspace.source(project.id).name == "other.csv"
    assert workspace.recipe(project.id) == recipe
    assert [run.kind for run in workspace.runs(project.id, active=True)] == ["profile"]


def test_the_remedy_of_a_finding_changes_the_recipe_and_undo_restores_it(visit, workspace, project):
    before = workspace.recipe(project.id)
    tab = visit("quality", project.id)
    remedies = [node for node in tab.app.main.get("button") if (node.key or "").endswith("-remedy")]
    assert remedies
    tab.press(remedies[0].key)
    assert workspace.recipe(project.id) != before
    assert workspace.history(project.id)[0].note == remedies[0].label.replace("\\", "")
    assert "Applied. See Cleaning" in tab.links
    tab.press("Undo")
    assert workspace.recipe(project.id) == before
    assert "Applied. See Cleaning" not in tab.links


def test_publication_delays_are_set_in_a_table_and_by_the_remedy_of_a_finding(visit, add_project, workspace):
    days = pd.bdate_range("2015-01-01", periods=1_000)
    months = np.random.default_rng(3).normal(size=60)[pd.factorize(days.to_period("M"))[0]]
    close = 100 + np.random.default_rng(4).normal(size=1_000).cumsum()
    content = pd.DataFrame({"date": days, "cpi": months, "close": close}).to_csv(index=False).encode()
    project = add_project(content, Recipe().change("ingest", target="close"), "profile")
    tab = visit("quality", project.id)
    remedies = [finding.remedy for finding in load_context(project).quality.findings if finding.remedy]
    (label,) = [remedy.label for remedy in remedies if remedy.field == "availability_lag"]
    tab.press(label)
    assert workspace.recipe(project.id).ingest.availability_lag == {"cpi": 22}
    table = tab.go("upload").app.data_editor[-1]
    assert table.value.to_dict("list") == {"column": ["cpi"], "delay (rows)": [22]}
    tab.press("Undo")
    assert workspace.recipe(project.id).ingest.availability_lag == {}
