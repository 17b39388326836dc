"""Requests to score new rows: which file, and with which bundle; the job reads them from its folder."""

import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.errors.model import WorkspaceError
from core.errors.workspace import ScoringActive
from core.io.json import from_json, write_json
from core.text.escape import plain_text
from core.workspace.projects import Workspace
from core.workspace.runs import Run

_REQUEST = "request.json"


@dataclass(frozen=True, kw_only=True)
class Offered:
    """An uploaded file: its name, and the function that copies it to a path."""

    name: str
    copy_to: Callable[[Path], object]


@dataclass(frozen=True, kw_only=True)
class ScoringRequest:
    """What a run scores.

    `data` and `bundle` are None for the project's own file and the bundle of the run's training. The names are only displayed.
    """

    data: Path | None
    data_name: str
    bundle: Path | None
    bundle_name: str


def start_scoring(
    workspace: Workspace,
    project_id: str,
    training: str | None,
    data: Offered | None = None,
    bundle: Offered | None = None,
) -> Run:
    """Queue a run that scores a file, by default the project's own, with a bundle, by default that of a training.

    Raises `WorkspaceError` if the disk is full, another scoring is active, or the training does not exist.
    """
    if workspace.runs(project_id, kind="scoring", active=True):
        raise ScoringActive()
    staged = workspace.folder_of(project_id) / "scorings" / secrets.token_hex(16)
    try:
        source = workspace.source(project_id)
        request = ScoringRequest(
            data=None if data is None else _stage(data, staged / "data" / "source"),
            data_name=plain_text(data.name) if data is not None else "" if source is None else source.name,
            bundle=None if bundle is None else _stage(bundle, staged / "bundle" / "bundle.zip"),
            bundle_name="" if bundle is None else plain_text(bundle.name),
        )
        run = workspace.start_run(project_id, "scoring", training, partial(_record, request))
    except (WorkspaceError, OSError):
        shutil.rmtree(staged, ignore_errors=True)
        raise
    if read_request(run) != request:
        shutil.rmtree(staged, ignore_errors=True)
        raise ScoringActive()
    return run


def read_request(run: Run) -> ScoringRequest:
    """Return what a run scores."""
    return from_json(ScoringRequest, (run.folder / _REQUEST).read_bytes())


def discard_files(request: ScoringRequest) -> None:
    """Remove the files that were staged for a run: its results do not need them."""
    for path in (request.data, request.bundle):
        if path is not None:
            shutil.rmtree(path.parent, ignore_errors=True)


def _stage(offered: Offered, target: Path) -> Path:
    offered.copy_to(target)
    return target


def _record(request: ScoringRequest, folder: Path) -> None:
    folder.mkdir(parents=True)
    write_json(folder / _REQUEST, request)
