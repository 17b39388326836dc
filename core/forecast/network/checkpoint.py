"""Checkpoints of a training: atomic, in two generations, each with its SHA-256."""

import hashlib
import io
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from core.errors.training import CheckpointNotWritten
from core.findings.model import Finding
from core.findings.training import CheckpointDamaged
from core.forecast.network.training_summary import EpochLoss
from core.io.atomic import write_atomically
from core.io.json import from_json, to_json

GENERATIONS = ("checkpoint-a.npz", "checkpoint-b.npz")
DIGEST = hashlib.sha256().digest_size


@dataclass(frozen=True, kw_only=True)
class Position:
    """The progress of the training of one network.

    `epoch` epochs have ended, and `batch` batches of the next. `key` identifies data and settings. `best` is the lowest val_loss
    so far, `best_epoch` its epoch, and `wait` counts the epochs since. `diverged` if the next epoch's loss is not finite.
    `halved` are the epochs after which the learning rate was halved.
    `generation` counts checkpoints. `epochs` and `patience` are the limits of the training.
    """

    key: str
    epochs: int = 0
    patience: int = 0
    epoch: int = 0
    batch: int = 0
    best: float | None = None
    best_epoch: int = 0
    wait: int = 0
    diverged: bool = False
    halved: tuple[int, ...] = ()
    history: tuple[EpochLoss, ...] = ()
    generation: int = 0


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A position, and by name the state of the learner and the best weights."""

    position: Position
    arrays: dict[str, np.ndarray]


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> Position:
    """Write a checkpoint over the older generation; return its position.

    Raises `CheckpointNotWritten` if the file cannot be written; the newer generation is then unchanged.
    """
    position = replace(checkpoint.position, generation=checkpoint.position.generation + 1)
    content = io.BytesIO()
    text = np.frombuffer(to_json(position), dtype=np.uint8)
    np.savez(content, allow_pickle=False, position=text, **checkpoint.arrays)
    digest = hashlib.sha256(content.getbuffer()).digest()
    try:
        write_atomically(folder / GENERATIONS[position.generation % 2], digest + content.getvalue())
    except OSError as error:
        raise CheckpointNotWritten(
            size=content.tell(), folder=str(folder), reason=error.strerror or str(error)
        ) from error
    return position


def read_checkpoint(
    folder: Path, key: str, epochs: int = 0, patience: int = 0
) -> tuple[Checkpoint | None, tuple[Finding, ...]]:
    """Return the newest valid checkpoint of this key, if any, and a finding if one is damaged.

    A checkpoint of smaller limits `epochs` and `patience` is read too: training goes on from there as if they had always been
    these.
    """
    files = [path for name in GENERATIONS if (path := folder / name).exists()]
    valid = [checkpoint for path in files if (checkpoint := _read(path))]
    matching = [
        checkpoint
        for checkpoint in valid
        if checkpoint.position.key == key
        and checkpoint.position.epochs <= epochs
        and checkpoint.position.patience <= patience
    ]
    newest = max(matching, key=lambda checkpoint: checkpoint.position.generation, default=None)
    damaged = len(files) - len(valid)
    if not damaged:
        return newest, ()
    resumed = None if newest is None else newest.position.epoch + 1
    return newest, (CheckpointDamaged(damaged=damaged, found=len(files), resumed_epoch=resumed),)


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
