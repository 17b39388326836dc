"""The audit log: who opened, deleted or downloaded what, one JSON object a line in `audit.jsonl` of the home."""

import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from core.text.escape import plain_text

AUDIT_FILE = "audit.jsonl"
Action = Literal["open", "delete", "open test era", "download"]
_log = logging.getLogger(__name__)


def record_action(home: Path, owner: str | None, action: Action, what: str = "") -> None:
    """Append one line; if the disk refuses it, the server's log reports that, and nothing else fails.

    Parameters
    ----------
    home
        The folder of the workspace.
    owner
        Who did it.
    action, what
        What was done, and to what: the id of a project or run, or the name of a file.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    entry = {"time": now, "owner": owner, "action": action, "what": plain_text(what)}
    try:
        # One write of one short line: lines of several processes do not mix.
        number = os.open(home / AUDIT_FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(number, json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        finally:
            os.close(number)
    except OSError as error:
        _log.warning("%s: %s; %s", AUDIT_FILE, error.strerror, entry)
