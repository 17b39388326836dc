"""Headers on every response: what a browser may do with a page of this server."""

import base64
import hashlib
import os
import re
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METRICS_VARIABLE = "PLUMBLINE_METRICS"
_METRICS_PATH = "/_stcore/metrics"


def inline_script_hashes(page: str) -> tuple[str, ...]:
    """Return the policy sources that allow exactly the inline scripts of an HTML page.

    Examples
    --------
    >>> inline_script_hashes("<script>1</script><script src='a.js'></script>")
    ("'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='",)
    """
    scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page, flags=re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


_INDEX = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")

# Forbidden: frames around the page, plugins, forms and bases that lead elsewhere, and anything from another host.
# Streamlit needs inline styles, and scripts and workers from blobs for components.
POLICY = "; ".join(
    (
        "default-src 'none'",
        " ".join(("script-src 'self' blob:", *inline_script_hashes(_INDEX))),
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class ResponseHeaders:
    """ASGI middleware that adds `HEADERS` to every response and hides Streamlit's metrics unless they are asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request with the headers added."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        hidden = scope["type"] == "http" and scope["path"].rstrip("/") == _METRICS_PATH
        if hidden and os.environ.get(METRICS_VARIABLE) != "1":
            await PlainTextResponse("Not found.\n", 404)(scope, receive, send_with_headers)
        else:
            await self.app(scope, receive, send_with_headers)
