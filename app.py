"""The launcher: `streamlit run app.py` serves the pages and keeps watch over the jobs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from core.workspace.jobs import Supervisor
from core.workspace.projects import Workspace
from core.workspace.uploads.uploads import Uploads
from pages.parts.frame import internal_error
from pages.parts.server import gc_freeze, shutdown, upload_routes
from pages.parts.server.hosts import configure_hosts
from pages.parts.server.response_headers import ResponseHeaders
from pages.parts.widgets import live_chart


@asynccontextmanager
async def watch_jobs(_: st.App) -> AsyncIterator[None]:
    """Start queued jobs and notice dead ones for as long as the server lives; the jobs themselves outlive it.

    What was left of uploads that nobody goes on with is swept first.
    """
    workspace = Workspace()
    Uploads(workspace.home).sweep()
    supervisor = Supervisor(workspace)
    supervisor.start()
    try:
        with gc_freeze.serving(), shutdown.ends_for_certain():
            yield
    finally:
        supervisor.stop()


app = st.App(
    "pages/shell.py",
    lifespan=watch_jobs,
    routes=[live_chart.ROUTE, *upload_routes.ROUTES],
    middleware=[Middleware(ResponseHeaders), configure_hosts()],
    on_script_error=internal_error.tell,
)

if __name__ == "__main__":
    app.run()
