"""The forward pass against an own small reckoning, and weights that come back or are refused."""

import io
import zipfile

import numpy as np
import pytest

from core.errors.model import BundleError, Stopped
from core.forecast.network import network as network_module
from core.forecast.network.network import (
    Network,
    NetworkShape,
    pack_weights,
    predict_scaled,
    read_weights,
    write_weights,
)
from core.forecast.network.windows import Windows


def random_network(shape, seed=0, members=1):
    chance = np.random.default_rng(seed)
    return Network(
        shape,
        tuple(
            {name: chance.normal(0, 0.5, size).astype(np.float32) for name, size in shape.weights().items()}
            for _ in range(members)
        ),
    )


def random_windows(count, window, features, seed=1):
    inputs = np.random.default_rng(seed).normal(size=(count + window - 1, features)).astype(np.float32)
    return Windows(
        inputs=inputs,
        ends=np.arange(window - 1, count + window - 1),
        window=window,
        outcomes=np.zeros(0),
        unmoved=np.zeros(0),
        samples=None,
    )


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_one_lstm_cell_by_hand():
    shape = NetworkShape(cell="lstm", window=2, features=1, units=(1,), dropout=0.0)
    weights = {
        "layer0_kernel": [[0.5, -0.2, 0.8, 0.3]],
        "layer0_recurrent": [[0.1, 0.4, -0.6, 0.7]],
        "layer0_bias": [0.05, 1.0, -0.1, 0.2],
        "dense_kernel": [[2.0]],
        "dense_bias": [0.25],
    }
    network = Network(shape, ({name: np.array(value, dtype=np.float32) for name, value in weights.items()},))
    windows = Windows(
        inputs=np.array([[1.5], [-0.7]], np.float32),
        ends=np.array([1]),
        window=2,
        outcomes=np.zeros(0),
        unmoved=np.zeros(0),
        samples=None,
    )
    hidden = carried = 0.0
    for x in (1.5, -0.7):
        enter = sigmoid(0.5 * x + 0.1 * hidden + 0.05)
        forget = sigmoid(-0.2 * x + 0.4 * hidden + 1.0)
        fresh = np.tanh(0.8 * x - 0.6 * hidden - 0.1)
        leave = sigmoid(0.3 * x + 0.7 * hidden + 0.2)
        carried = forget * carried + enter * fresh
        hidden = leave * np.tanh(carried)
    assert predict_scaled(network, windows, np.array([0]))[0] == pytest.approx(2 * hidden + 0.25, abs=1e-6)


def test_extreme_inputs_neither_overflow_nor_warn():
    network = random_network(NetworkShape(cell="gru", window=3, features=2, units=(4,), dropout=0.0))
    windows = random_windows(5, 3, 2)
    windows.inputs[:] = 1e30
    assert np.isfinite(predict_scaled(network, windows, np.arange(5))).all()


def test_a_prediction_does_not_depend_on_the_rows_asked_for_beside_it(monkeypatch):
    monkeypatch.setattr(network_module, "BATCH", 8)
    network, windows = (
        random_network(NetworkShape(cell="lstm", window=4, features=3, units=(5, 2), dropout=0.0)),
        random_windows(21, 4, 3),
    )
    whole = predict_scaled(network, windows, np.arange(21))
    assert np.array_equal(predict_scaled(network, windows, np.arange(17)), whole[:17])
    assert predict_scaled(network, windows, np.array([20, 3])) == pytest.approx(whole[[20, 3]], abs=1e-6)


def test_a_prediction_does_not_see_later_rows():
    network, windows = (
        random_network(NetworkShape(cell="lstm", window=4, features=3, units=(5,), dropout=0.0)),
        random_windows(21, 4, 3),
    )
    before = predict_scaled(network, windows, np.arange(21))
    windows.inputs[13:] += 5
    after = predict_scaled(network, windows, np.arange(21))
    assert np.array_equal(after[:10], before[:10])
    assert (after[10:] != before[10:]).all()


def test_members_are_averaged():
    shape, windows = NetworkShape(cell="gru", window=4, features=3, units=(5,), dropout=0.0), random_windows(6, 4, 3)
    both = random_network(shape, members=2)
    single = [predict_scaled(Network(shape, (member,)), windows, np.arange(6)) for member in both.members]
    assert predict_scaled(both, windows, np.arange(6)) == pytest.approx(np.mean(single, axis=0))


def test_a_stop_ends_a_long_prediction():
    network, windows = (
        random_network(NetworkShape(cell="lstm", window=4, features=3, units=(5,), dropout=0.0)),
        random_windows(6, 4, 3),
    )
    with pytest.raises(Stopped):
        predict_scaled(network, windows, np.arange(6), lambda: True)


SHAPE = NetworkShape(cell="lstm", window=4, features=3, units=(5, 2), dropout=0.1)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_weights_come_back_bit_by_bit(tmp_path, cell):
    shape = NetworkShape(cell=cell, window=4, features=3, units=(5, 2), dropout=0.1)
    network = random_network(shape, members=3)
    write_weights(network, tmp_path / "weights.npz")
    back = read_weights(tmp_path / "weights.npz", shape)
    assert back.shape == shape
    assert len(back.members) == 3
    for one, other in zip(network.members, back.members, strict=True):
        assert all(np.array_equal(one[name], other[name]) for name in shape.weights())
    assert pack_weights(back) == pack_weights(network)


def saved(**arrays):
    content = io.BytesIO()
    np.savez(content, **arrays)
    content.seek(0)
    return content


def good_arrays():
    return {f"member0_{name}": np.zeros(size, np.float32) for name, size in SHAPE.weights().items()}


def test_the_planted_good_archive_is_read():
    assert len(read_weights(saved(**good_arrays()), SHAPE).members) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"member0_dense_bias": np.zeros(2, np.float32)}, "has shape"),
        ({"member0_dense_bias": np.zeros(1, np.float64)}, "float32"),
        ({"member0_dense_bias": np.array([np.nan], np.float32)}, "not finite"),
        ({"member0_dense_bias": np.zeros(5000, np.float32)}, "larger than"),
        ({"member0_dense_bias": np.array([{}], dtype=object)}, "dense_bias"),
        ({"other": np.zeros(1, np.float32)}, "names"),
        ({"member0_dense_bias": None, "member1_dense_bias": np.zeros(1, np.float32)}, "names"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change, message):
    arrays = {name: array for name, array in (good_arrays() | change).items() if array is not None}
    with pytest.raises(BundleError, match=message):
        read_weights(saved(**arrays), SHAPE)


def test_weights_of_another_shape_are_refused():
    with pytest.raises(BundleError):
        read_weights(saved(**good_arrays()), NetworkShape(cell="gru", window=4, features=3, units=(5, 2), dropout=0.1))


def test_a_shape_that_lies_about_its_size_takes_no_memory():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, size in SHAPE.weights().items():
            header = io.BytesIO()
            told = {"descr": "<f4", "fortran_order": False, "shape": (10**12,) if name == "dense_bias" else size}
            np.lib.format.write_array_header_1_0(header, told)
            archive.writestr(f"member0_{name}.npy", header.getvalue() + b"\0" * 4 * int(np.prod(size)))
    with pytest.raises(BundleError, match="dense_bias"):
        read_weights(content, SHAPE)


def test_no_change_of_any_byte_raises_anything_but_a_bundle_error():
    whole = pack_weights(random_network(SHAPE))
    chance = np.random.default_rng(0)
    refused = 0
    for place in chance.integers(0, len(whole), 150):
        damaged = bytearray(whole)
        damaged[place] ^= int(chance.integers(1, 256))
        try:
            read_weights(io.BytesIO(bytes(damaged)), SHAPE)
        except BundleError:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize("content", [b"", b"no archive", pack_weights(random_network(SHAPE))[:-40]])
def test_what_is_no_archive_is_refused(content):
    with pytest.raises(BundleError):
        read_weights(io.BytesIO(content), SHAPE)
