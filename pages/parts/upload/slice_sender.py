"""The browser's half of a large upload: a place to drop a file, which is sent in slices while its progress is shown."""

from pathlib import Path

import streamlit as st

from core.workspace.files import FILE_TYPES, home_folder
from core.workspace.uploads.upload_tokens import make_claim
from core.workspace.uploads.uploads import largest_upload

_HERE = Path(__file__).parent

_sender = st.components.v2.component(
    "sending",
    html=(_HERE / "sending.html").read_text(),
    css=(_HERE / "sending.css").read_text(),
    js=(_HERE / "sending.js").read_text(),
    isolate_styles=False,
)


def send_file(key: str) -> str | None:
    """Return the token of the upload that has just become whole, or None."""
    told = {
        "claim": make_claim(home_folder()),
        "largest": largest_upload(),
        "endings": [f".{ending}" for ending in FILE_TYPES],
    }
    # `renew` only has the page drawn again, which makes a new claim.
    return _sender(key=f"sending-{key}", data=told, on_done_change=_drawn_again, on_renew_change=_drawn_again).done


def _drawn_again() -> None:
    """Do nothing: the browser's call has the page drawn again, which is all that it wants."""
