"""The journal of runs: their start, progress, events and end."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from sqlalchemy import Connection, Row, Select, case, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.errors.model import PlumblineError, RecipeError
from core.errors.workspace import DamagedRecord, NoRun, OtherRunActive, RunFinished
from core.io.json import to_json
from core.recipe.model import Recipe, read_recipe
from core.text.escape import plain_text
from core.workspace.database import ACTIVE_STATES, Database, datasets, events, projects, recipes, run_labels, runs
from core.workspace.processes import ProcessMark, host_id
from core.workspace.runs import Event, EventKind, Run, RunKind, RunState, StepEvent, say, utc

_NAME_LETTERS, _NOTE_LETTERS = 60, 500


class Journal:
    """The runs of one owner; with `owner=None` of all owners, for the supervisor and the workers."""

    def __init__(self, home: Path, database: Database, owner: str | None) -> None:
        self.home = home
        self.database = database
        self.owner = owner

    # Reading

    def run(self, run_id: str) -> Run:
        """Return one run; raises `NoRun` if it does not exist or belongs to another owner."""
        with self.database.reading() as connection:
            row = connection.execute(self._rows().where(runs.c.id == run_id)).one_or_none()
        if row is None:
            raise NoRun()
        return self._run(row)

    def runs(
        self, project_id: str | None = None, kind: RunKind | None = None, active: bool | None = None
    ) -> tuple[Run, ...]:
        """Return runs, newest first, filtered by project, by kind and by whether they are active."""
        query = self._rows().order_by(runs.c.number.desc())
        if project_id is not None:
            query = query.where(runs.c.project_id == project_id)
        if kind is not None:
            query = query.where(runs.c.kind == kind)
        if active is not None:
            query = query.where(runs.c.state.in_(ACTIVE_STATES) == active)
        with self.database.reading() as connection:
            return tuple(self._run(row) for row in connection.execute(query))

    def queue_place(self, run_id: str) -> int:
        """Return the place of a queued run among those of all owners that wait for a process, from 1."""
        number = select(runs.c.number).where(runs.c.id == run_id).scalar_subquery()
        waiting = select(func.count()).where(runs.c.state == RunState.QUEUED, runs.c.pid.is_(None))
        with self.database.reading() as connection:
            return 1 + int(connection.execute(waiting.where(runs.c.number < number)).scalar_one())

    def latest_run(self, project_id: str, kind: RunKind) -> Run | None:
        """Return the latest run of a kind, or None."""
        query = self._rows().where(runs.c.project_id == project_id, runs.c.kind == kind)
        with self.database.reading() as connection:
            row = connection.execute(query.order_by(runs.c.number.desc()).limit(1)).one_or_none()
        return None if row is None else self._run(row)

    def events(self, run_id: str, after: int = 0, kinds: Sequence[EventKind] | None = None) -> tuple[Event, ...]:
        """Return the events of a run after the event `after`, in order, optionally only of some `kinds`."""
        query = self._events(run_id).where(events.c.seq > after).order_by(events.c.seq)
        if kinds is not None:
            query = query.where(events.c.kind.in_(kinds))
        with self.database.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(event for row in rows if (event := _event(row)) is not None)

    def last_step(self, run_id: str) -> StepEvent | None:
        """Return the progress of a run, or None before it reports any."""
        query = self._events(run_id).where(events.c.kind == "step").order_by(events.c.seq.desc()).limit(1)
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        event = None if row is None else _event(row)
        with suppress(TypeError):
            return None if event is None else StepEvent(**event.payload)
        return None

    def metrics(self, run_id: str) -> dict[str, dict[int, float | None]]:
        """Return the values of each metric by step; of a step reported twice, as after a resume, the later value."""
        values: dict[str, dict[int, float | None]] = {}
        for event in self.events(run_id, kinds=("metric",)):
            with suppress(KeyError):
                payload = event.payload
                values.setdefault(payload["name"], {})[payload["step"]] = payload["value"]
        return {name: dict(sorted(steps.items())) for name, steps in values.items()}

    # What pages ask for

    def request_stop(self, run_id: str) -> None:
        """Ask a run to stop: a queued run stops at once, a running one at its next safe point."""
        self.run(run_id)
        mine = update(runs).where(runs.c.id == run_id)
        with self.database.writing() as connection:
            waiting = mine.where(runs.c.state == RunState.QUEUED).values(
                state=RunState.STOPPED,
                ended=time.time(),
                message=case(
                    (runs.c.started.is_(None), "Stopped before it began."), else_="Stopped before it resumed."
                ),
            )
            running = mine.where(runs.c.state == RunState.RUNNING).values(
                state=RunState.STOPPING, stop_asked=time.monotonic(), stop_seen=0
            )
            if connection.execute(waiting).rowcount:
                write_events(connection, run_id, [say("state", state=RunState.STOPPED)])
            elif connection.execute(running).rowcount:
                write_events(connection, run_id, [say("state", state=RunState.STOPPING)])

    def label_run(self, run_id: str, name: str, note: str) -> Run:
        """Return the run under the user's own name and note, as plain text; empty texts remove them."""
        self.run(run_id)
        label = {"name": plain_text(name, _NAME_LETTERS), "note": plain_text(note, _NOTE_LETTERS)}
        mine = run_labels.c.run_id == run_id
        with self.database.writing() as connection:
            connection.execute(delete(run_labels).where(mine))
            if any(label.values()):
                connection.execute(insert(run_labels).values(run_id=run_id, **label))
        return self.run(run_id)

    def resume_run(self, run_id: str) -> Run:
        """Queue a run again in its folder, to resume from its checkpoints; an active run is returned as it is.

        Raises `RunFinished` or `OtherRunActive` if it cannot be resumed.
        """
        run = self.run(run_id)
        if run.state is RunState.FINISHED:
            raise RunFinished()
        again = (
            update(runs)
            .where(runs.c.id == run_id, runs.c.state.not_in([*ACTIVE_STATES, RunState.FINISHED]))
            .values(state=RunState.QUEUED, ended=None, pid=None, process_start=None, stop_asked=None, stop_seen=0)
            .values(message="", hint="", error_id="", heartbeat=None)
        )
        try:
            with self.database.writing() as connection:
                if connection.execute(again).rowcount:
                    write_events(connection, run_id, [say("state", state=RunState.QUEUED)])
        except IntegrityError as error:
            raise OtherRunActive(kind=run.kind) from error
        return self.run(run_id)

    # What launcher and worker write

    def launch(self, most: int, start: Callable[[Run], ProcessMark]) -> Run | None:
        """Start the oldest queued run with `start` and return it; None if none is queued or `most` are running on this host.

        The lock is held meanwhile, so two servers on one database never start the same run.
        """
        with self.database.writing() as connection:
            at_work = select(func.count()).where(runs.c.state.in_(ACTIVE_STATES), runs.c.pid.is_not(None))
            at_work = at_work.where(runs.c.process_start.startswith(f"{host_id()}:", autoescape=True))
            if connection.execute(at_work).scalar_one() >= most:
                return None
            waiting = self._rows().where(runs.c.state == RunState.QUEUED, runs.c.pid.is_(None))
            oldest = waiting.order_by(runs.c.number).limit(1).with_for_update(of=runs, skip_locked=True)
            row = connection.execute(oldest).one_or_none()
            if row is None:
                return None
            mine = update(runs).where(runs.c.id == row.id)
            try:
                process = start(self._run(row))
                connection.execute(mine.values(pid=process.pid, process_start=process.start))
            except PlumblineError as error:
                failed = {"state": RunState.FAILED, "message": error.message, "hint": error.hint}
                connection.execute(mine.values(ended=time.time(), **failed))
                write_events(connection, row.id, [say("state", state=RunState.FAILED)])
        return self._run(row)

    def launch_again(self, run_id: str, process: ProcessMark) -> None:
        """Queue a run again whose process has died before it claimed the run."""
        mine = update(runs).where(runs.c.id == run_id, runs.c.state == RunState.QUEUED)
        mine = mine.where(runs.c.pid == process.pid, runs.c.process_start == process.start)
        with self.database.writing() as connection:
            connection.execute(mine.values(pid=None, process_start=None))

    def claim_run(self, run_id: str, process: ProcessMark) -> bool:
        """Claim a queued run for this process; return False if another process has it."""
        with self.database.writing() as connection:
            claim = update(runs).where(runs.c.id == run_id, runs.c.state == RunState.QUEUED)
            now = time.time()
            claimed = connection.execute(
                claim.values(
                    state=RunState.RUNNING,
                    started=func.coalesce(runs.c.started, now),
                    heartbeat=now,
                    pid=process.pid,
                    process_start=process.start,
                )
            ).rowcount
            if claimed:
                write_events(connection, run_id, [say("state", state=RunState.RUNNING)])
        return bool(claimed)

    def state_of(self, run_id: str) -> RunState | None:
        """Return the state of a run, or None if it was deleted."""
        with self.database.reading() as connection:
            state = connection.execute(select(runs.c.state).where(runs.c.id == run_id)).scalar_one_or_none()
        return None if state is None else RunState(state)

    def record_heartbeat(self, run_id: str, seconds: float, stop_seen: bool, said: Sequence[Event] = ()) -> None:
        """Record that a run is alive: its working time, whether it has seen a stop request, and its events."""
        with self.database.writing() as connection:
            beat = update(runs).where(runs.c.id == run_id)
            alive = beat.values(heartbeat=time.time(), seconds=seconds, stop_seen=int(stop_seen))
            if connection.execute(alive).rowcount:
                write_events(connection, run_id, said)

    def end_run(
        self, run_id: str, process: ProcessMark, state: RunState, message: str = "", hint: str = "", error_id: str = ""
    ) -> bool:
        """End a run; return False if it has ended already or belongs to another process."""
        ending = (
            update(runs)
            .where(runs.c.id == run_id, runs.c.state.in_(ACTIVE_STATES))
            .where(runs.c.pid == process.pid, runs.c.process_start == process.start)
            .values(state=state, ended=time.time(), message=message, hint=hint, error_id=error_id)
        )
        with self.database.writing() as connection:
            ended = connection.execute(ending).rowcount
            if ended:
                write_events(connection, run_id, [say("state", state=state)])
        return bool(ended)

    # Rows and records

    def _mine(self, query: Select[Any]) -> Select[Any]:
        return query if self.owner is None else query.where(projects.c.owner == self.owner)

    def _rows(self) -> Select[Any]:
        labels = run_labels.c.name.label("own_name"), run_labels.c.note
        columns = select(runs, recipes.c.document, datasets.c.fingerprint, *labels)
        joined = (
            runs.join(projects, runs.c.project_id == projects.c.id)
            .join(recipes, runs.c.recipe_id == recipes.c.id)
            .join(datasets, runs.c.dataset_id == datasets.c.id)
            .outerjoin(run_labels, run_labels.c.run_id == runs.c.id)
        )
        return self._mine(columns.select_from(joined))

    def _events(self, run_id: str) -> Select[Any]:
        joined = events.join(runs, events.c.run_id == runs.c.id).join(projects, runs.c.project_id == projects.c.id)
        return self._mine(select(events).select_from(joined)).where(events.c.run_id == run_id)

    def _run(self, row: Row[Any]) -> Run:
        project = self.home / "projects" / row.project_id
        run = Run(
            id=row.id,
            project_id=row.project_id,
            kind=row.kind,
            state=RunState.FAILED,
            recipe=Recipe(),
            source_path=project / "files" / row.dataset_id / "source",
            fingerprint=row.fingerprint,
            folder=project / "runs" / row.id,
            parent=row.parent_id,
            created=utc(row.created),
            name=row.own_name or "",
            note=row.note or "",
            started=utc(row.started),
            ended=utc(row.ended),
            heartbeat=utc(row.heartbeat),
            seconds=row.seconds,
            message=row.message,
            hint=row.hint,
            error_id=row.error_id,
            process=None if row.pid is None else ProcessMark(row.pid, row.process_start),
            stop_asked=row.stop_asked,
            stop_seen=bool(row.stop_seen),
        )
        try:
            if row.kind not in get_args(RunKind):
                raise ValueError(row.kind)
            return replace(run, state=RunState(row.state), recipe=read_document(row.document))
        except (ValueError, RecipeError):
            # One damaged record must not take the page with all the others down.
            return replace(run, message="The record of this run is damaged.", hint="Start a new one.")


def read_document(document: str) -> Recipe:
    """Return the recipe of a row; raises `DamagedRecord` if this version cannot read it."""
    try:
        return read_recipe(json.loads(document))
    except ValueError as error:
        raise DamagedRecord() from error


def write_events(connection: Connection, run_id: str, said: Sequence[Event]) -> None:
    """Append the events of a run to its journal."""
    if said:
        rows = [
            {
                "run_id": run_id,
                "time": event.time.timestamp(),
                "kind": event.kind,
                "payload": to_json(event.payload).decode(),
            }
            for event in said
        ]
        connection.execute(insert(events), rows)


def _event(row: Row[Any]) -> Event | None:
    """Return the event of a row, or None if the row is damaged."""
    with suppress(ValueError):
        payload = json.loads(row.payload)
        if isinstance(payload, dict):
            return Event(seq=row.seq, time=utc(row.time), kind=row.kind, payload=payload)
    return None
