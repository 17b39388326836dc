"""Retention: projects that nobody has touched for `PLUMBLINE_KEEP_DAYS` days are deleted, with their files."""

import os
import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from core.errors.workspace import InvalidKeepDays
from core.text.escape import plain_text
from core.workspace.database import ACTIVE_STATES, datasets, projects, recipes, runs
from core.workspace.projects import Workspace
from core.workspace.runs import utc

VARIABLE = "PLUMBLINE_KEEP_DAYS"
_DAY = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Untouched:
    """A project, its owner, and when it was last worked on: its settings, its file or a run."""

    id: str
    owner: str
    name: str
    since: datetime


def keep_days() -> float | None:
    """Return for how many days projects are kept; None for ever. Raises `InvalidKeepDays`."""
    value = os.environ.get(VARIABLE, "")
    if not value:
        return None
    try:
        days = float(value)
    except ValueError as error:
        raise InvalidKeepDays(value=plain_text(value, 40)) from error
    if not 1 <= days <= 100_000:
        raise InvalidKeepDays(value=plain_text(value, 40))
    return days


def find_untouched(workspace: Workspace, days: float) -> tuple[Untouched, ...]:
    """Return the projects of all owners that were last worked on more than `days` days ago, and have no active run."""
    newest = [
        select(func.max(column)).where(table.c.project_id == projects.c.id).correlate(projects).scalar_subquery()
        for table, columns in (
            (recipes, (recipes.c.created,)),
            (datasets, (datasets.c.added,)),
            (runs, (runs.c.created, runs.c.ended, runs.c.heartbeat)),
        )
        for column in columns
    ]
    active = select(runs.c.id).where(runs.c.project_id == projects.c.id, runs.c.state.in_(ACTIVE_STATES)).exists()
    query = select(projects.c.id, projects.c.owner, projects.c.name, projects.c.created, *newest).where(~active)
    limit, found = time.time() - days * _DAY, []
    with workspace.database.reading() as connection:
        for project_id, owner, name, *times in connection.execute(query.order_by(projects.c.number)):
            since = max(moment for moment in times if moment is not None)
            if since < limit:
                found.append(Untouched(id=project_id, owner=owner, name=name, since=utc(since)))
    return tuple(found)


def delete_untouched(workspace: Workspace, days: float) -> tuple[Untouched, ...]:
    """Delete these projects and return them; what was tried on their files stays counted."""
    found = find_untouched(workspace, days)
    for project in found:
        workspace.delete_project(project.id)
    return found
