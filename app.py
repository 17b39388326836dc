"""The launcher: `streamlit run app.py` serves the pages and supervises the jobs."""

from core.runtime import configure

configure()

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from core.workspace.jobs import Supervisor
from core.workspace.projects import Workspace
from core.workspace.uploads.uploads import Uploads
from pages.parts.frame import error_messages
from pages.parts.server import download_routes, fonts, gc_freeze, health, shutdown, upload_routes
from pages.parts.server.hosts import HostGuard, require_address, share_hosts
from pages.parts.server.login import LoginGuard
from pages.parts.server.response_headers import ResponseHeaders
from pages.parts.widgets import live_chart


@asynccontextmanager
async def supervise_jobs(_: st.App) -> AsyncIterator[None]:
    """Start queued jobs and detect dead ones while the server runs; the jobs themselves outlive it.

    Expired partial uploads are deleted at the start.
    """
    share_hosts()
    workspace = Workspace()
    Uploads(workspace.home).sweep()
    supervisor = Supervisor(workspace)
    supervisor.start()
    health.health.supervisor = supervisor
    try:
        with gc_freeze.serving(), shutdown.exit_within():
            yield
    finally:
        supervisor.stop()


require_address()
app = st.App(
    "pages/shell.py",
    lifespan=supervise_jobs,
    routes=[health.ROUTE, live_chart.ROUTE, fonts.ROUTE, *upload_routes.ROUTES, *download_routes.ROUTES],
    middleware=[Middleware(ResponseHeaders), Middleware(HostGuard), Middleware(LoginGuard)],
    on_script_error=error_messages.show_script_error,
)

if __name__ == "__main__":
    app.run()
