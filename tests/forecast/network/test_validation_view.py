"""What a network shows of validation rows while it trains: of no other era, seldom, and without harm to the training."""

import numpy as np
import pytest

from core.data.eras import Era
from core.forecast.network import validation_view
from core.forecast.network.ensemble import seed_folder
from core.forecast.network.network import Network, NetworkShape, predict_scaled
from core.forecast.network.validation_view import (
    FEWEST_ROWS,
    MOST_ROWS,
    MOST_SERIES,
    ValidationRows,
    ValidationView,
    choose_rows,
    read_outputs,
    write_rows,
)
from tests.forecast.conftest import World

SHAPE = NetworkShape(cell="lstm", window=4, features=1, units=(2,), dropout=0.0)


def weights(seed):
    chance = np.random.default_rng(seed)
    return {name: chance.normal(0, 0.3, size).astype(np.float32) for name, size in SHAPE.weights().items()}


def ask(folder, w: World, positions):
    nothing = (0.0,) * len(positions)
    stamps = ("2020-01-01",) * len(positions)
    rows = ValidationRows(
        positions=tuple(positions.tolist()),
        origins=stamps,
        times=stamps,
        series=None,
        base=nothing,
        actual=nothing,
        persistence=nothing,
        mean=None,
        scaling=w.scaling(),
        task=w.task,
    )
    write_rows(folder, rows)


@pytest.fixture
def made(world, random_walk):
    return world(random_walk(400, 3))


def test_only_rows_of_the_validation_era_are_chosen(world, random_walk):
    w = world(random_walk(8000, 1))
    windows = w.windows(4)
    chosen = choose_rows(windows, None, SHAPE)
    assert len(chosen) == MOST_ROWS
    assert set(windows.samples.eras[chosen]) == {Era.VALIDATION}
    assert chosen[-1] == windows.samples.of(Era.VALIDATION)[-1]


def test_series_share_the_rows(world, random_walk):
    blocks = np.repeat(np.arange(8), 900)
    w = world(np.concatenate([random_walk(900, seed) for seed in range(8)]), blocks=blocks)
    windows = w.windows(4)
    names = w.features.series[windows.samples.rows]
    chosen = choose_rows(windows, names, SHAPE)
    found, counts = np.unique(names[chosen], return_counts=True)
    assert found.tolist() == [f"s{number}" for number in range(MOST_SERIES)]
    assert set(counts) == {MOST_ROWS // MOST_SERIES}
    assert set(windows.samples.eras[chosen]) == {Era.VALIDATION}


def test_a_large_network_shows_fewer_rows(world, random_walk):
    windows = world(random_walk(8000, 1)).windows(4)
    large = NetworkShape(cell="lstm", window=400, features=100, units=(512, 512), dropout=0.0)
    assert len(choose_rows(windows, None, large)) == FEWEST_ROWS


def test_outputs_are_those_of_the_network(made, tmp_path):
    windows = made.windows(4)
    positions = windows.samples.of(Era.VALIDATION)[:7]
    ask(tmp_path, made, positions)
    seed_folder(tmp_path, 1).mkdir()
    ValidationView(SHAPE, windows, seed_folder(tmp_path, 1)).show(3, lambda: weights(1))
    found = read_outputs(tmp_path, 3)
    assert found.keys() == {1}
    assert (found[1].epoch, found[1].kept) == (3, False)
    expected = predict_scaled(Network(SHAPE, (weights(1),)), windows, positions)
    assert np.array_equal(found[1].values, expected)


def test_recent_outputs_are_not_written_again_but_the_kept_ones_are(made, tmp_path, monkeypatch):
    windows, now = made.windows(4), [100.0]
    monkeypatch.setattr(validation_view.time, "monotonic", lambda: now[0])
    ask(tmp_path, made, windows.samples.of(Era.VALIDATION))
    folder = seed_folder(tmp_path, 0)
    folder.mkdir()
    view = ValidationView(SHAPE, windows, folder)

    def shown(epoch, seconds, takes=0.0, kept=False):
        def slow():
            now[0] += takes
            return weights(epoch)

        now[0] += seconds
        view.show(epoch, slow, kept=kept)
        return read_outputs(tmp_path, 1)[0].epoch

    assert shown(1, 0.0) == 1
    assert shown(2, 0.9) == 1
    # What takes 0.1 s is done every 5 s.
    assert shown(3, 0.2, takes=0.1) == 3
    assert shown(4, 4.0) == 3
    assert shown(5, 1.1) == 5
    assert shown(2, 0.0, kept=True) == 2
    assert read_outputs(tmp_path, 1)[0].kept


def test_a_network_shows_nothing_unasked(made, tmp_path):
    folder = seed_folder(tmp_path, 0)
    folder.mkdir()
    ValidationView(SHAPE, made.windows(4), folder).show(1, lambda: pytest.fail("weights were read"), kept=True)
    assert list(folder.iterdir()) == []


def test_a_full_disk_does_not_end_the_training(made, tmp_path):
    windows = made.windows(4)
    ask(tmp_path, made, windows.samples.of(Era.VALIDATION))
    # The folder of the network does not exist: nothing can be written there.
    ValidationView(SHAPE, windows, seed_folder(tmp_path, 0)).show(1, lambda: weights(1))
    assert read_outputs(tmp_path, 1) == {}


def test_a_damaged_file_is_no_output(made, tmp_path):
    windows = made.windows(4)
    ask(tmp_path, made, windows.samples.of(Era.VALIDATION))
    folder = seed_folder(tmp_path, 0)
    folder.mkdir()
    ValidationView(SHAPE, windows, folder).show(1, lambda: weights(1))
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[:50])
    assert read_outputs(tmp_path, 1) == {}
