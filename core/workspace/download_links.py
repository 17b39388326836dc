"""Links to large files of a home: signed, and valid for an hour."""

import base64
import binascii
import hmac
import json
import time
from dataclasses import dataclass
from pathlib import Path

from core.workspace.uploads.upload_tokens import sign

LASTS = 3600.0
_PURPOSE = "download"


@dataclass(frozen=True)
class LinkedFile:
    """A file of the home, and the name that it is downloaded under."""

    path: Path
    name: str


def make_link(home: Path, path: Path, name: str, lasts: float = LASTS) -> str:
    """Return a token that stands for a file of the home, for `lasts` seconds."""
    told = json.dumps([str(path.relative_to(home)), name, int(time.time() + lasts)])
    text = base64.urlsafe_b64encode(told.encode()).decode()
    return f"{text}.{sign(home, _PURPOSE, text)}"


def open_link(home: Path, token: str) -> LinkedFile | None:
    """Return the file that a token stands for; None if it was not signed here, has expired, or the file is gone."""
    text, _, signature = token.partition(".")
    if not hmac.compare_digest(signature.encode(errors="replace"), sign(home, _PURPOSE, text).encode()):
        return None
    try:
        place, name, until = json.loads(base64.urlsafe_b64decode(text))
    except (ValueError, binascii.Error):
        return None
    path = home / place
    return LinkedFile(path, name) if time.time() < until and path.is_file() else None
