"""Projects, their files, and the start of their runs."""

import copy
import secrets
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, get_args

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.data.user_file import UserFile
from core.errors.model import WorkspaceError
from core.errors.workspace import (
    CopyInProgress,
    JobWithoutTraining,
    NoFile,
    NoTraining,
    OtherTrainingActive,
    RunStillActive,
    TrainingNotFinished,
    UnknownJob,
)
from core.io.cache import Cache
from core.recipe.model import Recipe
from core.text.escape import plain_text
from core.workspace.data_folder import find_file
from core.workspace.database import Database, database_address, datasets, projects, runs
from core.workspace.files import copy_whole, home_folder, move_whole, require_room, storage_error
from core.workspace.history import History, append
from core.workspace.journal import Journal, write_events
from core.workspace.ledger import Ledger
from core.workspace.processes import is_alive, kill_leftovers, signal_group
from core.workspace.runs import Run, RunKind, RunState, say, utc
from core.workspace.server_files import record_requested_file
from core.workspace.uploads.uploads import Upload

# The jobs that work on the results of a training.
_OF_TRAINING = ("opening", "folds", "refit")


@dataclass(frozen=True, kw_only=True)
class Project:
    """One analysis: a file, a recipe and the runs on them."""

    id: str
    name: str
    created: datetime


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """A file as uploaded. `name` is only displayed; `fingerprint` is the SHA-256 of its bytes."""

    id: str
    name: str
    path: Path
    size: int
    fingerprint: str
    added: datetime


class Workspace(History):
    """One owner's projects: files under `home`, recipes and runs in the database.

    It is thread-safe. Raises `WorkspaceError` for what does not exist or belongs to another owner.
    """

    def __init__(self, home: Path | None = None, owner: str | None = "local") -> None:
        home = home.absolute() if home else home_folder()
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise storage_error(error) from error
        super().__init__(home, Database(database_address(home)), owner)

    def for_everyone(self) -> Journal:
        """Return the journal of all owners' runs, for the supervisor and the workers."""
        return Journal(self.home, self.database, owner=None)

    def for_owner(self, owner: str) -> "Workspace":
        """Return the workspace of another owner, on the same database."""
        other = copy.copy(self)
        other.owner = owner
        return other

    def ledger(self, project_id: str) -> Ledger:
        """Return the ledger of a project's owner."""
        with self.database.reading() as connection:
            return Ledger(self.database, self._require(connection, project_id).owner, project_id)

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    # Folders

    def cache(self, project_id: str) -> Cache:
        """Return the cache of a project's results."""
        return Cache(self.folder_of(project_id) / "cache")

    def tables(self, project_id: str) -> Path:
        """Return the folder of a project's data sets."""
        return self.folder_of(project_id) / "tables"

    # Projects

    def create_project(self, name: str) -> Project:
        """Return a new project with the default recipe and no file yet."""
        project_id, now = secrets.token_hex(16), time.time()
        title = _display_name(name)
        row = {"id": project_id, "owner": self.owner, "name": title, "created": now}
        with self.database.writing() as connection:
            connection.execute(insert(projects).values(row))
            append(connection, project_id, None, Recipe(), "Default settings")
        return Project(id=project_id, name=title, created=utc(now))

    def projects(self) -> tuple[Project, ...]:
        """Return the owner's projects, newest first."""
        query = self._mine(select(projects)).order_by(projects.c.number.desc())
        with self.database.reading() as connection:
            return tuple(
                Project(id=row.id, name=row.name, created=utc(row.created)) for row in connection.execute(query)
            )

    def project(self, project_id: str) -> Project:
        """Return one project; raises `NoProject` if it does not exist."""
        with self.database.reading() as connection:
            row = self._require(connection, project_id)
        return Project(id=row.id, name=row.name, created=utc(row.created))

    def rename_project(self, project_id: str, name: str) -> Project:
        """Return the project under its new name."""
        with self.database.writing() as connection:
            self._require(connection, project_id)
            connection.execute(update(projects).where(projects.c.id == project_id).values(name=_display_name(name)))
        return self.project(project_id)

    def duplicate_project(self, project_id: str) -> Project:
        """Return a copy of a project: its file, its current recipe, and what was computed from them, without its runs.

        Trials stay counted: the ledger counts them by file. Raises `WorkspaceError` if the disk is full.
        """
        original, source, recipe = self.project(project_id), self.source(project_id), self.recipe(project_id)
        copy = self.create_project(f"{original.name} (copy)")
        try:
            if source is not None:
                self.add_file(copy.id, source.name, source.path)
            for name in ("tables", "cache"):
                if (folder := self.folder_of(project_id) / name).exists():
                    shutil.copytree(folder, self.folder_of(copy.id) / name)
        except (OSError, WorkspaceError) as error:
            self.delete_project(copy.id)
            raise error if isinstance(error, WorkspaceError) else storage_error(error) from error
        self.save_recipe(copy.id, recipe, f"Copy of {original.name}")
        return copy

    def delete_project(self, project_id: str) -> None:
        """Kill the runs of a project, then delete its records and files."""
        self.project(project_id)
        for run in self.runs(project_id, active=True):
            self.request_stop(run.id)
        # Asked again: a process may have taken its run up between the two.
        at_work = [run for run in self.runs(project_id) if run.process is not None and is_alive(run.process)]
        for run in at_work:
            _kill_run(run)
        with self.database.writing() as connection:
            connection.execute(delete(projects).where(projects.c.id == project_id))
        folder = self.folder_of(project_id)
        try:
            if folder.exists():
                shutil.rmtree(folder)
        except OSError as error:
            raise storage_error(error) from error

    # Files

    def add_file(self, project_id: str, name: str, content: BinaryIO | Path) -> SourceFile:
        """Copy a file into the project and make it the project's file; its name is only displayed."""
        return self._enter_file(project_id, name, lambda target: copy_whole(content, target))

    def adopt_file(self, project_id: str, upload: Upload) -> SourceFile:
        """Move an uploaded file into the project and make it the project's file."""
        bring = partial(move_whole, upload.path, fingerprint=upload.fingerprint)
        return self._enter_file(project_id, upload.name, bring)

    def _enter_file(self, project_id: str, name: str, bring: Callable[[Path], tuple[int, str]]) -> SourceFile:
        self.project(project_id)
        file_id = secrets.token_hex(16)
        size, fingerprint = bring(self._source_path(project_id, file_id))
        row = {
            "id": file_id,
            "project_id": project_id,
            "name": _display_name(name),
            "size": size,
            "fingerprint": fingerprint,
        }
        with self.database.writing() as connection:
            self._require(connection, project_id)
            connection.execute(insert(datasets).values(row | {"added": _now_after(connection, project_id)}))
            connection.execute(update(projects).where(projects.c.id == project_id).values(dataset_id=file_id))
            entered = connection.execute(select(datasets).where(datasets.c.id == file_id)).one()
        return self._source_file(entered)

    def start_arrival(self, project_id: str, folder: Path, name: str) -> Run:
        """Queue a run that copies the file `name` of the server's folder into the project.

        Raises `WorkspaceError` if the file does not exist, the disk is full, or another copy is in progress.
        """
        size = find_file(folder, name).stat().st_size
        require_room(self.home, size)
        file_id, run_id = secrets.token_hex(16), secrets.token_hex(16)
        # Without a fingerprint it is no file of the project yet.
        file = {
            "id": file_id,
            "project_id": project_id,
            "name": _display_name(Path(name).name),
            "size": size,
            "fingerprint": "",
        }
        run: dict[str, object] = {"id": run_id, "project_id": project_id, "kind": "arrival", "state": RunState.QUEUED}
        try:
            with self.database.writing() as connection:
                recipe_id = self._require(connection, project_id).recipe_id
                connection.execute(insert(datasets).values(file | {"added": time.time()}))
                run |= {"dataset_id": file_id, "recipe_id": recipe_id, "created": time.time()}
                connection.execute(insert(runs).values(run))
                write_events(connection, run_id, [say("state", state=RunState.QUEUED)])
                record_requested_file(self.folder_of(project_id) / "runs" / run_id, name)
        except IntegrityError as error:
            raise CopyInProgress() from error
        return self.run(run_id)

    def settle_arrival(self, run: Run, size: int, fingerprint: str) -> None:
        """Make the file that a run has copied the project's file."""
        file_id = run.source_path.parent.name
        with self.database.writing() as connection:
            self._require(connection, run.project_id)
            arrived = {"size": size, "fingerprint": fingerprint, "added": _now_after(connection, run.project_id)}
            connection.execute(update(datasets).where(datasets.c.id == file_id).values(arrived))
            connection.execute(update(projects).where(projects.c.id == run.project_id).values(dataset_id=file_id))

    def source(self, project_id: str) -> SourceFile | None:
        """Return the project's file, or None if it has none."""
        with self.database.reading() as connection:
            project = self._require(connection, project_id)
            row = connection.execute(select(datasets).where(datasets.c.id == project.dataset_id)).one_or_none()
        return None if row is None else self._source_file(row)

    def previous_source(self, project_id: str) -> SourceFile | None:
        """Return the project's previous file, or None if it had none."""
        with self.database.reading() as connection:
            project = self._require(connection, project_id)
            others = select(datasets).where(
                datasets.c.project_id == project_id, datasets.c.id != project.dataset_id, datasets.c.fingerprint != ""
            )
            row = connection.execute(others.order_by(datasets.c.added.desc()).limit(1)).one_or_none()
        return None if row is None else self._source_file(row)

    def file_of(self, run: Run) -> UserFile:
        """Return the file that a run works on."""
        with self.database.reading() as connection:
            query = select(datasets.c.name).where(datasets.c.id == run.source_path.parent.name)
            return UserFile(path=run.source_path, name=connection.execute(query).scalar_one())

    def _source_file(self, row: Row[Any]) -> SourceFile:
        path = self._source_path(row.project_id, row.id)
        return SourceFile(
            id=row.id, name=row.name, path=path, size=row.size, fingerprint=row.fingerprint, added=utc(row.added)
        )

    # Runs

    def start_run(
        self,
        project_id: str,
        kind: RunKind,
        parent: str | None = None,
        prepare: Callable[[Path], None] | None = None,
    ) -> Run:
        """Queue a run on the project's file and recipe, or return the active run of its kind.

        An opening of the test era, walk-forward folds and a refit use the file and recipe of their training, the `parent`; a
        scoring may have one, and uses the project's file. `prepare` gets the folder of a new run before anybody can start it.
        """
        if kind not in get_args(RunKind):
            raise UnknownJob(kind=kind, kinds=get_args(RunKind))
        if kind != "scoring" and (kind in _OF_TRAINING) != (parent is not None):
            raise JobWithoutTraining()
        active = self._active(project_id, kind)
        while active is None:
            active = self._queue(project_id, kind, parent, prepare)
        if active.parent != parent:
            raise OtherTrainingActive()
        return active

    def delete_run(self, run_id: str) -> None:
        """Delete a run that has ended, with the runs that belong to it and their files; its trials stay counted.

        Raises `RunStillActive`.
        """
        run = self.run(run_id)
        own = (runs.c.id == run_id) | (runs.c.parent_id == run_id)
        with self.database.writing() as connection:
            found = connection.execute(select(runs.c.id, runs.c.state).where(own)).all()
            if any(RunState(row.state).active for row in found):
                raise RunStillActive()
            connection.execute(delete(runs).where(runs.c.id == run_id))
        for row in found:
            shutil.rmtree(self.folder_of(run.project_id) / "runs" / row.id, ignore_errors=True)

    def _queue(
        self, project_id: str, kind: RunKind, parent: str | None, prepare: Callable[[Path], None] | None
    ) -> Run | None:
        """Return a new run, or an active one queued meanwhile; None if that one has just ended."""
        run_id = secrets.token_hex(16)
        row: dict[str, object] = {"id": run_id, "project_id": project_id, "kind": kind, "state": RunState.QUEUED}
        row |= {"parent_id": parent, "created": time.time()}
        try:
            with self.database.writing() as connection:
                inputs = self._inputs(connection, project_id, parent)
                if kind == "scoring":
                    inputs = self._inputs(connection, project_id, None)
                connection.execute(insert(runs).values(row | inputs))
                write_events(connection, run_id, [say("state", state=RunState.QUEUED)])
                if prepare is not None:
                    prepare(self.folder_of(project_id) / "runs" / run_id)
        except IntegrityError:
            return self._active(project_id, kind)
        except OSError as error:
            raise storage_error(error) from error
        return self.run(run_id)

    def _inputs(self, connection: Connection, project_id: str, parent: str | None) -> dict[str, object]:
        project = self._require(connection, project_id)
        if parent is None:
            if project.dataset_id is None:
                raise NoFile()
            return {"recipe_id": project.recipe_id, "dataset_id": project.dataset_id}
        query = select(runs).where(runs.c.id == parent, runs.c.project_id == project_id, runs.c.kind == "training")
        training = connection.execute(query).one_or_none()
        if training is None:
            raise NoTraining()
        if training.state not in {RunState.FINISHED, RunState.STOPPED}:
            raise TrainingNotFinished()
        return {"recipe_id": training.recipe_id, "dataset_id": training.dataset_id}

    def _active(self, project_id: str, kind: RunKind) -> Run | None:
        return next(iter(self.runs(project_id, kind, active=True)), None)

    # Rows

    def _source_path(self, project_id: str, file_id: str) -> Path:
        return self.folder_of(project_id) / "files" / file_id / "source"


def _now_after(connection: Connection, project_id: str) -> float:
    """Return the time, but later than that of every file of the project, even if the clock was set back."""
    newest = select(func.max(datasets.c.added)).where(datasets.c.project_id == project_id)
    return max(time.time(), (connection.execute(newest).scalar() or 0.0) + 0.001)


def _display_name(name: str) -> str:
    return plain_text(name) or "Untitled"


def _kill_run(run: Run) -> None:
    """Kill the processes of a run and wait for their end, so none of them writes a removed file again."""
    if run.process is None:
        return
    signal_group(run.process, signal.SIGKILL)
    for _ in range(500):
        if not is_alive(run.process):
            break
        time.sleep(0.01)
    kill_leftovers(run.process, run.id)
