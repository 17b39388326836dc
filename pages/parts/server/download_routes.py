"""The route of large downloads: streamed from disk, so the server's memory does not grow with the file."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.workspace.download_links import open_link
from core.workspace.files import home_folder


async def _send(request: Request) -> Response:
    found = await run_in_threadpool(open_link, home_folder(), request.path_params["token"])
    if found is None:
        return PlainTextResponse("This link has expired. Reload the page and click again.", 403)
    return FileResponse(found.path, filename=found.name, media_type="application/octet-stream")


ROUTES = [Route("/downloads/{token}", _send, methods=["GET"])]
