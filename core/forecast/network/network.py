"""The trained network as plain numbers, and its forward pass in numpy: every prediction of the product comes from here."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np

from core.errors.model import BundleError
from core.forecast.network.windows import Windows
from core.io.atomic import write_atomically
from core.progress import ShouldStop, never_stop, require_going

BATCH = 512
# Floats that one batch may gather or hold at a time: 64 MiB.
LARGEST_BATCH = 1 << 24
MOST_MEMBERS = 20
NPY_HEADER = 1024

Weights = dict[str, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class NetworkShape:
    """The shape of a network: the kind of cell, what goes in, and the cells of each layer."""

    cell: Literal["lstm", "gru"]
    window: int
    features: int
    units: tuple[int, ...]
    dropout: float

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each array of one network by name, in the order of Keras' `get_weights`.

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
    """Weights of one or more networks of one shape, whose mean is the prediction; each a dict of float32 arrays by name."""

    shape: NetworkShape
    members: tuple[Weights, ...]


def predict_scaled(
    network: Network, windows: Windows, which: np.ndarray, should_stop: ShouldStop = never_stop
) -> np.ndarray:
    """Return the scaled outcomes that the network predicts for the windows at the positions `which`: float64 (len(which),).

    The mean over the members. Batches are filled up to one fixed size, so that the rounding of a row's prediction does
    not depend on how many rows are asked for.
    """
    from threadpoolctl import threadpool_limits

    shape = network.shape
    widest = max(shape.features, 8 * max(shape.units))
    size = max(1, min(BATCH, LARGEST_BATCH // (shape.window * widest)))
    predicted = np.zeros(len(which))
    # The products are small: on a busy machine BLAS threads wait for each other many times longer than they work.
    with threadpool_limits(1, "blas"):
        for start in range(0, len(which), size):
            require_going(should_stop)
            chosen = which[start : start + size]
            inputs = windows.batch(np.resize(chosen, size))
            for weights in network.members:
                predicted[start : start + size] += _forward(shape, weights, inputs)[: len(chosen)]
    return predicted / len(network.members)


def _forward(shape: NetworkShape, weights: Weights, inputs: np.ndarray) -> np.ndarray:
    """Return the output of one network for float32 inputs (n, window, features): (n,)."""
    run = _run_lstm if shape.cell == "lstm" else _run_gru
    sequence = np.ascontiguousarray(inputs.swapaxes(0, 1))
    for layer in range(len(shape.units)):
        named = (weights[f"layer{layer}_{part}"] for part in ("kernel", "recurrent", "bias"))
        sequence = run(sequence, *named, whole=layer + 1 < len(shape.units))
    return (sequence @ weights["dense_kernel"] + weights["dense_bias"])[:, 0]


def _run_lstm(
    sequence: np.ndarray, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray, *, whole: bool
) -> np.ndarray:
    """Return the hidden states (window, n, units) if `whole`, else the last; gates in Keras' order: input, forget, cell, output."""
    units = len(recurrent)
    hidden = np.zeros((sequence.shape[1], units), dtype=np.float32)
    carried = np.zeros_like(hidden)
    states = np.empty((len(sequence), *hidden.shape), dtype=np.float32) if whole else None
    for step, row in enumerate(sequence):
        gates = row @ kernel + hidden @ recurrent + bias
        enter, forget = _sigmoid(gates[:, :units]), _sigmoid(gates[:, units : 2 * units])
        carried = forget * carried + enter * np.tanh(gates[:, 2 * units : 3 * units])
        hidden = _sigmoid(gates[:, 3 * units :]) * np.tanh(carried)
        if states is not None:
            states[step] = hidden
    return hidden if states is None else states


def _run_gru(
    sequence: np.ndarray, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray, *, whole: bool
) -> np.ndarray:
    """Return the hidden states as `_run_lstm` does; gates in Keras' order: update, reset, new (the reset after the product)."""
    units = len(recurrent)
    hidden = np.zeros((sequence.shape[1], units), dtype=np.float32)
    states = np.empty((len(sequence), *hidden.shape), dtype=np.float32) if whole else None
    for step, row in enumerate(sequence):
        fresh = row @ kernel + bias[0]
        held = hidden @ recurrent + bias[1]
        update, reset = np.split(_sigmoid(fresh[:, : 2 * units] + held[:, : 2 * units]), 2, axis=1)
        new = np.tanh(fresh[:, 2 * units :] + reset * held[:, 2 * units :])
        hidden = update * hidden + (1 - update) * new
        if states is not None:
            states[step] = hidden
    return hidden if states is None else states


def _sigmoid(values: np.ndarray) -> np.ndarray:
    # By tanh, which cannot overflow as exp does.
    return np.float32(0.5) * (np.float32(1) + np.tanh(np.float32(0.5) * values))


def pack_weights(network: Network) -> bytes:
    """Return the weights as the bytes of an .npz archive, its arrays named `member0_layer0_kernel` and so on."""
    arrays = {
        f"member{position}_{name}": np.ascontiguousarray(member[name], dtype=np.float32)
        for position, member in enumerate(network.members)
        for name in network.shape.weights()
    }
    archive = io.BytesIO()
    np.savez(archive, allow_pickle=False, **arrays)
    return archive.getvalue()


def write_weights(network: Network, path: Path) -> None:
    """Write the weights to an .npz file, whole or not at all."""
    write_atomically(path, pack_weights(network))


def read_weights(source: Path | BinaryIO, shape: NetworkShape) -> Network:
    """Return the network whose weights `write_weights` wrote; raises `BundleError` on anything else.

    Nothing in the archive is trusted: names, sizes, shapes and types must be exactly those of `shape`, each is checked
    before its numbers are read, and nothing is ever unpickled.
    """
    expected = shape.weights()
    try:
        with zipfile.ZipFile(source) as archive:
            found = archive.infolist()
            count, odd = divmod(len(found), len(expected))
            names = {f"member{m}_{name}.npy": size for m in range(count) for name, size in expected.items()}
            if odd or not 1 <= count <= MOST_MEMBERS or {info.filename for info in found} != names.keys():
                raise BundleError(
                    f"The weights hold {len(found)} arrays with names that are not those of a {shape.cell} network "
                    f"with {len(shape.units)} layers.",
                    "Export the bundle again.",
                )
            arrays = {name: _read_array(archive, name, size) for name, size in names.items()}
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise BundleError(f"The weights cannot be read: {error}.", "Export the bundle again.") from error
    members = tuple({name: arrays[f"member{m}_{name}.npy"] for name in expected} for m in range(count))
    return Network(shape, members)


def _read_array(archive: zipfile.ZipFile, name: str, size: tuple[int, ...]) -> np.ndarray:
    largest = 4 * int(np.prod(size)) + NPY_HEADER
    if archive.getinfo(name).file_size > largest:
        raise BundleError(f"The array {name} is larger than its network needs.", "Export the bundle again.")
    with archive.open(name) as member:
        content = io.BytesIO(member.read(largest))
    try:
        if np.lib.format.read_magic(content) != (1, 0):
            raise ValueError("another version of the .npy format")
        found, fortran, kind = np.lib.format.read_array_header_1_0(content)
    except ValueError as error:
        raise BundleError(f"The array {name} is damaged: {error}.", "Export the bundle again.") from error
    rest = content.read()
    if found != size or fortran or kind != np.dtype("<f4") or len(rest) != 4 * int(np.prod(size)):
        raise BundleError(
            f"The array {name} has shape {found} and type {kind}, not {size} and float32.", "Export the bundle again."
        )
    array = np.frombuffer(rest, dtype="<f4").reshape(size).copy()
    if not np.isfinite(array).all():
        raise BundleError(f"The array {name} holds numbers that are not finite.", "Train again.")
    return array
