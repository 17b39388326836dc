"""Backup and restore of a workspace: the database and the files of all projects in one tar file, while jobs run.

    database.jsonl    one row a line, with its table: the database at one moment
    projects/…        the files of the projects, copied after that moment
    checksums.json    the SHA-256 of every file above

Files are replaced atomically and never changed in place, so every copy is whole; a file that is newer than the database does no
harm. Unfinished uploads and drafts are left out.
"""

import hashlib
import io
import json
import os
import re
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, func, insert, select, text, update

from core.errors.workspace import BackupDamaged, HomeNotEmpty, WorkerLost
from core.io.atomic import replacing
from core.workspace.database import Database, metadata, projects, runs
from core.workspace.files import storage_error
from core.workspace.runs import RunState

_ROWS = "database.jsonl"
_CHECKSUMS = "checksums.json"
_NAME = re.compile(r"projects/[0-9a-f]{32}(/[^/\0]+)+")
_AT_ONCE = 1000
_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a backup holds: numbers of projects, runs and files, and their bytes."""

    projects: int
    runs: int
    files: int
    bytes: int


def write_backup(home: Path, database: Database, out: Path) -> Contents:
    """Write the database and all projects into a tar file, atomically.

    Raises `WorkspaceError` if the disk is full or a file cannot be read.
    """
    draft = out.with_name(f".{out.name}.{os.getpid()}.draft")
    digests: dict[str, str] = {}
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with replacing(out, draft), draft.open("wb") as whole:
            with tarfile.open(fileobj=whole, mode="w", format=tarfile.PAX_FORMAT) as archive:
                with tempfile.TemporaryFile(dir=out.parent) as rows:
                    counts = _write_rows(database, rows)
                    _add(archive, _ROWS, rows, digests)
                size = sum(_add_file(archive, home, path, digests) for path in _files_of(home / "projects"))
                _add(archive, _CHECKSUMS, io.BytesIO(json.dumps(digests).encode()), {})
            whole.flush()
            os.fsync(whole.fileno())
    except OSError as error:
        raise storage_error(error) from error
    return Contents(projects=counts["projects"], runs=counts["runs"], files=len(digests) - 1, bytes=size)


def restore_backup(source: Path, home: Path, database: Database) -> Contents:
    """Restore a backup into an empty workspace; runs that were active are interrupted, and can be resumed.

    Raises `HomeNotEmpty` if the workspace has projects, `BackupDamaged` if a file is not as it was written. The database is
    written last: until then the workspace stays empty.
    """
    with database.reading() as connection:
        if connection.execute(select(func.count()).select_from(projects)).scalar_one():
            raise HomeNotEmpty(folder=str(home))
    try:
        with tempfile.TemporaryFile(dir=home) as rows:
            found = _unpack(source, home, rows)
            rows.seek(0)
            with database.writing() as connection:
                counts = _read_rows(connection, rows)
    except (tarfile.TarError, EOFError, ValueError, KeyError) as error:
        raise BackupDamaged(path=str(source), reason=str(error)) from error
    except OSError as error:
        raise storage_error(error) from error
    size = sum(path.stat().st_size for path in _files_of(home / "projects"))
    return Contents(projects=counts["projects"], runs=counts["runs"], files=len(found) - 1, bytes=size)


def _files_of(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        is_draft = path.name.endswith(".draft") or any(part.startswith(".reading-") for part in path.parts)
        if not is_draft and path.is_file() and not path.is_symlink():
            yield path


def _add_file(archive: tarfile.TarFile, home: Path, path: Path, digests: dict[str, str]) -> int:
    try:
        with path.open("rb") as file:
            return _add(archive, path.relative_to(home).as_posix(), file, digests)
    except FileNotFoundError:
        return 0  # removed meanwhile


def _add(archive: tarfile.TarFile, name: str, file: IO[bytes], digests: dict[str, str]) -> int:
    """Add as many bytes as the file has now, since a log grows meanwhile, and record their SHA-256."""
    size = file.seek(0, os.SEEK_END)
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    file.seek(0)
    reader = _Hashed(file)
    archive.addfile(info, reader)  # type: ignore[arg-type]
    digests[name] = reader.digest.hexdigest()
    return size


class _Hashed:
    """A file that hashes what is read from it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def read(self, count: int) -> bytes:
        """Return the next bytes."""
        chunk = self.file.read(count)
        self.digest.update(chunk)
        return chunk


def _write_rows(database: Database, rows: IO[bytes]) -> dict[str, int]:
    counts = {}
    with database.snapshot() as connection:
        for table in metadata.sorted_tables:
            counts[table.name] = 0
            order = list(table.primary_key)
            if "number" in table.c:
                order = [table.c.number]
            for row in connection.execute(select(table).order_by(*order).execution_options(yield_per=_AT_ONCE)):
                rows.write(json.dumps({"table": table.name, "row": dict(row._mapping)}).encode() + b"\n")
                counts[table.name] += 1
    return counts


def _read_rows(connection: Connection, rows: IO[bytes]) -> dict[str, int]:
    counts = dict.fromkeys(metadata.tables, 0)
    gathered: list[dict[str, Any]] = []
    current = ""
    for line in rows:
        entry = json.loads(line)
        if entry["table"] != current or len(gathered) >= _AT_ONCE:
            _enter(connection, current, gathered)
            current, gathered = entry["table"], []
        counts[current] += 1
        gathered.append(entry["row"])
    _enter(connection, current, gathered)
    lost = WorkerLost()
    connection.execute(
        update(runs)
        .where(runs.c.state.in_([RunState.RUNNING, RunState.STOPPING]) | runs.c.pid.is_not(None))
        .where(runs.c.state.in_([RunState.QUEUED, RunState.RUNNING, RunState.STOPPING]))
        .values(state=RunState.INTERRUPTED, message=lost.message, hint=lost.hint)
    )
    _count_on(connection)
    return counts


def _enter(connection: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(metadata.tables[table]), rows)


def _count_on(connection: Connection) -> None:
    """Advance the sequences past the restored rows: PostgreSQL does not do so itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        for column in table.primary_key:
            if column.autoincrement is True:
                newest = f"(SELECT coalesce(max({column.name}), 0) + 1 FROM {table.name})"
                sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
                connection.execute(text(f"SELECT setval({sequence}, {newest}, false)"))


def _unpack(source: Path, home: Path, rows: IO[bytes]) -> dict[str, str]:
    """Write the files of a backup below `home`, the rows of its database into `rows`; return the checksums."""
    found: dict[str, str] = {}
    expected: dict[str, str] | None = None
    with tarfile.open(source, "r:") as archive:
        for info in archive:
            member = archive.extractfile(info) if info.isreg() else None
            if member is None or not (info.name in (_ROWS, _CHECKSUMS) or _is_safe(info.name)):
                raise ValueError(f"it has a member {info.name[:80]!r}")
            with closing(member):
                if info.name == _CHECKSUMS:
                    expected = json.load(member)
                    continue
                if info.name == _ROWS:
                    found[info.name] = _copy(member, rows)
                    continue
                target = home / info.name
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as file:
                    found[info.name] = _copy(member, file)
    if expected is None:
        raise ValueError("it is cut off")
    if found != expected:
        odd = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
        raise ValueError(f"{odd[0]} is not as it was written")
    return found


def _is_safe(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and ".." not in name.split("/")


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()
