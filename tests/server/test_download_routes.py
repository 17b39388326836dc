"""Large downloads: a link to one file, signed for its owner and an hour, streamed as an attachment."""

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from core.workspace.download_links import make_link, open_link
from pages.parts.server import download_routes
from pages.parts.server.download_routes import ROUTES
from tests.loops import run_in_thread


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    (tmp_path / "projects").mkdir()
    (tmp_path / "projects" / "file.zip").write_bytes(b"x" * 1_000_000)
    (tmp_path / "secret").write_text("secret")
    return tmp_path


def ask(token: str) -> tuple[int, dict[str, str], list[int]]:
    """The status, the headers and the sizes of the pieces that the route answers with."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": f"/downloads/{token}", "headers": [], "query_string": b""}
    scope["asgi"] = {"spec_version": "2.4"}
    run_in_thread(Starlette(routes=ROUTES)(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, [len(message["body"]) for message in sent[1:]]


def test_a_link_gives_its_file_under_its_name(home: Path) -> None:
    token = make_link(home, "local", home / "projects" / "file.zip", "prices_model.zip")
    status, headers, pieces = ask(token)
    assert (status, sum(pieces)) == (200, 1_000_000)
    assert max(pieces) < 200_000
    assert headers["content-disposition"] == 'attachment; filename="prices_model.zip"'


def test_a_changed_expired_or_foreign_link_gives_nothing(home: Path) -> None:
    file = home / "projects" / "file.zip"
    good = make_link(home, "local", file, "a.zip")
    text, _, signature = good.rpartition(".")
    other = make_link(home, "local", home / "secret", "a.zip").rpartition(".")[0]
    for token in (
        f"{other}.{signature}",
        f"{text}.{'0' * 64}",
        text,
        "x",
        make_link(home, "local", file, "a.zip", lasts=-1),
    ):
        assert open_link(home, "local", token) is None
        assert ask(token)[0] == 404
    file.unlink()
    assert open_link(home, "local", good) is None


def test_a_link_names_only_files_of_the_home(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(ValueError, match="subpath"):
        make_link(home, "local", tmp_path_factory.mktemp("other") / "x", "x")


def test_a_link_is_not_found_by_another_user(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = make_link(home, "ann@example.com", home / "projects" / "file.zip", "a.zip")
    assert ask(token)[0] == 404
    for user, status in (("otto@example.com", 404), (None, 404), ("ann@example.com", 200)):
        monkeypatch.setattr(download_routes, "owner_of_request", lambda _, user=user: user)
        assert ask(token)[0] == status
