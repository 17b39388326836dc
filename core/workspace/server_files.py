"""The job that copies a file of the server's folder into a project."""

import shutil
from functools import partial
from pathlib import Path

from core.errors.workspace import NoServerFolder
from core.io.atomic import write_atomically
from core.progress import Progress, ShouldStop, require_going
from core.workspace.data_folder import data_folder, find_file
from core.workspace.files import copy_whole
from core.workspace.runs import Run

_WANTED = "wanted.txt"


def record_requested_file(folder: Path, name: str) -> None:
    """Record in a run's folder which file of the server it copies."""
    folder.mkdir(parents=True)
    write_atomically(folder / _WANTED, name.encode())


def copy_server_file(run: Run, progress: Progress, should_stop: ShouldStop) -> tuple[int, str]:
    """Copy the server's file to the run's source path; return its size and SHA-256."""
    folder = data_folder()
    if folder is None:
        raise NoServerFolder()
    source = find_file(folder, (run.folder / _WANTED).read_text())
    # An attempt that was broken off may have left a piece.
    shutil.rmtree(run.source_path.parent, ignore_errors=True)
    return copy_whole(source, run.source_path, partial(_tell, progress, should_stop, source.stat().st_size))


def _tell(progress: Progress, should_stop: ShouldStop, size: int, copied: int) -> None:
    require_going(should_stop)
    progress.step(copied, max(size, copied), f"Copying {copied / 1e6:,.0f} of {size / 1e6:,.0f} MB")
