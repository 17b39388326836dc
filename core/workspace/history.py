"""A project's recipe and its append-only history; undo, redo and restore move a pointer along it."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from core.errors.workspace import NoProject, NotInHistory
from core.recipe.model import Recipe
from core.text.escape import plain_text
from core.workspace.database import is_writing, projects, recipes
from core.workspace.journal import Journal, read_document
from core.workspace.runs import utc

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, kw_only=True)
class RecipeEntry:
    """One change of a project's recipe: its note, the entry it changed (`parent`), and whether it is current."""

    id: int
    parent: int | None
    created: datetime
    note: str
    current: bool


@dataclass(frozen=True)
class Steps:
    """The notes of what undo and redo would do; None if there is nothing to undo or redo."""

    back: str | None
    onward: str | None


class History(Journal):
    """The recipes of one owner's projects, on top of the journal of runs."""

    def folder_of(self, project_id: str) -> Path:
        """Return the folder of a project's files; raises `WorkspaceError` for a malformed id."""
        if not _ID.fullmatch(project_id):
            raise NoProject()
        return self.home / "projects" / project_id

    def recipe(self, project_id: str) -> Recipe:
        """Return the current recipe; raises `RecipeError` if this version cannot read it."""
        with self.database.reading() as connection:
            return read_document(self._current(connection, project_id).document)

    def save_recipe(self, project_id: str, recipe: Recipe, note: str) -> None:
        """Append a recipe and make it current; an equal recipe changes nothing."""
        with self.database.writing() as connection:
            current = self._current(connection, project_id)
            if json.loads(current.document) != recipe.model_dump(mode="json"):
                append(connection, project_id, current.id, recipe, note)

    def change_recipe(
        self, project_id: str, change: Callable[[Recipe], Recipe], note: str | Callable[[Recipe, Recipe], str]
    ) -> None:
        """Apply `change` to the current recipe and append the result; an equal recipe adds nothing.

        Reading and writing are one transaction, so concurrent changes are not lost. `note` describes the change, or is a function
        of the old and the new recipe that does.
        """
        with self.database.writing() as connection:
            current = self._current(connection, project_id)
            before = read_document(current.document)
            after = change(before)
            if after != before:
                append(
                    connection, project_id, current.id, after, note if isinstance(note, str) else note(before, after)
                )

    def undo(self, project_id: str) -> bool:
        """Go one step back; return False at the first recipe."""
        with self.database.writing() as connection:
            return _set_current(connection, project_id, self._current(connection, project_id).parent_id)

    def redo(self, project_id: str) -> bool:
        """Go forward to the newest recipe made from the current one; return False if there is none."""
        with self.database.writing() as connection:
            onward = _next_entry(connection, project_id, self._require(connection, project_id).recipe_id)
            return _set_current(connection, project_id, None if onward is None else onward.id)

    def go_to(self, project_id: str, entry: int) -> None:
        """Make another recipe of the history current; the history is not changed.

        Raises `NotInHistory` if the project never had it.
        """
        with self.database.writing() as connection:
            self._require(connection, project_id)
            _set_current(connection, project_id, _entry(connection, project_id, entry).id)

    def recipe_at(self, project_id: str, entry: int) -> Recipe:
        """Return the recipe of an entry; raises `NotInHistory` if the project never had it."""
        with self.database.reading() as connection:
            self._require(connection, project_id)
            return read_document(_entry(connection, project_id, entry).document)

    def steps(self, project_id: str) -> Steps:
        """Return what undo and redo would do, without reading a recipe."""
        with self.database.reading() as connection:
            here = self._require(connection, project_id).recipe_id
            current = connection.execute(select(recipes.c.note, recipes.c.parent_id).where(recipes.c.id == here)).one()
            onward = _next_entry(connection, project_id, here)
        return Steps(None if current.parent_id is None else current.note, None if onward is None else onward.note)

    def history(self, project_id: str) -> tuple[RecipeEntry, ...]:
        """Return every change of the recipe, newest first."""
        columns = recipes.c.id, recipes.c.parent_id, recipes.c.created, recipes.c.note
        with self.database.reading() as connection:
            current = self._require(connection, project_id).recipe_id
            query = select(*columns).where(recipes.c.project_id == project_id).order_by(recipes.c.id.desc())
            rows = connection.execute(query).all()
        return tuple(
            RecipeEntry(
                id=row.id, parent=row.parent_id, created=utc(row.created), note=row.note, current=row.id == current
            )
            for row in rows
        )

    def _require(self, connection: Connection, project_id: str) -> Row[Any]:
        """Return the row of this owner's project, locked for writing on a database server."""
        self.folder_of(project_id)
        query = self._mine(select(projects)).where(projects.c.id == project_id)
        row = connection.execute(query.with_for_update() if is_writing(connection) else query).one_or_none()
        if row is None:
            raise NoProject()
        return row

    def _current(self, connection: Connection, project_id: str) -> Row[Any]:
        return _entry(connection, project_id, self._require(connection, project_id).recipe_id)


def append(connection: Connection, project_id: str, parent: int | None, recipe: Recipe, note: str) -> None:
    """Append a recipe to the history and make it current."""
    row = {"project_id": project_id, "parent_id": parent, "created": time.time(), "note": plain_text(note)}
    added = connection.execute(insert(recipes).values(document=recipe.model_dump_json(), **row).returning(recipes.c.id))
    _set_current(connection, project_id, added.scalar_one())


def _entry(connection: Connection, project_id: str, entry: int) -> Row[Any]:
    query = select(recipes).where(recipes.c.id == entry, recipes.c.project_id == project_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotInHistory()
    return row


def _next_entry(connection: Connection, project_id: str, here: int) -> Row[int, str] | None:
    """Return the newest change made to the recipe `here`, or None."""
    query = select(recipes.c.id, recipes.c.note).where(
        recipes.c.project_id == project_id, recipes.c.id > here, recipes.c.parent_id == here
    )
    return connection.execute(query.order_by(recipes.c.id.desc()).limit(1)).one_or_none()


def _set_current(connection: Connection, project_id: str, entry: int | None) -> bool:
    if entry is not None:
        connection.execute(update(projects).where(projects.c.id == project_id).values(recipe_id=entry))
    return entry is not None
