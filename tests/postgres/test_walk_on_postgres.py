"""The whole browser walk on a real PostgreSQL."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from core.workspace.database import Database
from tests.browser import test_walk as walk

pytestmark = [pytest.mark.browser, pytest.mark.simulation]


def test_all_steps_run_on_postgres(page: Page, server, database: str, tmp_path: Path) -> None:
    walk.test_all_steps_from_a_sample_to_a_model_that_runs_elsewhere(page, server, tmp_path)
    assert not (tmp_path / "plumbline.db").exists()
    opened = Database(database)
    opened.require_answer()
    opened.close()
