"""The folder of the server whose files users may open, named by `PLUMBLINE_DATA_FOLDER`; nothing outside it."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from core.errors.workspace import FileNotOffered
from core.workspace.files import FILE_TYPES, storage_error

MOST_LISTED = 200
# Files looked at before the listing ends: it is made anew whenever the page is drawn.
_MOST_SEEN = 50_000


def data_folder() -> Path | None:
    """Return the folder that the server offers, or None."""
    named = os.environ.get("PLUMBLINE_DATA_FOLDER")
    return Path(named).absolute() if named else None


def list_files(folder: Path, search: str = "") -> tuple[str, ...]:
    """Return the paths within `folder` of the first 200 tables whose path contains `search`, without hidden files.

    Raises `WorkspaceError` if the folder cannot be read.
    """
    sought = search.casefold()
    names = (name for name in islice(_names(folder), _MOST_SEEN) if sought in name.casefold())
    return tuple(islice((name for name in names if _is_offered(folder, name)), MOST_LISTED))


def find_file(folder: Path, name: str) -> Path:
    """Return the file of this path within `folder`; raises `FileNotOffered` for any path that is not listed."""
    if _is_offered(folder, name):
        return (folder / name).resolve()
    raise FileNotOffered()


def _names(folder: Path) -> Iterator[str]:
    """Yield the files of each folder in alphabetical order; links to folders are not followed."""

    def refuse(error: OSError) -> None:
        if Path(error.filename) == folder:
            raise storage_error(error) from error

    for place, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name).relative_to(folder).as_posix() for name in sorted(files))


def _is_offered(folder: Path, name: str) -> bool:
    """Return whether a path, with links resolved, is a table inside the folder."""
    path = Path(name)
    if path.suffix[1:].lower() not in FILE_TYPES or not name.isprintable():
        return False
    if path.is_absolute() or any(part.startswith(".") for part in path.parts):
        return False
    try:
        whole = (folder / path).resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    return whole.is_file() and whole.is_relative_to(folder.resolve())
