"""The forward pass against a computation by hand, and weights that are read back or rejected."""

import io
import zipfile

import numpy as np
import pytest

from core.errors.model import BundleError, Stopped
from core.errors.training import (
    WeightsNotFinite,
    WeightsTooLarge,
    WeightsUnreadable,
    WrongWeightNames,
    WrongWeightShape,
)
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
    random = np.random.default_rng(seed)
    return Network(
        shape,
        tuple(
            {name: random.normal(0, 0.5, size).astype(np.float32) for name, size in shape.weights().items()}
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
        persistence=np.zeros(0),
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
        persistence=np.zeros(0),
        samples=None,
    )
    hidden = cell = 0.0
    for x in (1.5, -0.7):
        write = sigmoid(0.5 * x + 0.1 * hidden + 0.05)
        forget = sigmoid(-0.2 * x + 0.4 * hidden + 1.0)
        candidate = np.tanh(0.8 * x - 0.6 * hidden - 0.1)
        output = sigmoid(0.3 * x + 0.7 * hidden + 0.2)
        cell = forget * cell + write * candidate
        hidden = output * np.tanh(cell)
    assert predict_scaled(network, windows, np.array([0]))[0] == pytest.approx(2 * hidden + 0.25, abs=1e-6)


def test_extreme_inputs_neither_overflow_nor_warn():
    network = random_network(NetworkShape(cell="gru", window=3, features=2, units=(4,), dropout=0.0))
    windows = random_windows(5, 3, 2)
    windows.inputs[:] = 1e30
    assert np.isfinite(predict_scaled(network, windows, np.arange(5))).all()


def test_a_prediction_does_not_depend_on_the_other_rows_of_its_batch(monkeypatch):
    monkeypatch.setattr(network_module, "BATCH", 8)
    network, windows = (
        random_network(NetworkShape(cell="lstm", window=4, features=3, units=(5, 2), dropout=0.0)),
        random_windows(21, 4, 3),
    )
    whole = predict_scaled(network, windows, np.arange(21))
    assert np.array_equal(predict_scaled(network, windows, np.arange(17)), whole[:17])
    assert predict_scaled(network, windows, np.array([20, 3])) == pytest.approx(whole[[20, 3]], abs=1e-6)


def test_a_prediction_does_not_depend_on_later_rows():
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
def test_weights_are_read_back_exactly(tmp_path, cell):
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


def test_a_valid_archive_is_read():
    assert len(read_weights(saved(**good_arrays()), SHAPE).members) == 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"member0_dense_bias": np.zeros(2, np.float32)}, WrongWeightShape),
        ({"member0_dense_bias": np.zeros(1, np.float64)}, WrongWeightShape),
        ({"member0_dense_bias": np.array([np.nan], np.float32)}, WeightsNotFinite),
        ({"member0_dense_bias": np.zeros(5000, np.float32)}, WeightsTooLarge),
        ({"member0_dense_bias": np.array([{}], dtype=object)}, WrongWeightShape),
        ({"other": np.zeros(1, np.float32)}, WrongWeightNames),
        ({"member0_dense_bias": None, "member1_dense_bias": np.zeros(1, np.float32)}, WrongWeightNames),
    ],
)
def test_arrays_that_do_not_match_the_network_are_rejected(change, error):
    arrays = {name: array for name, array in (good_arrays() | change).items() if array is not None}
    with pytest.raises(error):
        read_weights(saved(**arrays), SHAPE)


def test_weights_of_another_architecture_are_rejected():
    with pytest.raises(BundleError):
        read_weights(saved(**good_arrays()), NetworkShape(cell="gru", window=4, features=3, units=(5, 2), dropout=0.1))


def test_a_header_with_a_false_size_allocates_no_memory():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, size in SHAPE.weights().items():
            header = io.BytesIO()
            header_fields = {
                "descr": "<f4",
                "fortran_order": False,
                "shape": (10**12,) if name == "dense_bias" else size,
            }
            np.lib.format.write_array_header_1_0(header, header_fields)
            archive.writestr(f"member0_{name}.npy", header.getvalue() + b"\0" * 4 * int(np.prod(size)))
    with pytest.raises(WrongWeightShape) as caught:
        read_weights(content, SHAPE)
    assert "dense_bias" in caught.value.array


def test_a_changed_byte_raises_only_bundle_errors():
    whole = pack_weights(random_network(SHAPE))
    random = np.random.default_rng(0)
    rejected = 0
    for place in random.integers(0, len(whole), 150):
        damaged = bytearray(whole)
        damaged[place] ^= int(random.integers(1, 256))
        try:
            read_weights(io.BytesIO(bytes(damaged)), SHAPE)
        except BundleError:
            rejected += 1
    assert rejected > 100


@pytest.mark.parametrize("content", [b"", b"no archive", pack_weights(random_network(SHAPE))[:-40]])
def test_content_that_is_no_archive_is_rejected(content):
    with pytest.raises(WeightsUnreadable):
        read_weights(io.BytesIO(content), SHAPE)
