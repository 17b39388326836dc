"""Large uploads from a browser: in chunks, through a lost connection and a reload, and cancelled."""

import re
import shutil
import socket
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, Route, expect

from core.data.store import load_dataset
from core.workspace.projects import Workspace
from tests.running_server import Server

pytestmark = pytest.mark.browser
LONG = 120_000
ROWS = 60_000


@pytest.fixture(scope="module")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """About 30 MB: one price per minute, and a text column that makes the file large but not slow to read."""
    minutes = np.datetime_as_string(np.datetime64("2020-01-01T00:00") + np.arange(ROWS) * np.timedelta64(1, "m"))
    prices = 100 + np.random.default_rng(0).normal(size=ROWS).cumsum() / 100
    remark = "the same remark in every single row; " * 11
    path = tmp_path_factory.mktemp("large") / "minutes.csv"
    lines = (f"{minute},{price:.6f},{remark}" for minute, price in zip(minutes, prices, strict=True))
    path.write_text("\n".join(["time,close,remark", *lines, ""]))
    assert 25_000_000 < path.stat().st_size < 40_000_000
    return path


def open_uploader(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_text("Larger file or slow connection").click()
    expect(page.get_by_role("button", name="Choose a large file")).to_be_visible()


def choose(page: Page, file: Path) -> None:
    page.locator(".upload-input").set_input_files(file)


def slow_down(page: Page) -> None:
    """Throttle uploads, so a chunk takes seconds."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 4_000_000}
    session.send("Network.emulateNetworkConditions", limits)


def files_in(server) -> list[Path]:
    return list((server.home / "uploads").glob("*"))


def test_a_large_file_is_uploaded_in_chunks_through_a_lost_connection_and_read(
    page: Page, server, large_file: Path
) -> None:
    offsets, cut = [], []

    def watch(route: Route) -> None:
        if route.request.method == "PUT":
            offsets.append(_offset(route.request.url))
            if len(offsets) == 2:
                cut.append(offsets[-1])
                route.abort("connectionreset")
                return
        route.continue_()

    page.route("**/uploads/**", watch)
    open_uploader(page, server.url)
    choose(page, large_file)
    expect(page.get_by_text("Connection lost. Retrying.")).to_be_visible(timeout=LONG)
    expect(page.get_by_text(f"{ROWS:,} rows and 3 columns, ordered by time")).to_be_visible(timeout=LONG)
    assert cut == [8_388_608]
    assert offsets.count(cut[0]) == 2
    assert len(set(offsets)) == len(offsets) - 1 == 4
    workspace = Workspace(server.home)
    (project,) = workspace.projects()
    source = workspace.source(project.id)
    assert source.path.read_bytes() == large_file.read_bytes()
    assert project.name == source.name == "minutes.csv"
    workspace.close()
    assert files_in(server) == []


def test_cancel_leaves_no_files(page: Page, server, large_file: Path) -> None:
    open_uploader(page, server.url)
    slow_down(page)
    choose(page, large_file)
    expect(page.get_by_text(re.compile(r"\d+%, [\d.]+ of \d+ MB, [\d.]+ MB/s, \d+\s(s|min) left"))).to_be_visible()
    assert len(files_in(server)) == 2
    page.get_by_role("button", name="Cancel").press("Enter")
    expect(page.get_by_text("Cancelled. Nothing was kept.")).to_be_visible()
    assert files_in(server) == []
    expect(page.get_by_role("button", name="Choose a large file")).to_be_focused()


def test_after_a_reload_and_a_server_restart_the_same_file_continues_where_it_stopped(
    page: Page, server, large_file: Path
) -> None:
    open_uploader(page, server.url)
    slow_down(page)
    choose(page, large_file)
    expect(page.get_by_text(re.compile(r"^[4-9]\d%"))).to_be_visible(timeout=LONG)
    server.end()
    expect(page.get_by_text("Connection lost. Retrying.")).to_be_visible(timeout=LONG)
    server.start()
    open_uploader(page, server.url)
    offsets: list[int] = []
    page.on("request", lambda sent: offsets.append(_offset(sent.url)) if sent.method == "PUT" else None)
    choose(page, large_file)
    expect(page.get_by_role("heading", name="Upload", exact=True)).to_be_visible(timeout=LONG)
    assert offsets[0] >= 8_388_608
    assert files_in(server) == []


def test_a_page_with_an_expired_claim_renews_it(page: Page, server, large_file: Path) -> None:
    open_uploader(page, server.url)
    (server.home / "claims.key").unlink()
    choose(page, large_file)
    expect(page.get_by_role("heading", name="Upload", exact=True)).to_be_visible(timeout=LONG)
    assert files_in(server) == []


def test_a_refusal_is_shown_and_another_file_can_follow(page: Page, server, tmp_path: Path) -> None:
    open_uploader(page, server.url)
    page.route(
        "**/uploads",
        lambda route: route.fulfill(status=507, json={"error": "The disk has no room: <b>9 bytes</b> are needed."}),
    )
    empty, small = tmp_path / "empty.csv", tmp_path / "small.csv"
    empty.touch()
    small.write_text("date,close\n")
    choose(page, empty)
    expect(page.get_by_text("This file is empty.")).to_be_visible()
    choose(page, small)
    expect(page.get_by_text("The disk has no room: <b>9 bytes</b> are needed.")).to_be_visible()
    page.unroute("**/uploads")
    choose(page, small)
    expect(page.get_by_role("heading", name="Upload", exact=True)).to_be_visible(timeout=LONG)


def test_a_deleted_file_is_not_taken_for_a_lost_connection(
    page: Page, server, large_file: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.csv"
    shutil.copy(large_file, copy)
    open_uploader(page, server.url)
    slow_down(page)
    choose(page, copy)
    expect(page.get_by_text(re.compile(r"^[1-9]\d?%"))).to_be_visible(timeout=LONG)
    copy.unlink()
    expect(page.get_by_text("The file can no longer be read. Choose it again.")).to_be_visible(timeout=LONG)


def test_a_long_table_is_pivoted_in_one_click_and_a_newer_file_is_compared(page: Page, server, tmp_path: Path) -> None:
    days = np.arange("2021-01-01", "2021-03-02", dtype="datetime64[D]")
    prices = {name: 100 + np.random.default_rng(place).normal(size=60).cumsum() for place, name in enumerate("ABC")}
    first, newer = tmp_path / "first.csv", tmp_path / "newer.csv"
    write_long(first, days[:50], prices)
    restated = prices["A"].copy()
    restated[[3, 30]] += 5
    write_long(newer, days, {"A": restated, "B": prices["B"]})

    page.goto(server.url)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(first)
    expect(page.get_by_text("150 rows and 3 columns, ordered by day")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name=pivot_remedy(server.home)).click()
    expect(page.get_by_text("50 rows and 4 columns, ordered by day")).to_be_visible(timeout=LONG)

    page.get_by_text("Replace file").click()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(newer)
    page.get_by_role("button", name="Use this file").click()
    expect(page.get_by_role("heading", name="Changes since first.csv")).to_be_visible(timeout=LONG)
    changes = "10 rows added, 0 removed; 0 columns added, 1 removed; 2 values restated in 50 matching rows."
    expect(page.get_by_text(changes)).to_be_visible(timeout=LONG)
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download restated values").click()
    cells = pd.read_csv(begun.value.path())
    assert cells["column"].tolist() == ["A", "A"]
    assert cells["new"].astype(float).sub(cells["old"].astype(float)).round(9).tolist() == [5, 5]


def pivot_remedy(home: Path) -> str:
    """The label of the remedy that turns the series of the only project into columns."""
    workspace = Workspace(home)
    (project,) = workspace.projects()
    (folder,) = {file.parent for file in workspace.tables(project.id).glob("*/dataset.json")}
    workspace.close()
    remedies = [finding.remedy for finding in load_dataset(folder).findings if finding.remedy]
    return next(remedy.label for remedy in remedies if remedy.field == "pivot")


def write_long(path: Path, days: np.ndarray, prices: dict[str, np.ndarray]) -> None:
    rows = [f"{day},{name},{price[place]:.4f}" for place, day in enumerate(days) for name, price in prices.items()]
    path.write_text("\n".join(["day,who,price", *rows, ""]))


def _offset(url: str) -> int:
    return int(url.partition("offset=")[2])


def test_the_server_stops_on_request_while_an_upload_is_stalled(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as quiet:
        host = f"127.0.0.1:{server.port}"
        head = f"PUT /uploads/none?offset=0 HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Length: 1000\r\n\r\n"
        quiet.sendall(head.encode() + b"half")
        post = f"POST /uploads HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Length: 1000\r\n\r\n"
        with socket.create_connection(("127.0.0.1", server.port)) as other:
            other.sendall(post.encode() + b"{")
            time.sleep(1)
            server.end()
    assert server.process.returncode is not None
