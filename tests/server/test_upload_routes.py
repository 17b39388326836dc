"""The routes of large uploads, on a real server: who may use them, and what each refusal says."""

import http.client
import json
import shutil
import socket
import threading
import time
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from core.workspace.files import SPARE
from core.workspace.uploads.upload_tokens import make_claim
from core.workspace.uploads.uploads import scope_of
from pages.parts.server import login, upload_routes
from pages.parts.server.hosts import HostGuard

Usage = namedtuple("Usage", "total used free")
Answer = namedtuple("Answer", "status words")


class Client:
    """A browser's half by hand: what it sends, header by header."""

    def __init__(self, port: int, home: Path) -> None:
        self.port, self.home = port, home
        self.origin = f"http://127.0.0.1:{port}"

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str | None) -> Answer:
        sent = {name: value for name, value in ({"Origin": self.origin} | headers).items() if value is not None}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body=body, headers=sent)
            response = connection.getresponse()
            body = response.read()
            is_json = response.headers.get_content_type() == "application/json"
            return Answer(response.status, json.loads(body) if is_json else {"error": body.decode()})
        finally:
            connection.close()

    def begin(self, size: int = 10, name: str = "prices.csv", **more: object) -> Answer:
        told = {"claim": make_claim(self.home), "name": name, "size": size} | more
        return self.ask("POST", "/uploads", json.dumps(told).encode())

    def begun(self, size: int = 10) -> str:
        return f"/uploads/{self.begin(size).words['token']}"

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in (self.home / "uploads").glob("*"))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = Starlette(routes=upload_routes.ROUTES, middleware=[Middleware(HostGuard)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.fixture
def client(port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PLUMBLINE_MAX_UPLOAD_GB", raising=False)
    return Client(port, tmp_path / "home")


def test_a_file_goes_up_in_slices(client):
    begun = client.begin(10)
    assert begun.status == 200
    assert begun.words["offset"] == 0
    path = f"/uploads/{begun.words['token']}"
    assert client.ask("PUT", f"{path}?offset=0", b"01234") == (200, {"offset": 5})
    assert client.ask("GET", path, Origin=None) == (200, {"offset": 5, "size": 10})
    assert client.ask("PUT", f"{path}?offset=5", b"56789") == (200, {"offset": 10})
    (part,) = (client.home / "uploads").glob("*.part")
    assert part.read_bytes() == b"0123456789"


def test_a_slice_larger_than_what_is_gathered_is_written_whole(client):
    content = bytes(range(256)) * 40_000
    path = client.begun(len(content))
    assert client.ask("PUT", f"{path}?offset=0", content).words == {"offset": len(content)}
    (part,) = (client.home / "uploads").glob("*.part")
    assert part.read_bytes() == content


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "", None])
def test_another_origin_may_do_nothing(client, origin):
    path = client.begun()
    told = json.dumps({"claim": make_claim(client.home), "name": "x", "size": 1}).encode()
    for method, where in (("POST", "/uploads"), ("PUT", f"{path}?offset=0"), ("DELETE", path)):
        answer = client.ask(method, where, told, Origin=origin)
        assert answer.status == 403
    if origin is not None:
        assert client.ask("GET", path, Origin=origin).status == 403
    assert client.ask("GET", path) == (200, {"offset": 0, "size": 10})
    assert len(client.files) == 2


@pytest.mark.parametrize("claim", ["", "9999999999.00", "x", "\ud800"])
def test_without_a_claim_nothing_begins(client, claim):
    answer = client.begin(claim=claim)
    assert (answer.status, answer.words["renew"]) == (403, True)
    assert client.files == []


def test_an_expired_claim_is_refused(client):
    answer = client.begin(claim=make_claim(client.home, lasts=-1))
    assert answer.status == 403
    assert "Reload" in answer.words["error"]


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"\xff", b'{"claim": 1, "name": 2, "size": 3}', b"[" * 60_000, b"null", b"1" * 9000]
)
def test_a_beginning_that_nobody_understands_is_refused(client, body):
    answer = client.ask("POST", "/uploads", body)
    assert (answer.status, list(answer.words)) == (400, ["error"])


@pytest.mark.parametrize("size", [0, -1, 1.5, True, "10", None])
def test_a_size_that_is_none_is_refused(client, size):
    assert client.begin(size).status == 400


def test_a_beginning_without_end_is_refused(client):
    assert client.begin(name="x" * 65_500).status == 413


@pytest.mark.parametrize("token", ["0" * 32, "x", "..%5c..%5cplumbline", "%00", "%ff"])
def test_an_unknown_token_is_not_found_and_removes_nothing(client, token):
    client.begun()
    assert client.ask("GET", f"/uploads/{token}").status == 404
    assert client.ask("PUT", f"/uploads/{token}?offset=0", b"1").status == 404
    assert client.ask("DELETE", f"/uploads/{token}") == (200, {})
    assert len(client.files) == 2


def test_a_wrong_offset_is_told_the_right_one(client):
    path = client.begun()
    client.ask("PUT", f"{path}?offset=0", b"0123")
    answer = client.ask("PUT", f"{path}?offset=2", b"23")
    assert (answer.status, answer.words["offset"]) == (409, 4)


@pytest.mark.parametrize("offset", ["", "?offset=", "?offset=-1", "?offset=x", "?offset=1e3", "?offset=%D9%A3"])
def test_a_slice_without_its_place_is_refused(client, offset):
    assert client.ask("PUT", f"{client.begun()}{offset}", b"1").status == 400


def test_what_is_too_large_is_refused(client, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_MAX_UPLOAD_GB", "0.001")
    answer = client.begin(1_000_001)
    assert answer.status == 413
    assert "1,000,001 bytes; at most 1,000,000" in answer.words["error"]
    path = client.begun(5)
    assert client.ask("PUT", f"{path}?offset=0", b"123456").status == 413
    assert client.ask("GET", path).words["offset"] == 0


def test_a_slice_that_does_not_end_is_refused_while_it_comes(client, monkeypatch):
    monkeypatch.setattr(upload_routes, "MOST_SLICE", 3000)
    monkeypatch.setattr(upload_routes, "GATHER", 1000)
    path = client.begun(1_000_000)
    assert client.ask("PUT", f"{path}?offset=0", b"x" * 20_000).status == 413
    assert client.ask("GET", path).words["offset"] <= 3000


def test_too_little_room_on_the_disk_is_told_with_the_bytes_needed(client, monkeypatch):
    path = client.begun(10)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, SPARE + 4))
    answer = client.begin(11)
    assert answer.status == 507
    assert "21 bytes are needed, 4 are free" in answer.words["error"]
    assert client.ask("PUT", f"{path}?offset=0", b"01234").status == 507
    assert client.ask("PUT", f"{path}?offset=0", b"0123").words == {"offset": 4}


def test_too_many_uploads_at_once_are_refused(client):
    for _ in range(20):
        assert client.begin().status == 200
    assert client.begin().status == 507


@pytest.mark.parametrize("name", ["../../x.csv", "/etc/passwd", "a\x00b.csv", "\ud800.csv", "<img src=x>", "x" * 5000])
def test_a_name_like_a_path_is_harmless(client, name, tmp_path):
    token = client.begin(name=name).words["token"]
    assert client.files == [f"{token}.json", f"{token}.part"]
    assert {path.name for path in tmp_path.iterdir()} == {"home"}


def test_cancel_removes_what_has_come(client):
    path = client.begun()
    client.ask("PUT", f"{path}?offset=0", b"0123")
    assert client.ask("DELETE", path) == (200, {})
    assert client.files == []
    assert client.ask("GET", path).status == 404


def test_what_has_come_of_a_slice_before_the_connection_is_cut_is_kept(client):
    path = client.begun(1_000_000)
    with socket.create_connection(("127.0.0.1", client.port)) as line:
        head = f"PUT {path}?offset=0 HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\nOrigin: {client.origin}\r\n"
        line.sendall(f"{head}Content-Length: 1000000\r\n\r\n".encode() + b"y" * 300_000)
        time.sleep(0.3)
    limit = time.monotonic() + 10
    while not client.ask("GET", path).words["offset"]:
        assert time.monotonic() < limit
        time.sleep(0.02)
    assert client.ask("GET", path).words["offset"] == 300_000
    assert client.ask("PUT", f"{path}?offset=300000", b"z" * 700_000).words == {"offset": 1_000_000}


def test_a_damaged_home_is_told_in_a_sentence(client):
    client.begun()
    (client.home / "claims.key").unlink()
    (client.home / "claims.key").mkdir()
    answer = client.ask("POST", "/uploads", json.dumps({"claim": "1.1", "name": "x", "size": 1}).encode())
    assert answer.status == 507
    assert "cannot be used" in answer.words["error"]


def test_with_a_login_the_upload_of_another_user_is_unknown(client, monkeypatch):
    claim = make_claim(client.home, scope=scope_of("ann@example.com", None))
    monkeypatch.setenv(login.VARIABLE, "1")
    users = {"now": "ann@example.com"}
    monkeypatch.setattr(login, "owner_of_request", lambda _: users["now"])
    path = f"/uploads/{client.begin(claim=claim).words['token']}"
    assert client.ask("PUT", f"{path}?offset=0", b"date") == (200, {"offset": 4})
    for other in ("otto@example.com", None):
        users["now"] = other
        assert client.begin(claim=claim).status == 403
        assert client.ask("GET", path).status == 404
        assert client.ask("PUT", f"{path}?offset=4", b",close").status == 404
        client.ask("DELETE", path)
    users["now"] = "ann@example.com"
    assert client.ask("GET", path).words["offset"] == 4
