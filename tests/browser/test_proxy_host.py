"""Another name of the server, as a reverse proxy gives it: served if it is listed, refused otherwise."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.outgoing import outgoing
from tests.running_server import Server

pytestmark = pytest.mark.browser
LONG = 120_000


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[Server]:
    """A server that is also reached as `plumbline.localhost`, which browsers resolve to this machine."""
    server = Server(tmp_path)
    server.variables["PLUMBLINE_HOSTS"] = f"http://plumbline.localhost:{server.port}"
    server.start()
    yield server
    server.end()
    assert not outgoing(tmp_path)


def test_a_listed_host_serves_pages_websocket_and_uploads(page: Page, proxied: Server, tmp_path: Path) -> None:
    page.goto(f"http://plumbline.localhost:{proxied.port}")
    page.get_by_role("button", name="Try the S&P 500 sample").click()
    expect(page.get_by_role("heading", name="What to forecast")).to_be_visible(timeout=LONG)
    page.goto(f"http://plumbline.localhost:{proxied.port}")
    file = tmp_path / "prices.csv"
    file.write_text("date,close\n" + "".join(f"2024-01-{day:02},{100 + day}\n" for day in range(1, 31)))
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(file)
    expect(page.get_by_role("heading", name="Upload", exact=True)).to_be_visible(timeout=LONG)


def test_an_unlisted_host_is_refused(page: Page, proxied: Server) -> None:
    answer = page.goto(f"http://evil.localhost:{proxied.port}")
    assert answer is not None
    assert answer.status == 403
