"""Links to large files of a home: signed, and valid for an hour."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

from core.workspace.signatures import LASTS, read_signed, sign_text

_PURPOSE = "download"


@dataclass(frozen=True)
class LinkedFile:
    """A file of the home, and the name that it is downloaded under."""

    path: Path
    name: str


def make_link(home: Path, path: Path, name: str, lasts: float = LASTS) -> str:
    """Return a token that links to a file of the home for `lasts` seconds."""
    text = json.dumps([str(path.relative_to(home)), name])
    return sign_text(home, _PURPOSE, base64.urlsafe_b64encode(text.encode()).decode(), lasts)


def open_link(home: Path, token: str) -> LinkedFile | None:
    """Return the file that a token links to; None if the token is forged or has expired, or the file is gone."""
    text = read_signed(home, _PURPOSE, token)
    if text is None:
        return None
    place, name = json.loads(base64.urlsafe_b64decode(text))
    path = home / place
    return LinkedFile(path, name) if path.is_file() else None
