"""Which hosts and origins the server answers: DNS rebinding and pages of other sites are refused before Streamlit sees them."""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

from pages.parts.server import login

HOSTS_VARIABLE = "PLUMBLINE_HOSTS"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_WILDCARDS = ("", "0.0.0.0", "::")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_REFUSAL = (
    "This server does not answer requests for this address or from this page. If you reach it through a proxy, add the "
    f"proxy's host to {HOSTS_VARIABLE}.\n"
)


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port of a page, in lower case, with the scheme's port if none is written."""

    scheme: str
    host: str
    port: int


def read_origin(text: str) -> Origin | None:
    """Return the origin that a header or setting names, or None if it is not a plain `scheme://host[:port]`.

    Examples
    --------
    >>> read_origin("http://LOCALHOST:8501")
    Origin(scheme='http', host='localhost', port=8501)
    >>> read_origin("http://user@localhost"), read_origin("null")
    (None, None)
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    plain = f"{parts.scheme}://{parts.netloc}".lower() == text.lower()
    if not plain or not host or parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc:
        return None
    return Origin(parts.scheme, host.rstrip("."), _DEFAULT_PORTS[parts.scheme] if port is None else port)


def proxy_origins(setting: str) -> tuple[Origin, ...]:
    """Return the origins in the value of `PLUMBLINE_HOSTS`: hosts separated by commas, https unless a scheme is written.

    Examples
    --------
    >>> proxy_origins("plumbline.example.com, http://desk:8080")
    (Origin(scheme='https', host='plumbline.example.com', port=443), Origin(scheme='http', host='desk', port=8080))
    """
    entries = (entry.strip().rstrip("/") for entry in setting.split(","))
    found = (read_origin(entry if "://" in entry else f"https://{entry}") for entry in entries if entry)
    return tuple(origin for origin in found if origin is not None)


class HostGuard:
    """ASGI middleware that refuses every Host outside the allow-list and every Origin that is not an allowed page's.

    A Host is allowed if it is a loopback name, one of `addresses`, or a proxy's host. An Origin is allowed if it is that of
    the request's own Host, or a proxy's. Browsers send an Origin with every websocket and every request that changes
    something, so such a request without one is refused too, except a websocket, which programs may open.

    The Origin is not passed on: Streamlit would look up its own address on the internet to compare. Its login needs that of a
    websocket, and compares it with the Host alone if they are the same.

    Parameters
    ----------
    app
        The application behind it.
    addresses
        Names or addresses that the server listens on; those of the configuration if left out.
    proxies
        Origins of reverse proxies in front of the server; those of `PLUMBLINE_HOSTS` if left out.
    """

    def __init__(
        self, app: ASGIApp, addresses: Iterable[str] | None = None, proxies: Iterable[Origin] | None = None
    ) -> None:
        addresses = _configured_addresses() if addresses is None else addresses
        proxies = _configured_proxies() if proxies is None else proxies
        self.app = app
        self.hosts = {*LOOPBACK, *(name.lower() for name in addresses if name not in _WILDCARDS)}
        self.proxies = frozenset(proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an allowed request on; answer any other with 403."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif self.allows(scope):
            passed = [(name, value) for name, value in scope["headers"] if name != b"origin" or _is_login(scope)]
            await self.app({**scope, "headers": passed}, receive, send)
        elif scope["type"] == "http":
            await PlainTextResponse(_REFUSAL, 403)(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    def allows(self, scope: Scope) -> bool:
        """Return whether the Host and the Origin of a request are allowed."""
        headers = Headers(scope=scope)
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or len(origins) > 1:
            return False
        scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
        own = read_origin(f"{scheme}://{hosts[0]}")
        if own is None:
            return False
        proxied = {(proxy.host, proxy.port) for proxy in self.proxies}
        # A proxy that ends TLS passes its own host on over plain http: the port is that of https then.
        of_proxy = (own.host, own.port) in proxied or read_origin(f"https://{hosts[0]}") in self.proxies
        if own.host not in self.hosts and not of_proxy:
            return False
        if not origins:
            return scope["type"] == "websocket" or scope["method"] in _SAFE_METHODS
        origin = read_origin(origins[0])
        return origin is not None and (origin in self.proxies or (origin == own and own.host in self.hosts))


def _is_login(scope: Scope) -> bool:
    """Return whether a request is a websocket of a page of the same host, and users sign in."""
    if scope["type"] != "websocket" or not login.is_on():
        return False
    headers = Headers(scope=scope)
    return urlsplit(headers.get("origin", "")).netloc == headers.get("host")


def require_address() -> None:
    """Exit if the server's address is set to nothing: Streamlit would listen on every interface."""
    if config.is_manually_set("server.address") and not config.get_option("server.address"):
        sys.exit("server.address is empty. Set it to 127.0.0.1, or to the address that the server is to listen on.")


def share_hosts() -> None:
    """Give Streamlit, which checks the Host of websockets again, the names of the guard."""
    names = {*LOOPBACK, *_configured_addresses(), *(proxy.host for proxy in _configured_proxies())}
    config.set_option("server.allowedHosts", sorted(names.difference(_WILDCARDS)))


def _configured_addresses() -> tuple[str, ...]:
    return tuple(config.get_option(option) or "" for option in ("server.address", "browser.serverAddress"))


def _configured_proxies() -> tuple[Origin, ...]:
    return proxy_origins(os.environ.get(HOSTS_VARIABLE, ""))
