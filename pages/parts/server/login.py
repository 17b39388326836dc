"""Optional login by OpenID Connect: who the user is, and what needs a signed-in user."""

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

import streamlit as st
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.web.server.starlette import starlette_websocket
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from core.text.escape import markdown_text
from core.workspace.audit import record_action
from core.workspace.files import home_folder

VARIABLE = "PLUMBLINE_LOGIN"
LOCAL = "local"
# Paths that carry users' files; all else is the empty page, its scripts, and the login itself.
_MEDIA = "/media"
_GUARDED = ("/uploads", "/downloads", _MEDIA, "/_stcore/upload_file", "/_stcore/metrics")


def is_on() -> bool:
    """Return whether users must sign in."""
    return os.environ.get(VARIABLE) == "1"


def owner_of(claims: Mapping[str, Any]) -> str | None:
    """Return the owner that a signed-in user is; None if the claims name nobody.

    An address counts only if the provider has verified it: anyone may type another's.

    Examples
    --------
    >>> owner_of({"email": "Ann@example.com", "email_verified": True, "iss": "https://id", "sub": "7"})
    'ann@example.com'
    >>> owner_of({"email": "ann@example.com", "iss": "https://id", "sub": "7"}), owner_of({"sub": ""})
    ('https://id#7', None)
    """
    email, subject = claims.get("email"), claims.get("sub")
    if isinstance(email, str) and email and claims.get("email_verified") is True:
        return email.lower()[:200]
    return f"{claims.get('iss', '')}#{subject}"[:200] if subject else None


def current_owner() -> str | None:
    """Return the owner of the projects that this session sees; None before the user has signed in."""
    if not is_on():
        return LOCAL
    return owner_of(st.user.to_dict()) if st.user.is_logged_in else None


def for_user(mime: str) -> str:
    """Return a media type that names the signed-in user, so that nobody else can fetch the download.

    Streamlit serves the file of a download button to everyone who knows its address.
    """
    owner = current_owner()
    return f"{mime}{_mark(owner)}" if is_on() and owner is not None else mime


def _mark(owner: str) -> str:
    return f"; for={hashlib.sha256(owner.encode()).hexdigest()}"


def require_login() -> None:
    """Show nothing but the sign-in button to a user who has not signed in."""
    if current_owner() is not None:
        return
    st.title("Plumbline")
    st.markdown("Sign in to see your projects.")
    st.button("Sign in", type="primary", key="sign-in", on_click=st.login)
    st.stop()


def show_user() -> None:
    """Show who has signed in, with the button that signs out."""
    if is_on():
        name = st.user.get("email") or st.user.get("name") or "you"
        st.caption(f"Signed in as {markdown_text(str(name))}")
        st.button("Sign out", key="sign-out", icon=":material/logout:", on_click=st.logout)


class LoginGuard:
    """ASGI middleware: answers "not found" for files of others, or without a login; records downloads in the audit log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with 404."""
        if scope["type"] != "http" or not scope["path"].startswith(_GUARDED):
            await self.app(scope, receive, send)
            return
        owner = owner_of_request(HTTPConnection(scope))
        if owner is None or not _may_fetch(owner, scope["path"]):
            await PlainTextResponse("Not found\n", 404)(scope, receive, send)
            return

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                disposition = dict(message["headers"]).get(b"content-disposition", b"").decode("latin-1")
                if disposition.startswith("attachment"):
                    record_action(home_folder(), owner, "download", disposition.partition("filename")[2].lstrip("*="))
            await send(message)

        await self.app(scope, receive, watch)


def owner_of_request(request: HTTPConnection) -> str | None:
    """Return the owner that the signed cookie of Streamlit's login names; None without one."""
    if not is_on():
        return LOCAL
    found = starlette_websocket._get_signed_cookie_with_chunks(dict(request.cookies), USER_COOKIE_NAME)
    if not found:
        return None
    try:
        claims = json.loads(found)
    except ValueError:
        return None
    return owner_of(claims) if isinstance(claims, dict) and claims.get("is_logged_in") else None


def _may_fetch(owner: str, path: str) -> bool:
    """Return whether an owner may fetch a path: of the media files, the page's icon and downloads that name the owner."""
    if not is_on() or not path.startswith(_MEDIA):
        return True
    file = runtime.get_instance().media_file_mgr.read_file(path.rpartition("/")[2])
    return file is not None and (file.kind is not MediaFileKind.DOWNLOADABLE or file.mimetype.endswith(_mark(owner)))
