"""The express lane: one job for every step, ticked off, which ends on the verdict."""

from core.context import Context
from core.importance.step import rank
from core.ingest import step as ingest_step
from core.quality.step import profile
from core.regression.step import regress
from core.workspace.runs import RunState
from pages.parts.frame import state
from pages.parts.models import walk_panel

BUTTON = "run-everything"


def ticked(tab) -> list[str]:
    """The titles of the steps that the panel shows as done."""
    marks = [text.value for text in tab.app.main.get("markdown") if text.value.startswith(":")]
    return [mark.rpartition(" ")[2] for mark in marks if "check_circle" in mark]


def test_two_tabs_start_one_job_which_keeps_the_test_era_sealed(visit, workspace, unfinished) -> None:
    first, second = visit("upload", unfinished.id), visit("upload", unfinished.id)
    first.press(BUTTON)
    second.press(BUTTON)
    (run,) = workspace.runs(unfinished.id, active=True)
    assert (run.kind, run.state) == ("training", RunState.QUEUED)
    assert not first.has(BUTTON) and first.has(f"stop-{run.id}")


def test_a_step_is_ticked_when_its_result_under_the_settings_of_the_run_is_there(visit, workspace, unfinished) -> None:
    tab = visit("upload", unfinished.id).press(BUTTON)
    assert ticked(tab) == ["Upload", "Quality", "Cleaning"]
    recipe, source = workspace.recipe(unfinished.id), workspace.source(unfinished.id)
    data = ingest_step.read(source.path, recipe, workspace.tables(unfinished.id), fingerprint=source.fingerprint)
    context = Context(dataset=data, recipe=recipe, cache=workspace.cache(unfinished.id))
    profile(context)
    rank(context)
    assert ticked(tab.draw()) == ["Upload", "Quality", "Cleaning"]
    regress(context)
    assert ticked(tab.draw()) == ["Upload", "Quality", "Cleaning", "Regression", "Importance"]


def test_only_the_tab_that_started_the_walk_turns_to_the_verdict_and_does_so_once(
    visit, open_home, trained_home, monkeypatch
) -> None:
    workspace = open_home(trained_home)
    (run,) = workspace.runs(kind="training")
    turned: list[str] = []
    monkeypatch.setattr(walk_panel.st, "switch_page", lambda page, **_: turned.append(page))
    other, tab = visit("upload", run.project_id), visit("upload", run.project_id)
    assert "See the verdict" in other.links and not turned
    with monkeypatch.context() as patch:
        patch.setattr(state, "request_run", lambda *_: None)  # the run has ended meanwhile
        tab.press(BUTTON)
    tab.draw()
    assert turned == ["results.py"]


def test_a_failed_walk_says_why_and_can_be_started_again(visit, unfinished, end_as) -> None:
    end_as(unfinished, "training", RunState.FAILED, "Too few rows.", "Add rows.")
    tab = visit("upload", unfinished.id)
    assert "Too few rows. Add rows." in tab.text and tab.has(BUTTON)
