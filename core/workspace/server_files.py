"""A file of the server's folder on its way into a project, as a job: page and server stay free while it is copied."""

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


def note_wanted(folder: Path, name: str) -> None:
    """Write into the folder of a run which file of the server it is to bring."""
    folder.mkdir(parents=True)
    write_atomically(folder / _WANTED, name.encode())


def bring_file(run: Run, progress: Progress, should_stop: ShouldStop) -> tuple[int, str]:
    """Return the size and the SHA-256 of the server's file, copied to where the run wants it; looked up anew in the folder."""
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
