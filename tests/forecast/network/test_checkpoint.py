"""Checkpoints: the newest valid one is read, and a damaged one is reported."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors.training import CheckpointNotWritten
from core.forecast.network.checkpoint import (
    GENERATIONS,
    Checkpoint,
    Position,
    read_checkpoint,
    write_checkpoint,
)
from core.forecast.network.training_summary import EpochLoss


def write_epochs(folder, count, key="k"):
    position = Position(key=key)
    for epoch in range(1, count + 1):
        position = replace(
            position,
            epoch=epoch,
            history=(*position.history, EpochLoss(member=0, epoch=epoch, loss=1 / epoch, val_loss=2.0)),
        )
        position = write_checkpoint(folder, Checkpoint(position, {"weight0": np.full((2, 3), epoch, np.float32)}))
    return position


def newest_file(folder):
    return max((folder / name for name in GENERATIONS), key=lambda path: path.stat().st_mtime_ns)


@pytest.mark.silent("checkpoint-damaged")
def test_the_last_of_three_checkpoints_is_read(tmp_path):
    written = write_epochs(tmp_path, 3)
    checkpoint, findings = read_checkpoint(tmp_path, "k")
    assert checkpoint.position == written
    assert checkpoint.arrays["weight0"].tolist() == [[3.0] * 3] * 2
    assert findings == ()
    assert {path.name for path in tmp_path.iterdir()} == set(GENERATIONS)


def test_an_empty_folder_has_no_checkpoint(tmp_path):
    assert read_checkpoint(tmp_path, "k") == (None, ())


def test_a_checkpoint_of_other_data_or_settings_is_not_read(tmp_path):
    write_epochs(tmp_path, 3)
    assert read_checkpoint(tmp_path, "other") == (None, ())


def test_a_training_reads_its_own_checkpoint_beside_that_of_another(tmp_path):
    write_epochs(tmp_path, 4, "old")
    write_epochs(tmp_path, 1, "new")
    checkpoint, _ = read_checkpoint(tmp_path, "new")
    assert checkpoint.position.epoch == 1


@pytest.mark.parametrize("place", [0, 31, 32, 100, -1, *range(60, 900, 97)])
def test_a_flipped_byte_falls_back_to_the_older_generation(tmp_path, place):
    write_epochs(tmp_path, 3)
    path = newest_file(tmp_path)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    checkpoint, (finding,) = read_checkpoint(tmp_path, "k")
    assert checkpoint.position.epoch == 2
    assert finding.code == "checkpoint-damaged"
    assert (finding.damaged, finding.found, finding.resumed_epoch) == (1, 2, 3)


@pytest.mark.parametrize("size", [0, 5, 32, 33, 400])
def test_a_truncated_file_falls_back_to_the_older_generation(tmp_path, size):
    write_epochs(tmp_path, 3)
    path = newest_file(tmp_path)
    path.write_bytes(path.read_bytes()[:size])
    checkpoint, (finding,) = read_checkpoint(tmp_path, "k")
    assert checkpoint.position.epoch == 2
    assert finding.count is None


def test_training_starts_from_scratch_if_both_are_damaged(tmp_path):
    write_epochs(tmp_path, 3)
    for name in GENERATIONS:
        (tmp_path / name).write_bytes(b"x" * 50)
    checkpoint, (finding,) = read_checkpoint(tmp_path, "k")
    assert checkpoint is None
    assert (finding.damaged, finding.resumed_epoch) == (2, None)


def test_a_full_disk_is_an_error_with_size_and_reason(tmp_path, monkeypatch):
    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.forecast.network.checkpoint.write_atomically", full)
    with pytest.raises(CheckpointNotWritten) as caught:
        write_epochs(tmp_path, 1)
    assert caught.value.size > 0
    assert (caught.value.folder, caught.value.reason) == (str(tmp_path), "No space left on device")
