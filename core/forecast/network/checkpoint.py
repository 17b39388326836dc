"""What a training needs to go on where it was: written whole, two generations, each with its SHA-256."""

import hashlib
import io
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from core.errors.model import WorkspaceError
from core.findings.model import Finding, Severity, legacy_finding
from core.io.atomic import write_atomically
from core.io.json import from_json, to_json

GENERATIONS = ("checkpoint-a.npz", "checkpoint-b.npz")
DIGEST = hashlib.sha256().digest_size


@dataclass(frozen=True, kw_only=True)
class EpochLoss:
    """The loss of one epoch (1-based) of one member (0-based), in scaled outcomes."""

    member: int
    epoch: int
    loss: float
    val_loss: float


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a training stands: `epoch` has ended for `member`, and `batch` batches of the next are done.

    `key` stands for the data and settings. `best`, `best_epoch` and `wait` are those of the running member;
    `best_epochs` and `endings` those of the members that are done, `broken` of which ended for a loss that was not a number;
    `history` is of all. `generation` grows by one a checkpoint.
    """

    key: str
    member: int = 0
    epoch: int = 0
    batch: int = 0
    best: float | None = None
    best_epoch: int = 0
    wait: int = 0
    history: tuple[EpochLoss, ...] = ()
    best_epochs: tuple[int, ...] = ()
    endings: tuple[str, ...] = ()
    broken: int = 0
    generation: int = 0


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A position with its arrays: weights, optimizer, states of chance, best weights, weights of finished members."""

    position: Position
    arrays: dict[str, np.ndarray]


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> Position:
    """Write a checkpoint over the older of the two generations; returns its position with the generation counted.

    Raises `WorkspaceError` where it cannot be written; the generation before is then as it was.
    """
    position = replace(checkpoint.position, generation=checkpoint.position.generation + 1)
    content = io.BytesIO()
    text = np.frombuffer(to_json(position), dtype=np.uint8)
    np.savez(content, allow_pickle=False, position=text, **checkpoint.arrays)
    digest = hashlib.sha256(content.getbuffer()).digest()
    try:
        write_atomically(folder / GENERATIONS[position.generation % 2], digest + content.getvalue())
    except OSError as error:
        raise WorkspaceError(
            f"The checkpoint of {content.tell():,} bytes cannot be written to {folder}: {error.strerror}.",
            "Make room there and start again: training goes on from the checkpoint before.",
        ) from error
    return position


def read_checkpoint(folder: Path, key: str) -> tuple[Checkpoint | None, tuple[Finding, ...]]:
    """Return the newest checkpoint that verifies and belongs to `key`, or None; and what is worth telling about it."""
    files = [path for name in GENERATIONS if (path := folder / name).exists()]
    sound = [checkpoint for path in files if (checkpoint := _read(path))]
    ours = [checkpoint for checkpoint in sound if checkpoint.position.key == key]
    newest = max(ours, key=lambda checkpoint: checkpoint.position.generation, default=None)
    if len(sound) < len(files):
        went_on = f"from epoch {newest.position.epoch}" if newest else "from the start"
        finding = legacy_finding(
            "checkpoint-damaged",
            Severity.WARNING,
            "A checkpoint was damaged and is not used",
            f"{len(files) - len(sound)} of {len(files)} checkpoints did not verify; training went on {went_on}.",
        )
        return newest, (finding,)
    return newest, ()


def _read(path: Path) -> Checkpoint | None:
    content = path.read_bytes()
    if hashlib.sha256(content[DIGEST:]).digest() != content[:DIGEST]:
        return None
    try:
        with np.load(io.BytesIO(content[DIGEST:]), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        return Checkpoint(from_json(Position, arrays.pop("position").tobytes()), arrays)
    except (zipfile.BadZipFile, ValueError, KeyError, ValidationError):
        return None
