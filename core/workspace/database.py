"""The tables of a workspace and short transactions on them, in SQLite or on a database server."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from sqlite3 import OperationalError

from sqlalchemy import (
    DDL,
    URL,
    BigInteger,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    exc,
    insert,
    inspect,
    make_url,
    select,
)

from core.errors.model import RecipeError
from core.errors.workspace import DatabaseFailed, InvalidDatabaseAddress
from core.io.fingerprint import fingerprint_of
from core.recipe.model import read_recipe
from core.recipe.setting_key import setting_key

ACTIVE_STATES = ("queued", "running", "stopping")
WAIT_FOR_LOCK = 10.0
_RETRY = 0.02

metadata = MetaData()

# `number` increases, so "newest" does not depend on a clock that may jump. Times are seconds since the epoch, UTC.
projects = Table(
    "projects",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("owner", String(200), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("dataset_id", String(64)),
    Column("recipe_id", Integer),
    sqlite_autoincrement=True,
)


def _of_project() -> Column[str]:
    return Column("project_id", String(64), ForeignKey("projects.id", ondelete="CASCADE"), nullable=False, index=True)


datasets = Table(
    "datasets",
    metadata,
    Column("id", String(64), primary_key=True),
    _of_project(),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("added", Float, nullable=False),
)

recipes = Table(
    "recipes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _of_project(),
    Column("parent_id", Integer, ForeignKey("recipes.id", ondelete="CASCADE")),
    Column("created", Float, nullable=False),
    Column("note", Text, nullable=False),
    Column("document", Text, nullable=False),
    sqlite_autoincrement=True,
)

runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    _of_project(),
    Column("kind", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("recipe_id", Integer, ForeignKey("recipes.id", ondelete="CASCADE"), nullable=False),
    Column("dataset_id", String(64), ForeignKey("datasets.id", ondelete="CASCADE"), nullable=False),
    Column("parent_id", String(64), ForeignKey("runs.id", ondelete="CASCADE")),
    Column("created", Float, nullable=False),
    Column("started", Float),
    Column("ended", Float),
    Column("heartbeat", Float),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("pid", Integer),
    Column("process_start", String(80)),
    Column("stop_asked", Float),
    Column("stop_seen", Integer, nullable=False, default=0),
    Column("message", Text, nullable=False, default=""),
    Column("hint", Text, nullable=False, default=""),
    Column("error_id", String(40), nullable=False, default=""),
    sqlite_autoincrement=True,
)

# A second click, in this tab or another, cannot start a second run: the database itself refuses it. Written out, since
# the same words as options of an `Index` load the whole PostgreSQL dialect into every worker.
_one_active = "CREATE UNIQUE INDEX one_active_run ON runs (project_id, kind) WHERE state IN {states}"
event.listen(runs, "after_create", DDL(_one_active.format(states=ACTIVE_STATES)))

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(64), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("time", Float, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("payload", Text, nullable=False),
    Index("events_of_run", "run_id", "seq"),
    sqlite_autoincrement=True,
)

# A table of its own, since an older database has its table of runs already.
run_labels = Table(
    "run_labels",
    metadata,
    Column("run_id", String(64), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("note", Text, nullable=False),
)

# What was tried on a file counts as long as the file exists somewhere: no foreign key deletes a row with its project. Rows of
# the command line have no project. `kind` is training, opening or look, `setting` the key of the fitted setting.
trials = Table(
    "trials",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("owner", String(200), nullable=False),
    Column("project_id", String(64), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("setting", String(64), nullable=False),
    Column("time", Float, nullable=False),
    UniqueConstraint("owner", "project_id", "fingerprint", "kind", "setting"),
    sqlite_autoincrement=True,
)


@event.listens_for(trials, "after_create")
def _adopt_earlier_runs(_table: Table, connection: Connection, **_options: object) -> None:
    """Enter the trainings and openings of a database that is older than its ledger."""
    if not inspect(connection).has_table("runs"):
        return
    joined = runs.join(projects, runs.c.project_id == projects.c.id).join(recipes, runs.c.recipe_id == recipes.c.id)
    columns = (projects.c.owner, runs.c.project_id, datasets.c.fingerprint, runs.c.kind, recipes.c.document)
    trained = (runs.c.kind == "training") & runs.c.state.in_(("finished", "stopped"))
    # An opening that broke off has seen the test era too.
    opened = (runs.c.kind == "opening") & runs.c.started.is_not(None)
    query = select(*columns, runs.c.created.label("time"))
    query = query.select_from(joined.join(datasets, runs.c.dataset_id == datasets.c.id)).where(trained | opened)
    found: dict[tuple[str, ...], dict[str, object]] = {}
    for row in connection.execute(query.order_by(runs.c.number)).mappings():
        fields = dict(row)
        fields["setting"] = _setting_of(fields["fingerprint"], fields.pop("document"))
        found.setdefault((fields["project_id"], fields["fingerprint"], fields["kind"], fields["setting"]), fields)
    if found:
        connection.execute(insert(trials), list(found.values()))


def _setting_of(fingerprint: str, document: str) -> str:
    try:
        return setting_key(fingerprint, read_recipe(json.loads(document)))
    except (ValueError, RecipeError):
        # A recipe that this version cannot read is still one setting.
        return fingerprint_of(fingerprint, document)


def database_address(home: Path) -> str | URL:
    """Return the address of the database of a home: the server that the environment names, or a file in the home."""
    return os.environ.get("PLUMBLINE_DATABASE_URL") or URL.create("sqlite", database=str(home / "plumbline.db"))


class Database:
    """One database, safe to use from many threads and processes at once.

    Raises `DatabaseFailed` if it cannot be reached, read or written.
    """

    def __init__(self, address: str | URL) -> None:
        try:
            url = make_url(address)
            if url.get_backend_name() == "sqlite" and url.database:
                url = url.set(database=str(Path(url.database).absolute()))
            waits = {"timeout": WAIT_FOR_LOCK} if url.get_backend_name() == "sqlite" else {}
            self._engine = create_engine(url, connect_args=waits, pool_pre_ping=not waits)
        except (exc.ArgumentError, ModuleNotFoundError) as error:
            raise InvalidDatabaseAddress(reason=str(error)) from error
        self.url = url
        if waits:
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        with self.writing() as connection:
            metadata.create_all(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Return a connection that sees the database as of its first query."""
        with _explained(self.url), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Return a connection that sees the database as of its first query, whatever is written meanwhile."""
        with _explained(self.url), self._engine.connect() as connection:
            if self.url.get_backend_name() != "sqlite":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Return a connection whose changes are committed together; on SQLite it is the only writer."""
        with _explained(self.url), self._engine.connect() as connection:
            connection.execution_options(writes=True)
            with connection.begin():
                yield connection

    def require_answer(self) -> None:
        """Raise `DatabaseFailed` unless the database answers a query."""
        with self.reading() as connection:
            connection.execute(select(projects.c.number).limit(1)).all()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def is_writing(connection: Connection) -> bool:
    """Return whether a connection came from `Database.writing`."""
    return bool(connection.get_execution_options().get("writes"))


@contextmanager
def _explained(url: URL) -> Iterator[None]:
    try:
        yield
    except exc.IntegrityError:
        raise
    except (exc.DBAPIError, exc.TimeoutError) as error:
        reason = getattr(error, "orig", None) or error
        raise DatabaseFailed(address=url.render_as_string(hide_password=True), reason=str(reason)) from error


def _prepare_sqlite(connection: SqliteConnection, _record: object) -> None:
    # None: Python opens no transactions by itself, `_begin_sqlite` does.
    connection.isolation_level = None
    _use_wal(connection)
    for setting in ("synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {setting}")


def _use_wal(connection: SqliteConnection) -> None:
    # SQLite does not wait for a lock while it switches the journal mode: it refuses at once.
    give_up = time.monotonic() + WAIT_FOR_LOCK
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(_RETRY)


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: a reader that turns into a writer midway could be refused.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing(connection) else "BEGIN")
