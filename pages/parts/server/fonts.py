"""The route of the fonts that the project ships: IBM Plex, under the SIL Open Font License beside the files."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

FOLDER = Path(__file__).parents[1] / "frame" / "fonts"
_FILES = {file.name: file for file in FOLDER.glob("*.woff2")}
_A_YEAR = 31_536_000


def _serve_font(request: Request) -> FileResponse:
    file = _FILES.get(request.path_params["name"])
    if file is None:
        raise HTTPException(404)
    return FileResponse(file, media_type="font/woff2", headers={"Cache-Control": f"max-age={_A_YEAR}"})


ROUTE = Route("/fonts/{name}", _serve_font)
