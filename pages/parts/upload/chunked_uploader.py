"""The browser's side of a large upload: a drop zone whose file is sent in chunks, with its progress."""

from pathlib import Path

import streamlit as st

from core.workspace.files import FILE_TYPES, home_folder
from core.workspace.uploads.upload_tokens import make_claim
from core.workspace.uploads.uploads import largest_upload, scope_of
from pages.parts.frame import state

_HERE = Path(__file__).parent

_component = st.components.v2.component(
    "chunked_uploader",
    html=(_HERE / "chunked_uploader.html").read_text(),
    css=(_HERE / "chunked_uploader.css").read_text(),
    js=(_HERE / "chunked_uploader.js").read_text(),
    isolate_styles=False,
)


def upload_file(key: str) -> str | None:
    """Draw the drop zone; return the token of an upload that has just been completed, or None."""
    project = state.current_project()
    scope = scope_of(state.owner(), None if project is None else project.id)
    data = {
        "claim": make_claim(home_folder(), scope=scope),
        "largest": largest_upload(),
        "extensions": [f".{extension}" for extension in FILE_TYPES],
    }
    # `renew` only reruns the page, which makes a new claim.
    return _component(key=f"chunked-{key}", data=data, on_done_change=_rerun, on_renew_change=_rerun).done


def _rerun() -> None:
    """Do nothing: the trigger itself reruns the page."""
