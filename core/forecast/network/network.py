"""The trained network as arrays, and its forward pass in NumPy for all predictions."""

import io
import zipfile
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import BinaryIO, Literal

import numpy as np

from core.errors.training import (
    WeightsNotFinite,
    WeightsTooLarge,
    WeightsUnreadable,
    WrongWeightNames,
    WrongWeightShape,
)
from core.forecast.network.windows import Windows
from core.io.atomic import write_atomically
from core.progress import ShouldStop, never_stop, require_going
from core.runtime import one_blas_thread

BATCH = 512
# Floats of the windows of one batch: wide ones come in smaller batches.
LARGEST_BATCH = 1 << 24
MOST_MEMBERS = 20
NPY_HEADER = 1024

Weights = dict[str, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class NetworkShape:
    """The architecture of a network: `units` of each layer, `window` rows of input."""

    cell: Literal["lstm", "gru"]
    window: int
    features: int
    units: tuple[int, ...]
    dropout: float

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each weight array by name, in the order of Keras' `get_weights`.

        Examples
        --------
        >>> NetworkShape(cell="lstm", window=8, features=3, units=(2,), dropout=0.0).weights()["layer0_kernel"]
        (3, 8)
        """
        shapes: dict[str, tuple[int, ...]] = {}
        incoming = self.features
        for layer, units in enumerate(self.units):
            gates = (4 if self.cell == "lstm" else 3) * units
            shapes[f"layer{layer}_kernel"] = (incoming, gates)
            shapes[f"layer{layer}_recurrent"] = (units, gates)
            shapes[f"layer{layer}_bias"] = (gates,) if self.cell == "lstm" else (2, gates)
            incoming = units
        return shapes | {"dense_kernel": (incoming, 1), "dense_bias": (1,)}


@dataclass(frozen=True, eq=False)
class Network:
    """One or more networks of one shape, whose mean is the prediction.

    Each is a dictionary of float32 weights by name.
    """

    shape: NetworkShape
    members: tuple[Weights, ...]


def predict_scaled(
    network: Network, windows: Windows, positions: np.ndarray, should_stop: ShouldStop = never_stop
) -> np.ndarray:
    """Predict scaled outcomes, float64 (n,), as the mean over the networks.

    Batches are padded to a fixed size, so the rounding of a prediction depends on its place in a batch alone, by up to 1e-7 of
    its size. Raises `Stopped`.

    Parameters
    ----------
    network
        One or more networks.
    windows
        Scaled rows.
    positions
        int (n,), which windows to predict from.
    should_stop
        Polled before each batch.
    """
    shape = network.shape
    widest = max(shape.features, 8 * max(shape.units))
    size = max(1, min(BATCH, LARGEST_BATCH // (shape.window * widest)))
    predicted = np.zeros(len(positions))
    # The products are so small that BLAS threads would mostly wait for each other.
    with one_blas_thread():
        for start in range(0, len(positions), size):
            require_going(should_stop)
            chosen = positions[start : start + size]
            padded = np.resize(chosen, size)
            for weights in network.members:
                predicted[start : start + size] += _forward(shape, weights, windows.steps(padded))[: len(chosen)]
    return predicted / len(network.members)


def in_double(network: Network) -> Network:
    """Return the network with its weights in float64: `predict_scaled` then computes in double precision.

    Rounding no longer depends on the place of a window in its batch.
    """
    return Network(
        network.shape,
        tuple({name: weights.astype(np.float64) for name, weights in member.items()} for member in network.members),
    )


def _forward(shape: NetworkShape, weights: Weights, steps: Iterable[np.ndarray]) -> np.ndarray:
    """Return the output float32 (n,) of one network for inputs float32 (n, features) step by step.

    The layers advance together, so no more than one step of each is held.
    """
    run = _run_lstm if shape.cell == "lstm" else _run_gru
    for layer in range(len(shape.units)):
        steps = run(steps, *(weights[f"layer{layer}_{part}"] for part in ("kernel", "recurrent", "bias")))
    (last,) = deque(steps, maxlen=1)
    return (last @ weights["dense_kernel"] + weights["dense_bias"])[:, 0]


def _run_lstm(
    steps: Iterable[np.ndarray], kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray
) -> Iterator[np.ndarray]:
    """Yield the hidden state (n, units) after each step.

    Gates are in Keras' order: input, forget, cell, output.
    """
    hidden = cell = np.zeros((1, len(recurrent)), dtype=kernel.dtype)
    for row in steps:
        hidden, cell = _step_lstm(row @ kernel + hidden @ recurrent + bias, cell)
        yield hidden


def _step_lstm(gates: np.ndarray, cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    units = cell.shape[1]
    write, forget = _sigmoid(gates[:, :units]), _sigmoid(gates[:, units : 2 * units])
    cell = forget * cell + write * np.tanh(gates[:, 2 * units : 3 * units])
    return _sigmoid(gates[:, 3 * units :]) * np.tanh(cell), cell


def _run_gru(
    steps: Iterable[np.ndarray], kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray
) -> Iterator[np.ndarray]:
    """Yield the hidden states as `_run_lstm` does.

    Gates are in Keras' order: update, reset, candidate. The reset gate applies after the matrix product.
    """
    hidden = np.zeros((1, len(recurrent)), dtype=kernel.dtype)
    for row in steps:
        hidden = _step_gru(row @ kernel + bias[0], hidden @ recurrent + bias[1], hidden)
        yield hidden


def _step_gru(incoming: np.ndarray, recurred: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    units = hidden.shape[1]
    update, reset = np.split(_sigmoid(incoming[:, : 2 * units] + recurred[:, : 2 * units]), 2, axis=1)
    candidate = np.tanh(incoming[:, 2 * units :] + reset * recurred[:, 2 * units :])
    return update * hidden + (1 - update) * candidate


def _sigmoid(values: np.ndarray) -> np.ndarray:
    # tanh cannot overflow as exp does.
    return np.float32(0.5) * (np.float32(1) + np.tanh(np.float32(0.5) * values))


def pack_weights(network: Network) -> bytes:
    """Return the weights as an .npz archive with arrays `member0_layer0_kernel` and so on."""
    arrays = {
        f"member{position}_{name}": np.ascontiguousarray(member[name], dtype=np.float32)
        for position, member in enumerate(network.members)
        for name in network.shape.weights()
    }
    archive = io.BytesIO()
    np.savez(archive, allow_pickle=False, **arrays)
    return archive.getvalue()


def write_weights(network: Network, path: Path) -> None:
    """Write the weights to an .npz file, atomically."""
    write_atomically(path, pack_weights(network))


def read_weights(source: Path | BinaryIO, shape: NetworkShape) -> Network:
    """Read a network that `write_weights` wrote; raises `BundleError` for any other content.

    The archive is not trusted: names, sizes, shapes and types must be exactly those of `shape`. Each is checked before the
    numbers are read, and nothing is unpickled.
    """
    expected = shape.weights()
    try:
        with zipfile.ZipFile(source) as archive:
            found = archive.infolist()
            count, odd = divmod(len(found), len(expected))
            names = {f"member{m}_{name}.npy": size for m in range(count) for name, size in expected.items()}
            if odd or not 1 <= count <= MOST_MEMBERS or {info.filename for info in found} != names.keys():
                raise WrongWeightNames(found=len(found), cell=shape.cell, layers=len(shape.units))
            arrays = {name: _read_array(archive, name, size) for name, size in names.items()}
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise WeightsUnreadable(reason=str(error)) from error
    members = tuple({name: arrays[f"member{m}_{name}.npy"] for name in expected} for m in range(count))
    return Network(shape, members)


def _read_array(archive: zipfile.ZipFile, name: str, shape: tuple[int, ...]) -> np.ndarray:
    largest = 4 * int(np.prod(shape)) + NPY_HEADER
    if archive.getinfo(name).file_size > largest:
        raise WeightsTooLarge(array=name)
    with archive.open(name) as member:
        content = io.BytesIO(member.read(largest))
    try:
        if np.lib.format.read_magic(content) != (1, 0):
            raise ValueError("the version of the .npy format is not 1.0")
        found, fortran, dtype = np.lib.format.read_array_header_1_0(content)
    except (ValueError, SyntaxError, TokenError, RecursionError, MemoryError) as error:
        raise WeightsUnreadable(array=name, reason=str(error)) from error
    rest = content.read()
    if found != shape or fortran or dtype != np.dtype("<f4") or len(rest) != 4 * int(np.prod(shape)):
        raise WrongWeightShape(array=name, shape=found, dtype=str(dtype), needed=shape)
    array = np.frombuffer(rest, dtype="<f4").reshape(shape).copy()
    if not np.isfinite(array).all():
        raise WeightsNotFinite(array=name)
    return array
