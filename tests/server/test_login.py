"""Who a signed-in user is, and what is not found without a login."""

import ast
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.web.server.starlette import starlette_app_utils, starlette_websocket

from core.workspace.audit import record_action
from pages.parts.server import login
from pages.parts.server.hosts import HostGuard, Origin
from tests.loops import run_in_thread

SECRET = "a long secret of the cookies"
ANN = {"is_logged_in": True, "email": "ann@example.com", "email_verified": True, "sub": "1"}


@pytest.fixture
def home(tmp_path, monkeypatch, manager):
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    monkeypatch.setenv("PLUMBLINE_LOGIN", "1")
    monkeypatch.setattr(starlette_websocket, "get_cookie_secret", lambda: SECRET)
    monkeypatch.setattr(login.runtime, "get_instance", lambda: SimpleNamespace(media_file_mgr=manager))
    return tmp_path


@pytest.fixture
def manager():
    """Streamlit's own keeper of media files."""
    return MediaFileManager(MemoryMediaFileStorage("/media"))


def offer(manager, monkeypatch, claims):
    """The address of the file of a download button on a user's page."""
    monkeypatch.setattr(login, "current_owner", lambda: login.owner_of(claims))
    return manager.add(b"date,close\n", login.for_user("text/csv"), "1.2", "prices.csv", is_for_static_download=True)


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
    "path", ["/media", "/downloads/x", "/uploads", "/uploads/00", "/_stcore/upload_file/a/b", "/_stcore/metrics"]
)
def test_files_are_not_found_without_a_valid_login(home, path, manager, monkeypatch):
    path = offer(manager, monkeypatch, ANN) if path == "/media" else path
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


OTTO = ANN | {"email": "otto@example.com", "sub": "2"}


def test_the_file_of_a_button_is_not_found_by_another_user(home, manager, monkeypatch):
    anns, ottos = (offer(manager, monkeypatch, claims) for claims in (ANN, OTTO))
    assert anns != ottos
    for address, statuses in ((anns, (200, 404)), (ottos, (404, 200)), ("/media/0.csv", (404, 404))):
        assert tuple(ask(address, cookie(claims)) for claims in (ANN, OTTO)) == statuses
    unmarked = manager.add(b"a,b\n", "text/csv", "1.3", "x.csv", is_for_static_download=True)
    assert ask(unmarked, cookie(ANN)) == 404


def test_a_button_that_computes_its_file_when_it_is_clicked_is_no_exception(home, manager, monkeypatch):
    monkeypatch.setattr(login, "current_owner", lambda: login.owner_of(ANN))
    later = manager.add_deferred(lambda: b"a,b\n", login.for_user("text/csv"), "1.2", "prices.csv")
    address = manager.execute_deferred(later)
    assert (ask(address, cookie(ANN)), ask(address, cookie(OTTO))) == (200, 404)


def test_every_download_button_names_its_user_and_nothing_else_makes_a_media_file():
    calls = [
        node
        for path in (Path(__file__).parents[2] / "pages").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    ]
    names = [ast.unparse(call.func).rpartition(".")[2] for call in calls]
    assert not {"image", "audio", "video", "pdf", "logo"} & set(names)
    buttons = [call for call, name in zip(calls, names, strict=True) if name == "download_button"]
    assert len(buttons) >= 9
    for button in buttons:
        (mime,) = (ast.unparse(word.value) for word in button.keywords if word.arg == "mime")
        assert mime.startswith("login.for_user("), ast.unparse(button)


def test_the_icon_of_the_page_is_everyones(home, manager):
    icon = manager.add(b"\x89PNG", "image/png", "icon")
    assert (ask(icon, cookie(ANN)), ask(icon)) == (200, 404)


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
