"""Errors of the command line: paths that cannot be read or written."""

from core.errors.model import DataError, WorkspaceError


class DataFileMissing(DataError, code="data-file-missing"):
    """The data file does not exist, or is a folder."""

    path: str
    is_folder: bool
    hint = "Check the path."

    @property
    def message(self) -> str:
        return f"The data file {self.path} {'is a folder' if self.is_folder else 'does not exist'}."


class DataFileForbidden(DataError, code="data-file-forbidden"):
    """The data file exists, but may not be read."""

    path: str
    hint = "Check its permissions."

    @property
    def message(self) -> str:
        return f"The data file {self.path} cannot be read: permission denied."


class OutputIsFolder(WorkspaceError, code="output-is-folder"):
    """The path of an output file is a folder."""

    path: str
    hint = "Name a file to write."

    @property
    def message(self) -> str:
        return f"{self.path} is a folder."


class FolderNotWritable(WorkspaceError, code="folder-not-writable"):
    """A folder for output cannot be created or written to."""

    path: str
    reason: str
    hint = "Choose another folder."

    @property
    def message(self) -> str:
        return f"The folder {self.path} cannot be used: {self.reason}."


class LogNotWritable(WorkspaceError, code="log-not-writable"):
    """The progress file cannot be written."""

    path: str
    reason: str
    hint = "Choose another folder."

    @property
    def message(self) -> str:
        return f"{self.path} cannot be written: {self.reason}."


class NoSpaceLeft(WorkspaceError, code="no-space-left"):
    """The disk is full, or a quota is exhausted, while results are written."""

    message = "There is no space left on the disk."
    hint = "Free some space, and start again."
