"""Links to large files of a home: signed for one owner, and valid for an hour."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

from core.workspace.signatures import LASTS, read_signed, sign_text


@dataclass(frozen=True)
class LinkedFile:
    """A file of the home, and the name that it is downloaded under."""

    path: Path
    name: str


def make_link(home: Path, owner: str, path: Path, name: str, lasts: float = LASTS) -> str:
    """Return a token that links an owner to a file of the home for `lasts` seconds.

    Parameters
    ----------
    home, owner
        The home, and who may open the link.
    path, name
        The file, and the name that it is downloaded under.
    lasts
        Seconds.
    """
    text = json.dumps([str(path.relative_to(home)), name])
    return sign_text(home, _purpose(owner), base64.urlsafe_b64encode(text.encode()).decode(), lasts)


def open_link(home: Path, owner: str, token: str) -> LinkedFile | None:
    """Return the file that a token links its owner to; None if it is forged, foreign or expired, or the file is gone."""
    text = read_signed(home, _purpose(owner), token)
    if text is None:
        return None
    place, name = json.loads(base64.urlsafe_b64decode(text))
    path = home / place
    return LinkedFile(path, name) if path.is_file() else None


def _purpose(owner: str) -> str:
    return f"download of {owner}"
