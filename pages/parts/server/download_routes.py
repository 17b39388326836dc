"""The route of large downloads: streamed from disk, so the server's memory does not grow with the file."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.workspace.download_links import open_link
from core.workspace.files import home_folder
from pages.parts.server.login import owner_of_request


async def _send(request: Request) -> Response:
    owner, token = owner_of_request(request), request.path_params["token"]
    found = None if owner is None else await run_in_threadpool(open_link, home_folder(), owner, token)
    if found is None:
        return PlainTextResponse("Not found, or the link has expired. Reload the page and click again.\n", 404)
    return FileResponse(found.path, filename=found.name, media_type="application/octet-stream")


ROUTES = [Route("/downloads/{token}", _send, methods=["GET"])]
