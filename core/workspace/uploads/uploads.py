"""Large uploads: sent in chunks and kept under `<home>/uploads` until complete."""

import fcntl
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors.workspace import (
    EmptyUpload,
    InvalidUploadLimit,
    MoreThanAnnounced,
    TooManyUploads,
    UnknownUpload,
    UploadTooLarge,
    WrongOffset,
)
from core.io.atomic import replacing
from core.text.escape import plain_text
from core.workspace.files import require_room, storage_error
from core.workspace.uploads.upload_hash import Sealed, forget, hash_arrived, seal

LARGEST_GB = 20.0
# Of one project.
MOST_UNFINISHED = 20
# Seconds until an upload that does not grow any more is swept, and until its room on the disk is free for others.
KEPT = 86_400
ALIVE = 600

_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, kw_only=True)
class Upload:
    """An upload: its name, its size, how many bytes have arrived (`offset`), and its path.

    `fingerprint` is its SHA-256 once it is complete, as long as the file has not changed since. `scope` is what it counts
    towards, see `scope_of`.
    """

    token: str
    name: str
    size: int
    offset: int
    path: Path
    fingerprint: str | None = None
    scope: str = ""

    @property
    def owner(self) -> str:
        """Whose upload it is."""
        return owner_in(self.scope)


def scope_of(owner: str, project_id: str | None) -> str:
    """Return what an upload counts towards: a project of its owner, or a new one.

    Examples
    --------
    >>> scope_of("ann@example.com", None)
    'ann@example.com/new'
    """
    return f"{owner}/{project_id or 'new'}"


def owner_in(scope: str) -> str:
    """Return the owner in a scope.

    Examples
    --------
    >>> owner_in(scope_of("https://id#7", None))
    'https://id#7'
    """
    return scope.rpartition("/")[0]


class Uploads:
    """The unfinished uploads of a home. Their state is on disk: they outlive the server, and servers can share them.

    File names on disk are generated; the user's name is only displayed. The token of an upload authorises its chunks.
    """

    def __init__(self, home: Path) -> None:
        self.folder = home / "uploads"

    def begin(self, name: str, size: int, scope: str = "") -> Upload:
        """Return a new upload of `size` bytes; raises `UploadTooLarge`, `NoRoom`, or `TooManyUploads` of the same scope."""
        if size < 1:
            raise EmptyUpload()
        largest = largest_upload()
        if size > largest:
            raise UploadTooLarge(size=size, most=largest)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise storage_error(error) from error
        self.sweep()
        others = list(self._unfinished())
        alike = sum(other.scope == scope for other in others)
        if alike >= MOST_UNFINISHED:
            raise TooManyUploads(unfinished=alike)
        growing = [other for other in others if self._silence(other.token) < ALIVE]
        require_room(self.folder, size + sum(other.size - other.offset for other in growing))
        token = secrets.token_hex(16)
        label = plain_text(name) or "Untitled"
        try:
            self._part(token).touch(mode=0o600, exist_ok=False)
            self._write_label(token, {"name": label, "size": size, "scope": scope})
        except OSError as error:
            self.cancel(token)
            raise storage_error(error) from error
        return self.find(token)

    def find(self, token: str) -> Upload:
        """Return an upload; raises `UnknownUpload` if none has this token."""
        if _TOKEN.fullmatch(token):
            try:
                told = json.loads(self._label(token).read_text())
                path = self._part(token)
                now = path.stat()
                sealed = Sealed(**told["sealed"]) if "sealed" in told else None
                fingerprint = sealed.fingerprint if sealed and sealed.holds(now) else None
                return Upload(
                    token=token,
                    name=told["name"],
                    size=told["size"],
                    offset=now.st_size,
                    path=path,
                    fingerprint=fingerprint,
                    scope=told.get("scope", ""),
                )
            except (FileNotFoundError, ValueError, KeyError, TypeError):
                pass
            except OSError as error:
                raise storage_error(error) from error
        raise UnknownUpload()

    def append(self, token: str, offset: int, chunk: bytes | bytearray) -> int:
        """Write `chunk` at `offset`; return where the file ends once it is on disk.

        Raises `WrongOffset` if the file does not end at `offset`, as for one of two senders of the same chunk.
        """
        upload = self.find(token)
        try:
            with upload.path.open("r+b", buffering=0) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                end = file.seek(0, os.SEEK_END)
                if offset != end:
                    raise WrongOffset(offset=end)
                if end + len(chunk) > upload.size:
                    raise MoreThanAnnounced(size=upload.size)
                require_room(self.folder, len(chunk))
                try:
                    rest = memoryview(chunk)
                    while rest:
                        rest = rest[file.write(rest) :]
                    os.fsync(file.fileno())
                except OSError:
                    file.truncate(end)
                    raise
                end += len(chunk)
                fingerprint = hash_arrived(upload.path, file, end)
                if end == upload.size:
                    sealed = asdict(seal(upload.path, file, fingerprint))
                    self._write_label(
                        token, {"name": upload.name, "size": upload.size, "scope": upload.scope, "sealed": sealed}
                    )
                return end
        except FileNotFoundError:
            return self.find(token).offset
        except OSError as error:
            raise storage_error(error) from error

    def take(self, token: str) -> Upload:
        """Return a complete upload, to be moved into a project; raises `WrongOffset` if it is incomplete."""
        upload = self.find(token)
        if upload.offset != upload.size:
            raise WrongOffset(offset=upload.offset)
        return upload

    def cancel(self, token: str) -> None:
        """Remove what is left of an upload; nothing where there is none."""
        if _TOKEN.fullmatch(token):
            try:
                forget(self._part(token))
                for path in self._files(token):
                    path.unlink(missing_ok=True)
            except OSError as error:
                raise storage_error(error) from error

    def sweep(self) -> None:
        """Remove uploads that have not grown for a day."""
        for token in {path.stem for path in self.folder.glob("*.*")}:
            if self._silence(token) > KEPT:
                self.cancel(token)

    def _silence(self, token: str) -> float:
        """Return the seconds since an upload grew last; none for one that somebody else is just removing."""
        touched = []
        for path in self._files(token):
            with suppress(FileNotFoundError):
                touched.append(path.stat().st_mtime)
        return time.time() - max(touched) if touched else 0.0

    def _unfinished(self) -> Iterator[Upload]:
        for path in self.folder.glob("*.part"):
            try:
                yield self.find(path.stem)
            except UnknownUpload:
                continue

    def _files(self, token: str) -> tuple[Path, ...]:
        return self._part(token), self._label(token), self._draft(token)

    def _write_label(self, token: str, told: dict[str, object]) -> None:
        draft = self._draft(token)
        with replacing(self._label(token), draft):
            draft.write_text(json.dumps(told))

    def _draft(self, token: str) -> Path:
        return self.folder / f"{token}.draft"

    def _part(self, token: str) -> Path:
        return self.folder / f"{token}.part"

    def _label(self, token: str) -> Path:
        return self.folder / f"{token}.json"


def largest_upload() -> int:
    """Return the largest upload in bytes: `PLUMBLINE_MAX_UPLOAD_GB`, or 20 GB."""
    told = os.environ.get("PLUMBLINE_MAX_UPLOAD_GB") or LARGEST_GB
    try:
        largest = float(told) * 1e9
        if not 0 < largest < 1e18:
            raise ValueError(told)
    except ValueError as error:
        raise InvalidUploadLimit(value=plain_text(str(told), 40)) from error
    return int(largest)
