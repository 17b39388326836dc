"""The user's own file, as opposed to the table that it was read into."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class UserFile:
    """A file of the user: where it is, and the name that the user knows it by."""

    path: Path
    name: str
