"""Routes of large uploads: chunks arrive over HTTP and are written to disk as they come."""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from core.errors.model import WorkspaceError
from core.errors.workspace import ChunkTooLarge, MoreThanAnnounced, UnknownUpload, UploadTooLarge, WrongOffset
from core.workspace.files import home_folder
from core.workspace.uploads.upload_tokens import read_claim
from core.workspace.uploads.uploads import Upload, Uploads, owner_in
from pages.parts.server import login

MOST_SLICE = 16_000_000
MOST_WORDS = 65_536
# Few large writes: the threads that write are few, and each write waits for the disk.
GATHER = 8_388_608

_STATUS = {UnknownUpload: 404, WrongOffset: 409, UploadTooLarge: 413, ChunkTooLarge: 413, MoreThanAnnounced: 413}
_NO_ROOM = 507


class _RefusedError(Exception):
    """A malformed or unauthorised request."""

    def __init__(self, status: int, sentence: str, **more: object) -> None:
        super().__init__(sentence)
        self.status = status
        self.answer = {"error": sentence} | more


def _answered(act: Callable[[Request], Awaitable[dict[str, object]]]) -> Callable[[Request], Awaitable[JSONResponse]]:
    """Return the endpoint with each error as a status and one sentence."""

    async def answer(request: Request) -> JSONResponse:
        try:
            return JSONResponse(await act(request))
        except _RefusedError as error:
            return JSONResponse(error.answer, error.status)
        except WrongOffset as error:
            return JSONResponse({"error": str(error), "offset": error.offset}, _STATUS[WrongOffset])
        except WorkspaceError as error:
            return JSONResponse({"error": str(error)}, _STATUS.get(type(error), _NO_ROOM))

    return answer


@_answered
async def _begin(request: Request) -> dict[str, object]:
    try:
        told = json.loads(await _words(request))
        claim, name, size = told["claim"], told["name"], told["size"]
        if not (isinstance(claim, str) and isinstance(name, str) and type(size) is int and size > 0):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _RefusedError(400, "An upload starts with its claim, name and size.") from error
    home = home_folder()
    scope = await run_in_threadpool(read_claim, home, claim)
    if scope is None or (login.is_on() and owner_in(scope) != login.owner_of_request(request)):
        raise _RefusedError(403, "This page has expired. Reload it and choose the file again.", renew=True)
    upload = await run_in_threadpool(Uploads(home).begin, name, size, scope)
    return {"token": upload.token, "offset": upload.offset}


@_answered
async def _tell(request: Request) -> dict[str, object]:
    upload = await _find(request)
    return {"offset": upload.offset, "size": upload.size}


@_answered
async def _append(request: Request) -> dict[str, object]:
    """Write a chunk; the bytes of an interrupted one are kept too."""
    token, told = request.path_params["token"], request.query_params.get("offset", "")
    if not (told.isascii() and told.isdecimal() and len(told) < 20):
        raise _RefusedError(400, "A chunk needs its offset.")
    uploads, offset = Uploads(home_folder()), int(told)
    upload = await _find(request)
    if offset != upload.offset:
        raise WrongOffset(offset=upload.offset)
    gathered, size = bytearray(), 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > MOST_SLICE:
                raise ChunkTooLarge(most=MOST_SLICE)
            gathered += piece
            if len(gathered) >= GATHER:
                offset = await run_in_threadpool(uploads.append, token, offset, gathered)
                gathered = bytearray()
    except ClientDisconnect:
        pass
    if gathered:
        offset = await run_in_threadpool(uploads.append, token, offset, gathered)
    return {"offset": offset}


@_answered
async def _cancel(request: Request) -> dict[str, object]:
    with suppress(UnknownUpload):
        upload = await _find(request)
        await run_in_threadpool(Uploads(home_folder()).cancel, upload.token)
    return {}


async def _find(request: Request) -> Upload:
    """Return the upload that a request names; raises `UnknownUpload` if it is another user's."""
    upload = await run_in_threadpool(Uploads(home_folder()).find, request.path_params["token"])
    if login.is_on() and upload.owner != login.owner_of_request(request):
        raise UnknownUpload()
    return upload


async def _words(request: Request) -> bytes:
    words = b""
    async for piece in request.stream():
        words += piece
        if len(words) > MOST_WORDS:
            raise _RefusedError(413, "The request is too long.")
    return words


ROUTES = [
    Route("/uploads", _begin, methods=["POST"]),
    Route("/uploads/{token}", _tell, methods=["GET"]),
    Route("/uploads/{token}", _append, methods=["PUT"]),
    Route("/uploads/{token}", _cancel, methods=["DELETE"]),
]
