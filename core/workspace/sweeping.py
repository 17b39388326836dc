"""Removal of drafts: files and folders that a process left half written when it was killed."""

import logging
import shutil
import time
from contextlib import suppress
from pathlib import Path

# No write takes as long, so nobody works on an older draft.
OLD = 24 * 3600.0
_PATTERNS = ("projects/*/**/*.draft", "projects/*/**/.*.draft.keras", "projects/*/tables/.reading-*", "uploads/*.draft")
_log = logging.getLogger(__name__)


def sweep_drafts(home: Path, older: float = OLD) -> tuple[Path, ...]:
    """Remove drafts that are older than some seconds, and return them.

    A draft is a file `….draft` or a folder `.reading-…`; files of these names are never results.
    """
    swept = []
    for pattern in _PATTERNS:
        for path in home.glob(pattern):
            with suppress(OSError):
                if time.time() - path.lstat().st_mtime <= older:
                    continue
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
                swept.append(path)
    if swept:
        _log.info("%d drafts swept", len(swept))
    return tuple(swept)
