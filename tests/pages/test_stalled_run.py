"""A run without a heartbeat is shown as stalled, with its Stop button."""

from datetime import UTC, datetime, timedelta

import pytest

from core.recipe.model import Recipe
from core.workspace.runs import STALLED_AFTER, Run, RunState
from pages.parts.models import job_panel


@pytest.mark.parametrize(
    ("silent", "state", "shown"),
    [
        (STALLED_AFTER + 5, RunState.RUNNING, "stalled"),
        (STALLED_AFTER - 5, RunState.RUNNING, "starting"),
        (STALLED_AFTER + 5, RunState.STOPPING, "stopping"),
    ],
)
def test_a_silent_run_is_shown_as_stalled(monkeypatch, tmp_path, silent, state, shown):
    told = []
    monkeypatch.setattr(job_panel.st, "progress", lambda share, text: told.append(text))
    monkeypatch.setattr(job_panel.state, "workspace", lambda: type("Empty", (), {"last_step": lambda *_: None})())
    run = Run(
        id="r",
        project_id="p",
        kind="training",
        state=state,
        recipe=Recipe(),
        source_path=tmp_path,
        fingerprint="",
        folder=tmp_path,
        parent=None,
        created=datetime.now(UTC),
        heartbeat=datetime.now(UTC) - timedelta(seconds=silent),
    )
    job_panel.show_progress(run)
    (text,) = told
    assert shown in text
