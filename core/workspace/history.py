"""A project's recipe and its history, which is only ever added to: undo, redo and going back move a mark along it."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from core.errors.model import WorkspaceError
from core.recipe.model import Recipe
from core.text.escape import plain_text
from core.workspace.database import is_writing, projects, recipes
from core.workspace.journal import Journal, read_document
from core.workspace.runs import utc

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, kw_only=True)
class RecipeEntry:
    """One change of a project's recipe, in words: `parent` is the entry that it changed, `current` where undo and redo stand."""

    id: int
    parent: int | None
    created: datetime
    note: str
    current: bool


@dataclass(frozen=True)
class Steps:
    """What undo would take back and what redo would bring back, in words; None where there is nothing."""

    back: str | None
    onward: str | None


class History(Journal):
    """The recipes of one owner's projects, besides the journal of runs."""

    def folder_of(self, project_id: str) -> Path:
        """Return the folder of a project's files; raises `WorkspaceError` on a text that cannot be an id."""
        if not _ID.fullmatch(project_id):
            raise no_project()
        return self.home / "projects" / project_id

    def recipe(self, project_id: str) -> Recipe:
        """Return the recipe as it stands; raises `RecipeError` when another version wrote one that this one cannot read."""
        with self.database.reading() as connection:
            return read_document(self._current(connection, project_id).document)

    def save_recipe(self, project_id: str, recipe: Recipe, note: str) -> None:
        """Add a recipe to the history and make it the current one; one equal to the current one adds nothing."""
        with self.database.writing() as connection:
            current = self._current(connection, project_id)
            if json.loads(current.document) != recipe.model_dump(mode="json"):
                append(connection, project_id, current.id, recipe, note)

    def change_recipe(
        self, project_id: str, change: Callable[[Recipe], Recipe], note: str | Callable[[Recipe, Recipe], str]
    ) -> None:
        """Make what `change` returns of the current recipe the current one; where that is an equal one, nothing is added.

        Nothing comes between reading and writing: two that change at once, or change and undo, lose nothing of each other.
        `note` tells the change in words, or is asked for them with both recipes.
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
        """Return whether the recipe went a step back; false at the first one."""
        with self.database.writing() as connection:
            return _stand_at(connection, project_id, self._current(connection, project_id).parent_id)

    def redo(self, project_id: str) -> bool:
        """Return whether the recipe went forward again, to the newest one made from the current one."""
        with self.database.writing() as connection:
            onward = _onward(connection, project_id, self._require(connection, project_id).recipe_id)
            return _stand_at(connection, project_id, None if onward is None else onward.id)

    def go_to(self, project_id: str, entry: int) -> None:
        """Make an earlier recipe, or a later one, the current one; nothing of the history is lost.

        Raises `WorkspaceError` where the project never had it.
        """
        with self.database.writing() as connection:
            self._require(connection, project_id)
            _stand_at(connection, project_id, _entry(connection, project_id, entry).id)

    def recipe_at(self, project_id: str, entry: int) -> Recipe:
        """Return the recipe of an entry of the history; raises `WorkspaceError` where the project never had it."""
        with self.database.reading() as connection:
            self._require(connection, project_id)
            return read_document(_entry(connection, project_id, entry).document)

    def steps(self, project_id: str) -> Steps:
        """Return what undo and redo would do; no recipe is read for it, however long the history is."""
        with self.database.reading() as connection:
            here = self._require(connection, project_id).recipe_id
            current = connection.execute(select(recipes.c.note, recipes.c.parent_id).where(recipes.c.id == here)).one()
            onward = _onward(connection, project_id, here)
        return Steps(None if current.parent_id is None else current.note, None if onward is None else onward.note)

    def history(self, project_id: str) -> tuple[RecipeEntry, ...]:
        """Return every change of the recipe that the project ever had, the newest first."""
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
        """Return the row of a project of this owner, held against other writers where the database is a server."""
        self.folder_of(project_id)
        query = self._mine(select(projects)).where(projects.c.id == project_id)
        row = connection.execute(query.with_for_update() if is_writing(connection) else query).one_or_none()
        if row is None:
            raise no_project()
        return row

    def _current(self, connection: Connection, project_id: str) -> Row[Any]:
        return _entry(connection, project_id, self._require(connection, project_id).recipe_id)


def no_project() -> WorkspaceError:
    """Return the error on a project that is not there, or not the owner's."""
    return WorkspaceError("There is no such project.", "It may have been deleted; choose one on the home page.")


def append(connection: Connection, project_id: str, parent: int | None, recipe: Recipe, note: str) -> None:
    """Add a recipe to a project's history, and stand there."""
    row = {"project_id": project_id, "parent_id": parent, "created": time.time(), "note": plain_text(note)}
    added = connection.execute(insert(recipes).values(document=recipe.model_dump_json(), **row).returning(recipes.c.id))
    _stand_at(connection, project_id, added.scalar_one())


def _entry(connection: Connection, project_id: str, entry: int) -> Row[Any]:
    query = select(recipes).where(recipes.c.id == entry, recipes.c.project_id == project_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise WorkspaceError("This state is not in the history of the project.", "Choose one from its list.")
    return row


def _onward(connection: Connection, project_id: str, here: int) -> Row[int, str] | None:
    """Return the newest of the changes that were made to the recipe `here`; only younger ones can be."""
    query = select(recipes.c.id, recipes.c.note).where(
        recipes.c.project_id == project_id, recipes.c.id > here, recipes.c.parent_id == here
    )
    return connection.execute(query.order_by(recipes.c.id.desc()).limit(1)).one_or_none()


def _stand_at(connection: Connection, project_id: str, entry: int | None) -> bool:
    if entry is not None:
        connection.execute(update(projects).where(projects.c.id == project_id).values(recipe_id=entry))
    return entry is not None
