"""Who may talk to the server: every Host and Origin on every route, over HTTP and websocket, against a real server."""

import http.client
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest
import websockets
from websockets.exceptions import InvalidStatus

from pages.parts.server.hosts import HostGuard, Origin, proxy_origins, read_origin
from tests.loops import run_in_thread
from tests.outgoing import outgoing, refuse_outgoing
from tests.running_server import ROOT, STREAMLIT, Server

PROXY = "plumbline.example.com"


class Client(Server):
    """A server behind a proxy named `PROXY`, and requests to it with any Host and Origin."""

    def status(self, path: str, host: str | None = None, origin: str | None = None, method: str = "GET") -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", self.fill(host or "127.0.0.1:PORT"))
        connection.putheader("Content-Length", "0")
        if origin is not None:
            connection.putheader("Origin", self.fill(origin))
        connection.endheaders()
        status = connection.getresponse().status
        connection.close()
        return status

    def headers(self, path: str) -> dict[str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path)
        found = {name.lower(): value for name, value in connection.getresponse().getheaders()}
        connection.close()
        return found

    def opens_websocket(self, host: str, origin: str | None) -> bool:
        async def connect() -> bool:
            try:
                async with websockets.connect(
                    f"ws://{self.fill(host)}/_stcore/stream",
                    host="127.0.0.1",
                    port=self.port,
                    origin=None if origin is None else self.fill(origin),
                    subprotocols=["streamlit"],
                    proxy=None,
                ):
                    return True
            except InvalidStatus as refusal:
                assert refusal.response.status_code == 403
                return False

        return run_in_thread(connect())

    def fill(self, text: str) -> str:
        return text.replace("PORT", str(self.port))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    started = Client(tmp_path_factory.mktemp("home"), PLUMBLINE_HOSTS=PROXY)
    started.start()
    yield started
    started.end()
    assert not outgoing(started.home)


OWN = "127.0.0.1:PORT"
HOSTS = {
    OWN: True,
    "localhost:PORT": True,
    "LOCALHOST:PORT": True,
    "[::1]:PORT": True,
    PROXY: True,
    f"{PROXY}:443": True,
    f"{PROXY}:8443": False,
    "evil.example:PORT": False,
    "evil.example": False,
    "127.0.0.1.evil.example:PORT": False,
    "localhost.evil.example:PORT": False,
    "127.0.0.2:PORT": False,
    "user@127.0.0.1:PORT": False,
    "127.0.0.1:PORT/evil": False,
    "127.0.0.1:none": False,
}
ORIGINS = {
    "http://127.0.0.1:PORT": True,
    "http://127.0.0.1:1": False,
    "http://localhost:PORT": False,
    "https://127.0.0.1:PORT": False,
    "http://evil.example:PORT": False,
    "http://127.0.0.1.evil.example:PORT": False,
    "null": False,
    "file://": False,
    f"https://{PROXY}": True,
    f"http://{PROXY}": False,
    f"https://{PROXY}:8443": False,
}


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/_stcore/host-config", "/uploads/none", "/quality"])
@pytest.mark.parametrize(("host", "allowed"), HOSTS.items())
def test_a_host_outside_the_list_is_refused_on_every_route(server: Client, path: str, host: str, allowed: bool) -> None:
    assert (server.status(path, host) != 403) == allowed


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/_stcore/health"), ("POST", "/uploads")])
@pytest.mark.parametrize(("origin", "allowed"), ORIGINS.items())
def test_a_foreign_origin_is_refused_on_every_route(
    server: Client, method: str, path: str, origin: str, allowed: bool
) -> None:
    assert (server.status(path, OWN, origin, method) != 403) == allowed


def test_a_request_that_changes_something_names_its_origin(server: Client) -> None:
    assert server.status("/uploads", OWN, None, "POST") == 403
    assert server.status("/uploads/none", OWN, None, "DELETE") == 403


@pytest.mark.parametrize("host", [host for host in HOSTS if not any(sign in host for sign in ("@", "/", "none"))])
def test_a_host_outside_the_list_opens_no_websocket(server: Client, host: str) -> None:
    own = f"https://{PROXY}" if PROXY in host else f"http://{host}"
    assert server.opens_websocket(host, own) == HOSTS[host]


@pytest.mark.parametrize(("origin", "allowed"), [*ORIGINS.items(), (None, True)])
def test_a_foreign_origin_opens_no_websocket(server: Client, origin: str | None, allowed: bool) -> None:
    assert server.opens_websocket(OWN, origin) == allowed


def test_a_rebound_name_with_its_own_origin_is_refused(server: Client) -> None:
    assert server.status("/", "evil.example:PORT", "http://evil.example:PORT") == 403
    assert server.status("/uploads", "evil.example:PORT", "http://evil.example:PORT", "POST") == 403
    assert not server.opens_websocket("evil.example:PORT", "http://evil.example:PORT")


@pytest.mark.parametrize(
    "path", ["/", "/_stcore/health", "/plotly.min.js", "/fonts/ibm-plex-sans-latin.woff2", "/uploads/none"]
)
def test_every_response_forbids_frames_sniffing_and_foreign_content(server: Client, path: str) -> None:
    headers = server.headers(path)
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'none'", "connect-src 'self'"} <= set(policy)
    assert not any("unsafe-eval" in part or "http" in part or "*" in part for part in policy)


@pytest.mark.parametrize("command", [STREAMLIT, (sys.executable,)], ids=["streamlit run", "python"])
def test_started_anywhere_it_listens_on_this_machine_only(command: Sequence[str], tmp_path: Path) -> None:
    server = Server(tmp_path)
    folder = tmp_path / "elsewhere"
    (folder / ".streamlit").mkdir(parents=True)
    (folder / ".streamlit/config.toml").write_text(f"[server]\nport = {server.port}\nheadless = true\n")
    server.start((*command, str(ROOT / "app.py")), folder)
    connections = psutil.Process(server.process.pid).net_connections()
    server.end()
    assert [found.laddr.ip for found in connections if found.status == psutil.CONN_LISTEN] == ["127.0.0.1"]
    assert not outgoing(tmp_path)


def test_an_empty_address_ends_the_start(tmp_path: Path) -> None:
    command = (*STREAMLIT, str(ROOT / "app.py"), "--server.headless", "true", "--server.address", "")
    environment = refuse_outgoing(tmp_path) | {"PLUMBLINE_HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "server.address is empty" in done.stderr
    assert not outgoing(tmp_path)


def test_a_connection_to_another_machine_is_recorded(tmp_path: Path) -> None:
    tried = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    done = subprocess.run(
        [sys.executable, "-c", tried], env=refuse_outgoing(tmp_path), capture_output=True, check=False
    )
    assert done.returncode == 1
    assert "192.0.2.1" in outgoing(tmp_path)


def test_metrics_are_hidden(server: Client) -> None:
    assert server.status("/_stcore/metrics") == 404
    assert server.status("/_stcore/metrics/") == 404


@pytest.mark.parametrize(
    "text", ["", "null", "file:///etc", "http://", "http://a@b", "http://a/b", "http://a:99999", "ws://a", "http://a?b"]
)
def test_what_is_no_plain_origin_is_none(text: str) -> None:
    assert read_origin(text) is None


def test_proxies_are_read_from_the_setting_and_nonsense_is_ignored() -> None:
    assert proxy_origins(" , a.example:8443,http://b, https://c/ ,user@d") == (
        Origin("https", "a.example", 8443),
        Origin("http", "b", 80),
        Origin("https", "c", 443),
    )


def test_two_hosts_or_origins_are_refused() -> None:
    guard = HostGuard(None)
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "headers": [(b"host", b"127.0.0.1"), (b"host", b"127.0.0.1")],
    }
    assert not guard.allows(scope)
    twice = [(b"host", b"127.0.0.1"), (b"origin", b"http://127.0.0.1"), (b"origin", b"http://127.0.0.1")]
    assert not guard.allows(scope | {"headers": twice})
    assert guard.allows(scope | {"headers": twice[:2]})
    assert not guard.allows(scope | {"headers": []})


def test_a_wildcard_address_allows_no_other_name() -> None:
    guard = HostGuard(None, addresses=["0.0.0.0"])
    assert not guard.allows(
        {"type": "http", "method": "GET", "scheme": "http", "headers": [(b"host", b"0.0.0.0:8501")]}
    )
