"""60 damages of checkpoints: training resumes from a whole one, or from the start, and says so."""

import random
from pathlib import Path

import numpy as np

from core.forecast.network.checkpoint import GENERATIONS, Checkpoint, Position, read_checkpoint, write_checkpoint


def damaged(content: bytes, chance: random.Random) -> bytes:
    """A file as a failing disk leaves it."""
    place = chance.randrange(len(content))
    return chance.choice(
        [
            content[:place],
            content[:place] + bytes([content[place] ^ (1 << chance.randrange(8))]) + content[place + 1 :],
            content[:place] + bytes(min(512, len(content) - place)) + content[place + 512 :],
            content + b"\0",
            content[place:] + content[:place],
            b"",
            bytes(len(content)),
        ]
    )


def test_every_damage_falls_back_to_a_whole_checkpoint(tmp_path: Path) -> None:
    chance, resumed = random.Random(60), []
    for number in range(60):
        folder = tmp_path / str(number)
        position = Position(key="k")
        for epoch in range(1, 4):
            arrays = {"w": np.full(200, float(epoch)), "best": np.arange(50.0)}
            position = write_checkpoint(
                folder, Checkpoint(Position(key="k", epoch=epoch, generation=epoch - 1), arrays)
            )
        files = [folder / GENERATIONS[position.generation % 2], folder / GENERATIONS[(position.generation + 1) % 2]]
        hit = chance.choice([files[:1], files[1:], files])
        changed = []
        for file in hit:
            whole = file.read_bytes()
            file.write_bytes(damaged(whole, chance))
            changed.append(file.read_bytes() != whole)
        found, findings = read_checkpoint(folder, "k")
        whole_epochs = [
            epoch for epoch, file in ((3, files[0]), (2, files[1])) if not (file in hit and changed[hit.index(file)])
        ]
        assert (found.position.epoch if found else None) == (max(whole_epochs) if whole_epochs else None)
        assert bool(findings) is any(changed)
        if found is not None:
            assert (found.arrays["w"] == found.position.epoch).all()
        resumed.append(found is not None)
    assert {True, False} == set(resumed)
