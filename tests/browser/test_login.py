"""With a login, each user sees their own projects, and gets "not found" for those of others."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.workspace.projects import Workspace
from tests.browser import test_walk as walk
from tests.browser.oidc_provider import Provider
from tests.browser.test_walk import LONG, settle
from tests.running_server import STREAMLIT, Server

pytestmark = [pytest.mark.browser, pytest.mark.simulation]
ANN = {"sub": "1", "email": "Ann@example.com", "email_verified": True}
OTTO = {"sub": "2", "email": "ann@example.com", "email_verified": False}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as started:
        yield started


@pytest.fixture
def guarded(tmp_path: Path, provider: Provider) -> Iterator[Server]:
    """A server on which users sign in."""
    server = Server(tmp_path, PLUMBLINE_LOGIN="1")
    (tmp_path / "secrets.toml").write_text(provider.secrets_for(server.url))
    options = ("--server.port", str(server.port), "--server.headless", "true")
    server.start((*STREAMLIT, "app.py", *options, "--secrets.files", str(tmp_path / "secrets.toml")))
    yield server
    server.end()


def sign_in(page: Page, url: str) -> None:
    page.goto(url, timeout=LONG)
    page.get_by_role("button", name="Sign in").click(timeout=LONG)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible(timeout=LONG)
    settle(page)


def status(url: str) -> int:
    try:
        return int(urllib.request.urlopen(url, timeout=5).status)
    except urllib.error.HTTPError as error:
        return error.code


def test_each_user_sees_their_own_projects_alone(
    browser: Browser, guarded: Server, provider: Provider, tmp_path: Path
) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("date,close\n" + "".join(f"2024-01-{day:02},{100 + day}\n" for day in range(1, 31)))
    provider.claims = ANN
    ann = browser.new_page()
    ann.set_default_timeout(LONG)
    ann.goto(guarded.url)
    expect(ann.get_by_text("Sign in to see your projects.")).to_be_visible(timeout=LONG)
    expect(ann.get_by_test_id("stFileUploaderDropzoneInput")).to_have_count(0)
    sign_in(ann, guarded.url)
    ann.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(file)
    expect(ann.get_by_role("heading", name="Upload", exact=True)).to_be_visible(timeout=LONG)
    settle(ann)
    address = ann.url
    assert "project=" in address

    # The same address, which nobody has verified: another user.
    provider.claims = OTTO
    otto = browser.new_page()
    otto.set_default_timeout(LONG)
    sign_in(otto, guarded.url)
    expect(otto.get_by_text("prices.csv")).to_have_count(0)
    otto.goto(address)
    settle(otto)
    expect(otto.get_by_text("prices")).to_have_count(0)
    assert re.search(r"project=[0-9a-f]", otto.url) is None

    everyone = Workspace(tmp_path, owner=None)
    with everyone.database.reading() as connection:
        owners = set(connection.exec_driver_sql("SELECT owner FROM projects").scalars())
    everyone.close()
    assert owners == {"ann@example.com"}
    audit = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert {(line["owner"], line["action"]) for line in audit} == {("ann@example.com", "open")}

    for path in ("/media/0.csv", "/uploads/" + "0" * 32, "/_stcore/metrics"):
        assert status(guarded.url + path) == 404
    assert status(guarded.url + "/health") == 200

    ann.get_by_role("button", name="Sign out").click()
    expect(ann.get_by_role("button", name="Sign in")).to_be_visible(timeout=LONG)
    for page in (ann, otto):
        page.close()


def test_all_steps_run_with_a_login(page: Page, guarded: Server, provider: Provider, tmp_path: Path) -> None:
    provider.claims = ANN
    sign_in(page, guarded.url)
    walk.test_all_steps_from_a_sample_to_a_model_that_runs_elsewhere(page, guarded, tmp_path)
    audit = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    done = [line["action"] for line in audit if line["owner"] == "ann@example.com"]
    assert len(done) == len(audit)
    assert {"open", "open test era", "download"} <= set(done)
    assert done.count("download") >= 5
