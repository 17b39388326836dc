"""The health check: whether the server can do its work, for a reverse proxy or a container engine."""

import shutil

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from core.errors.model import WorkspaceError
from core.workspace.database import Database, database_address
from core.workspace.files import home_folder
from core.workspace.jobs import Supervisor

LEAST_FREE = 64_000_000
_UNWELL = 503


class Health:
    """What a server's health depends on: its database, its disk, and the supervisor of its jobs."""

    def __init__(self) -> None:
        self.supervisor: Supervisor | None = None
        self._database: Database | None = None

    def faults(self) -> list[str]:
        """Return what is wrong, in words that name no path and no address; empty if nothing is."""
        found = []
        try:
            self._database = self._database or Database(database_address(home_folder()))
            self._database.require_answer()
        except WorkspaceError:
            found.append("database")
        try:
            if shutil.disk_usage(home_folder()).free < LEAST_FREE:
                found.append("disk")
        except OSError:
            found.append("disk")
        if self.supervisor is None or not self.supervisor.is_watching:
            found.append("supervisor")
        return found


health = Health()


async def _answer(_: Request) -> JSONResponse:
    faults = await run_in_threadpool(health.faults)
    return JSONResponse({"healthy": not faults, "faults": faults}, _UNWELL if faults else 200)


ROUTE = Route("/health", _answer, methods=["GET"])
