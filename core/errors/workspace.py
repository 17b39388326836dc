"""Errors of the workspace: projects, runs, uploads, the disk and the database."""

from core.errors.model import RecipeError, WorkspaceError
from core.text.format import format_list
from core.text.sizes import format_size


class FileNotOffered(WorkspaceError, code="file-not-offered"):
    """A file is not among those that the server's folder offers."""

    message = "The server's folder has no such file."
    hint = "Choose one from the list."


class NoServerFolder(WorkspaceError, code="no-server-folder"):
    """The server offers no folder of files any more."""

    message = "The server no longer offers a folder of files."
    hint = "Upload the file instead."


class NoProject(WorkspaceError, code="no-project"):
    """The project does not exist, or belongs to another owner."""

    message = "The project does not exist."
    hint = "It may have been deleted; choose one on the home page."


class NotInHistory(WorkspaceError, code="not-in-history"):
    """The recipe is not in the history of the project."""

    message = "These settings are not in the history of the project."
    hint = "Choose an entry of its list."


class EmptyUpload(WorkspaceError, code="empty-upload"):
    """The file to upload has no bytes."""

    message = "The file is empty."
    hint = "Choose another file."


class UploadTooLarge(WorkspaceError, code="upload-too-large"):
    """The file is larger than the server accepts."""

    size: int
    most: int
    hint = "Compress it, or start the server with a larger PLUMBLINE_MAX_UPLOAD_GB."

    @property
    def message(self) -> str:
        return f"The file has {self.size:,} bytes; at most {self.most:,} are accepted."


class ChunkTooLarge(WorkspaceError, code="chunk-too-large"):
    """A chunk of an upload is larger than a chunk may be."""

    most: int
    hint = "Send smaller chunks."

    @property
    def message(self) -> str:
        return f"A chunk has at most {self.most:,} bytes."


class MoreThanAnnounced(WorkspaceError, code="more-than-announced"):
    """More bytes of an upload arrive than were announced."""

    size: int
    hint = "Send the file again."

    @property
    def message(self) -> str:
        return f"More bytes arrived than the {self.size:,} that were announced."


class TooManyUploads(WorkspaceError, code="too-many-uploads"):
    """As many uploads of a project are unfinished as the server keeps."""

    unfinished: int
    hint = "Finish or cancel one; unfinished uploads are removed after a day."

    @property
    def message(self) -> str:
        return f"{self.unfinished} uploads of this project are unfinished."


class UnknownUpload(WorkspaceError, code="unknown-upload"):
    """No upload has this token: it has ended, was cancelled or is too old."""

    message = "The upload does not exist: it has ended, was cancelled or is too old."
    hint = "Choose the file again."


class WrongOffset(WorkspaceError, code="wrong-offset"):
    """A chunk does not begin at the end of what has arrived, which is at `offset`."""

    offset: int
    hint = "Continue there."

    @property
    def message(self) -> str:
        return f"The upload has {self.offset:,} bytes so far."


class InvalidUploadLimit(WorkspaceError, code="invalid-upload-limit"):
    """PLUMBLINE_MAX_UPLOAD_GB is not a positive number."""

    value: str
    hint = "Set it to a number of gigabytes."

    @property
    def message(self) -> str:
        return f"PLUMBLINE_MAX_UPLOAD_GB is {self.value!r}, which is not a size."


class FileNotReadable(WorkspaceError, code="file-not-readable"):
    """The operating system refuses to read a file that is to be copied."""

    path: str
    reason: str
    hint = "Check the path."

    @property
    def message(self) -> str:
        return f"The file {self.path} cannot be read: {self.reason}."


class NoRoom(WorkspaceError, code="no-room"):
    """The disk, or the quota of unfinished uploads, has too little room."""

    needed: int
    free: int
    where: str = "disk"

    @property
    def message(self) -> str:
        return f"The {self.where} has too little room: {self.needed:,} bytes are needed, {self.free:,} are free."

    @property
    def hint(self) -> str:
        return "Free some space in the folder of PLUMBLINE_HOME, then try again."


class DiskFull(NoRoom, code="workspace-disk-full"):
    """The operating system reports a full disk or an exhausted quota.

    `needed` is 0 if it is not known.
    """

    needed: int = 0
    free: int = 0

    @property
    def message(self) -> str:
        if not self.needed:
            return "The disk is full."
        return f"The disk is full: about {format_size(self.needed)} are needed, {format_size(self.free)} are free."


class StorageFailed(WorkspaceError, code="storage-failed"):
    """The operating system refuses to read or write the workspace's files."""

    reason: str
    hint = "Check the disk and its permissions."

    @property
    def message(self) -> str:
        return f"The workspace's files cannot be used: {self.reason}."


class InvalidDatabaseAddress(WorkspaceError, code="invalid-database-address"):
    """PLUMBLINE_DATABASE_URL is not an address, or its driver is not installed."""

    reason: str
    hint = (
        "Set PLUMBLINE_DATABASE_URL to an address such as postgresql+psycopg://user@host/name, and install its driver."
    )

    @property
    def message(self) -> str:
        return f"The database address cannot be used: {self.reason}."


class DatabaseFailed(WorkspaceError, code="database-failed"):
    """The database does not answer, is locked or has no room."""

    address: str
    reason: str
    hint = "Check that it is running, that its disk has room, and that no other program locks it."

    @property
    def message(self) -> str:
        return f"The database {self.address} cannot be used: {self.reason}."


class CopyInProgress(WorkspaceError, code="copy-in-progress"):
    """Another file is being copied into the project."""

    message = "A file is being copied into this project."
    hint = "Wait until it is complete, or stop it."


class UnknownJob(WorkspaceError, code="unknown-job"):
    """A kind of job does not exist."""

    kind: str
    kinds: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"There is no job called {self.kind!r}."

    @property
    def hint(self) -> str:
        return f"Choose one of {format_list(self.kinds)}."


class JobWithoutTraining(WorkspaceError, code="job-without-training"):
    """An opening or a walk-forward job names no training, or another job names one."""

    message = "The test era is opened, and walk-forward folds are run, for a training."
    hint = "Name the training as the parent of such a job, and of no other."


class OtherTrainingActive(WorkspaceError, code="other-training-active"):
    """A job of this kind runs for another training of the project."""

    message = "This is being done for another training of this project."
    hint = "Wait until that has ended."


class NoFile(WorkspaceError, code="no-file"):
    """The project has no file yet."""

    message = "This project has no file yet."
    hint = "Upload one first."


class NoTraining(WorkspaceError, code="no-training"):
    """The project has no such training."""

    message = "This project has no such training."
    hint = "Train first."


class TrainingNotFinished(WorkspaceError, code="training-not-finished"):
    """The training whose test era is to be opened has not ended."""

    message = "This training has not finished."
    hint = "Resume it, or wait until it has ended."


class NoRun(WorkspaceError, code="no-run"):
    """The run does not exist."""

    message = "The run does not exist."
    hint = "It may have been deleted with its project."


class RunFinished(WorkspaceError, code="run-finished"):
    """A finished run cannot be resumed."""

    message = "This run is finished: there is nothing to resume."
    hint = "Start a new one."


class RunStillActive(WorkspaceError, code="run-still-active"):
    """A run cannot be deleted while it, or a run that belongs to it, is queued or running."""

    message = "This run, or one that belongs to it, is still active."
    hint = "Stop it first, or wait until it has ended."


class OtherRunActive(WorkspaceError, code="other-run-active"):
    """Another run of this kind is active in the project."""

    kind: str
    hint = "Stop it first, or wait until it has ended."

    @property
    def message(self) -> str:
        return f"Another {self.kind} job of this project is active."


class DamagedRecord(RecipeError, code="damaged-record"):
    """A stored recipe cannot be read by this version."""

    message = "The stored settings are damaged."
    hint = "Undo the last change, or start a new project."


class ResultsMissing(WorkspaceError, code="results-missing"):
    """The results of a training are missing or damaged."""

    message = "The results of this training are missing or damaged."
    hint = "Train again."


class ResultsOutdated(WorkspaceError, code="results-outdated"):
    """The results of a training were computed by another version of Plumbline."""

    message = "The results of this training were computed by another version."
    hint = "Train again."


class RecordedFailure(WorkspaceError, code="recorded-failure"):
    """A run had failed before its process started; message and hint are those of its record."""

    reason: str
    remedy: str

    @property
    def message(self) -> str:
        return self.reason

    @property
    def hint(self) -> str:
        return self.remedy


class ScoringActive(WorkspaceError, code="scoring-active"):
    """New rows are being scored while others are to be scored."""

    message = "Other rows of this project are being scored."
    hint = "Wait until that ends, or stop it."


class OutOfMemory(WorkspaceError, code="out-of-memory"):
    """A job needed more memory than the machine, or its container, has."""

    needed: int
    limit: int
    hint = "Use fewer columns, a shorter window or a smaller batch, or give the server more memory."

    @property
    def message(self) -> str:
        needed, limit = format_size(self.needed), format_size(self.limit)
        return f"The job ran out of memory: it needed about {needed}, the limit is {limit}."


class WorkerKilled(WorkspaceError, code="worker-killed"):
    """The process of a run was killed from outside; the system does so if memory runs out."""

    held: int
    limit: int
    is_memory: bool
    hint = "Resume it: training continues from its last checkpoint."

    @property
    def message(self) -> str:
        held = f" while it held {format_size(self.held)} of {format_size(self.limit)} memory" if self.held else ""
        cause = ": memory ran out" if self.is_memory else ""
        return f"Its process was killed{held}{cause}."


class WorkerCrashed(WorkspaceError, code="worker-crashed"):
    """The process of a run ended by a signal, or with an exit code, and recorded no cause."""

    what: str
    hint = "Resume it: training continues from its last checkpoint. The run's worker.log may name the cause."

    @property
    def message(self) -> str:
        return f"Its process ended with {self.what} before its work was done."


class WorkerLost(WorkspaceError, code="worker-lost"):
    """The process of a run does not exist any more, and nobody saw its end."""

    message = "Its process ended before its work was done, as when the machine restarts or memory runs out."
    hint = "Resume it: training continues from its last checkpoint."


class HostLost(WorkspaceError, code="host-lost"):
    """A run on another machine or container has stopped reporting."""

    seconds: int
    hint = "Resume it: training continues from its last checkpoint."

    @property
    def message(self) -> str:
        return f"The machine that it ran on has not reported for {self.seconds} seconds."


class StopIgnored(WorkspaceError, code="stop-ignored"):
    """The process of a run did not obey a stop request, and was killed."""

    message = "It did not answer the request to stop, and was ended."
    hint = "Resume it: training continues from its last checkpoint."


class InternalError(WorkspaceError, code="internal-error"):
    """A job failed with an unexpected exception."""

    message = "Internal error; your data are fine."
    hint = "The run's log has the details under the error id."


class HomeNotEmpty(WorkspaceError, code="home-not-empty"):
    """A backup is to be restored into a workspace that has projects."""

    folder: str
    hint = "Set PLUMBLINE_HOME to a new folder, and PLUMBLINE_DATABASE_URL to an empty database if you use one."

    @property
    def message(self) -> str:
        return f"The workspace in {self.folder} has projects."


class BackupDamaged(WorkspaceError, code="backup-damaged"):
    """The file is no backup, or is not as it was written."""

    path: str
    reason: str
    hint = "Choose another backup."

    @property
    def message(self) -> str:
        return f"{self.path} cannot be restored: {self.reason}."


class InvalidKeepDays(WorkspaceError, code="invalid-keep-days"):
    """PLUMBLINE_KEEP_DAYS is not a number of days."""

    value: str
    hint = "Set it to 1 or more, such as 365, or to nothing to keep projects for ever."

    @property
    def message(self) -> str:
        return f"PLUMBLINE_KEEP_DAYS is {self.value!r}, which is not a number of days."


class InvalidJobs(WorkspaceError, code="invalid-jobs"):
    """PLUMBLINE_JOBS is not a number of jobs."""

    value: str
    hint = "Set it to 1 or more, or to nothing for as many as the machine has processors."

    @property
    def message(self) -> str:
        return f"PLUMBLINE_JOBS is {self.value!r}, which is not a number of jobs."
