"""The whole browser walk on a real PostgreSQL, without a login and with one."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from core.workspace.database import Database
from tests.browser import test_login
from tests.browser import test_walk as walk
from tests.browser.oidc_provider import Provider
from tests.browser.test_login import guarded, provider  # noqa: F401
from tests.running_server import Server

pytestmark = [pytest.mark.browser, pytest.mark.simulation]


def test_all_steps_run_on_postgres(page: Page, server, database: str, tmp_path: Path) -> None:
    walk.test_all_steps_from_a_sample_to_a_model_that_runs_elsewhere(page, server, tmp_path)
    assert not (tmp_path / "plumbline.db").exists()
    opened = Database(database)
    opened.require_answer()
    opened.close()


def test_all_steps_run_on_postgres_with_a_login(
    page: Page,
    database: str,
    guarded: Server,  # noqa: F811
    provider: Provider,  # noqa: F811
    tmp_path: Path,
) -> None:
    test_login.test_all_steps_run_with_a_login(page, guarded, provider, tmp_path)
    assert not (tmp_path / "plumbline.db").exists()
