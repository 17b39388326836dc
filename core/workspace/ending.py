"""How a run ended, in a file of its folder, in case the database cannot be written.

The file is reserved when the run starts and overwritten in place, so a full disk has room for it.
"""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from core.io.json import from_json, to_json
from core.workspace.processes import ProcessMark
from core.workspace.runs import RunState

_FILE = "ending.json"
_RESERVED = 4096
_MOST_LETTERS = 1000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How the attempt of one process ended: state, message, hint and error id, as the journal records them."""

    process: ProcessMark
    state: RunState
    message: str = ""
    hint: str = ""
    error_id: str = ""


def reserve_ending(folder: Path) -> None:
    """Reserve the file; a full disk is no reason not to start."""
    _write(folder, b"")


def write_ending(folder: Path, ending: Ending) -> None:
    """Write how a run ended."""
    content = to_json(ending)
    if len(content) > _RESERVED:
        content = to_json(Ending(process=ending.process, state=ending.state, message=ending.message[:_MOST_LETTERS]))
    _write(folder, content)


def read_ending(folder: Path, process: ProcessMark) -> Ending | None:
    """Return how the attempt of a process ended, or None if it recorded nothing."""
    try:
        ending = from_json(Ending, (folder / _FILE).read_bytes().strip())
    except (OSError, ValidationError):
        return None
    return ending if ending.process == process and not ending.state.active else None


def _write(folder: Path, content: bytes) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number = os.open(folder / _FILE, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(number, content.ljust(_RESERVED), 0)
            os.fsync(number)
        finally:
            os.close(number)
    except OSError as error:
        _log.warning("%s: %s", _FILE, error.strerror)
