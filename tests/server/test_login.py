"""Who a signed-in user is, and what is not found without a login."""

import json

import pytest
from streamlit.web.server.starlette import starlette_app_utils, starlette_websocket

from core.workspace.audit import record_action
from pages.parts.server import login
from pages.parts.server.hosts import HostGuard, Origin
from tests.loops import run_in_thread

SECRET = "a long secret of the cookies"
ANN = {"is_logged_in": True, "email": "ann@example.com", "email_verified": True, "sub": "1"}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    monkeypatch.setenv("PLUMBLINE_LOGIN", "1")
    monkeypatch.setattr(starlette_websocket, "get_cookie_secret", lambda: SECRET)
    return tmp_path


def cookie(claims: object, secret: str = SECRET) -> str:
    signed = starlette_app_utils.create_signed_value(secret, login.USER_COOKIE_NAME, json.dumps(claims))
    return f"{login.USER_COOKIE_NAME}={signed.decode()}"


def ask(path: str, *cookies: str) -> int:
    """The status of a request to an application that answers a file to everyone, behind the guard."""
    sent = []

    async def app(scope, receive, send):
        headers = [(b"content-disposition", b'attachment; filename="predictions.csv"')]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def send(message):
        sent.append(message)

    headers = [(b"cookie", one.encode()) for one in cookies]
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers, "query_string": b""}
    run_in_thread(login.LoginGuard(app)(scope, None, send))
    return sent[0]["status"]


@pytest.mark.parametrize(
    "path", ["/media/1.csv", "/downloads/x", "/uploads", "/uploads/00", "/_stcore/upload_file/a/b", "/_stcore/metrics"]
)
def test_files_are_not_found_without_a_valid_login(home, path):
    assert ask(path) == 404
    for forged in (
        cookie(ANN, "another secret"),
        cookie(ANN | {"is_logged_in": False}),
        cookie({"is_logged_in": True}),
        cookie(["ann"]),
        cookie(ANN)[:-3],
        f"{login.USER_COOKIE_NAME}=x",
    ):
        assert ask(path, forged) == 404
    assert not (home / "audit.jsonl").exists()
    assert ask(path, cookie(ANN)) == 200
    (line,) = (home / "audit.jsonl").read_text().splitlines()
    told = json.loads(line)
    assert (told["owner"], told["action"], told["what"]) == ("ann@example.com", "download", '"predictions.csv"')


def test_the_page_itself_and_the_health_check_need_no_login(home):
    for path in ("/", "/health", "/_stcore/health", "/static/js/index.js", "/oauth2callback"):
        assert ask(path) == 200


def test_without_the_switch_everyone_is_local(home, monkeypatch):
    monkeypatch.delenv("PLUMBLINE_LOGIN")
    assert ask("/media/1.csv") == 200
    assert json.loads((home / "audit.jsonl").read_text())["owner"] == "local"
    assert login.current_owner() == "local"


@pytest.mark.parametrize(
    ("claims", "owner"),
    [
        ({"email": "A@b.c", "email_verified": True, "sub": "1"}, "a@b.c"),
        ({"email": "a@b.c", "email_verified": False, "iss": "https://id", "sub": "1"}, "https://id#1"),
        ({"email": "a@b.c", "email_verified": "true", "iss": "https://id", "sub": "1"}, "https://id#1"),
        ({"email": "a@b.c"}, None),
        ({"email": ["a@b.c"], "email_verified": True}, None),
        ({}, None),
    ],
)
def test_an_owner_is_a_verified_address_or_the_subject_of_an_issuer(claims, owner):
    assert login.owner_of(claims) == owner


@pytest.mark.parametrize(
    ("kind", "switch", "origin", "passed"),
    [
        ("websocket", "1", b"http://127.0.0.1:8501", True),
        ("websocket", "0", b"http://127.0.0.1:8501", False),
        ("websocket", "1", b"https://proxy.example", False),
        ("http", "1", b"http://127.0.0.1:8501", False),
    ],
)
def test_only_the_websocket_of_a_login_keeps_its_own_origin(monkeypatch, kind, switch, origin, passed):
    monkeypatch.setenv("PLUMBLINE_LOGIN", switch)
    seen = []

    async def app(scope, receive, send):
        seen.extend(name for name, _ in scope["headers"])

    async def never():
        return {}

    async def ignore(_):
        pass

    guard = HostGuard(app, addresses=["127.0.0.1"], proxies=[Origin("https", "proxy.example", 443)])
    headers = [(b"host", b"127.0.0.1:8501"), (b"origin", origin)]
    scope = {
        "type": kind,
        "scheme": "ws" if kind == "websocket" else "http",
        "method": "GET",
        "path": "/",
        "headers": headers,
    }
    run_in_thread(guard(scope, never, ignore))
    assert (b"origin" in seen) is passed
    assert b"host" in seen


def test_a_line_of_the_audit_log_is_one_line_whatever_is_in_it(home):
    record_action(home, "ann\n@example.com", "delete", 'x\n{"action": "open"}\u202e')
    (line,) = (home / "audit.jsonl").read_text().splitlines()
    assert json.loads(line)["what"] == 'x {"action": "open"}'
    record_action(home / "absent", "ann", "delete", "x")
