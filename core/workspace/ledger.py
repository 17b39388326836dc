"""The ledger: every fitted setting and every opening of a test era, by project and by file."""

import os
import time
from contextlib import suppress
from typing import Literal

from sqlalchemy import insert, or_, select
from sqlalchemy.exc import IntegrityError

from core.forecast.evaluation.trials import Trials
from core.workspace.database import Database, database_address, trials
from core.workspace.files import home_folder, storage_error

Kind = Literal["training", "opening", "look"]


class Ledger:
    """The trials of one owner; they outlive their project.

    A project counts what was tried in it and, in any other project or on the command line, on the same file. Safe to use from
    many threads and processes at once.
    """

    def __init__(self, database: Database, owner: str, project_id: str = "") -> None:
        self.database = database
        self.owner = owner
        self.project_id = project_id

    def record_training(self, fingerprint: str, setting: str) -> None:
        """Record a fitted setting of a file; the same setting again changes nothing."""
        self._record("training", fingerprint, setting)

    def record_opening(self, fingerprint: str, setting: str) -> None:
        """Record that a fitted setting is judged on the test era; judging it again shows nothing new."""
        self._record("opening", fingerprint, setting)

    def record_look(self, fingerprint: str) -> None:
        """Record that somebody looked at the target's values in the test era."""
        self._record("look", fingerprint, "")

    def count(self, fingerprint: str) -> Trials:
        """Return the counts of the project and of a file, given as its SHA-256."""
        mine = trials.c.fingerprint == fingerprint
        if self.project_id:
            mine = or_(mine, trials.c.project_id == self.project_id)
        query = select(trials.c.number, trials.c.kind, trials.c.setting).where(trials.c.owner == self.owner, mine)
        with self.database.reading() as connection:
            rows = connection.execute(query.order_by(trials.c.number)).all()
        trained: dict[str, int] = {}
        for row in rows:
            if row.kind == "training":
                trained.setdefault(row.setting, row.number)
        openings = [row for row in rows if row.kind != "training"]
        judged = {row.setting for row in openings if row.kind == "opening"}
        if openings:
            judged |= {setting for setting, number in trained.items() if number > openings[0].number}
        return Trials(trained=len(trained), opened=len(openings), judged_on_test=len(judged))

    def _record(self, kind: Kind, fingerprint: str, setting: str) -> None:
        row = {"owner": self.owner, "project_id": self.project_id, "fingerprint": fingerprint}
        row |= {"kind": kind, "setting": setting}
        # The database refuses an equal row, whoever wrote it.
        with suppress(IntegrityError), self.database.writing() as connection:
            connection.execute(insert(trials).values(row | {"time": time.time()}))


def find_ledger(owner: str = "local") -> Ledger | None:
    """Return the ledger of the home or database that the environment names, or of an existing default home, else None.

    The default home is never created. Raises `WorkspaceError` if there is one that cannot be used.
    """
    home = home_folder()
    if os.environ.get("PLUMBLINE_HOME"):
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise storage_error(error) from error
    elif not home.is_dir() and not os.environ.get("PLUMBLINE_DATABASE_URL"):
        return None
    return Ledger(Database(database_address(home)), owner)
