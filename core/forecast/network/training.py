"""Train the network with TensorFlow: the only module that imports it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from warnings import catch_warnings, filterwarnings

import numpy as np

from core.data.eras import Era
from core.forecast.network.checkpoint import EpochLoss
from core.forecast.network.epochs import TrainedModel, Training
from core.forecast.network.network import Network, NetworkShape, Weights
from core.forecast.network.windows import Windows, require_windows
from core.progress import Progress, ShouldStop, Silence, never_stop
from core.recipe.model import TrainingSettings

if TYPE_CHECKING:
    import keras

__all__ = ["EpochLoss", "TrainedModel", "train_lstm", "write_keras"]

LONGEST_UNROLLED = 64
# Unrolling costs seconds of building and makes each window quicker by a third: below this many windows it never pays.
WINDOWS_WORTH_UNROLLING = 200_000


def train_lstm(
    windows: Windows,
    settings: TrainingSettings,
    folder: Path,
    progress: Progress = Silence(),
    should_stop: ShouldStop = never_stop,
) -> TrainedModel:
    """Return the network trained on the train windows, each member at the epoch of its best val_loss.

    A training that was stopped or killed goes on from the checkpoint in `folder` when data and settings are the same, and
    on one processor ends with the very weights of an unbroken run; the losses of earlier epochs are then sent again under
    their old step. A stop is obeyed within a batch and a quarter of a second, and keeps the best weights so far. Raises
    `DataError` where there are too few windows, and where the loss is not a number before any epoch has ended.
    """
    require_windows(windows)
    shape = NetworkShape(
        cell=settings.cell,
        window=windows.window,
        features=windows.inputs.shape[1],
        units=settings.units,
        dropout=settings.dropout,
    )
    learner = _Learner(shape, settings, settings.epochs * len(windows.samples.of(Era.TRAIN)))
    return Training(shape, learner, windows, settings, folder, progress, should_stop).run()


def write_keras(network: Network, path: Path) -> None:
    """Write the network as a .keras file for the user's own tools: scaled windows in, scaled outcome out, members averaged."""
    _, keras = _load_tensorflow()
    shape = network.shape
    models = []
    for position, weights in enumerate(network.members):
        model = _build(shape, name=f"network{position + 1}")
        model.set_weights([weights[name] for name in shape.weights()])
        models.append(model)
    if len(models) > 1:
        inputs = keras.Input((shape.window, shape.features), name="window")
        mean = keras.layers.Average(name="mean")([model(inputs) for model in models])
        models = [keras.Model(inputs, mean, name="ensemble")]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.stem}.draft.keras")
    with catch_warnings():
        # Keras 3.15 writes its variables without the copy keyword of numpy 2.
        filterwarnings("ignore", "__array__ implementation doesn't accept a copy keyword", DeprecationWarning)
        models[0].save(draft)
    draft.replace(path)


class _Learner:
    """The network in TensorFlow, with its optimizer: one compiled graph that serves every member and batch size."""

    def __init__(self, shape: NetworkShape, settings: TrainingSettings, windows_to_see: int) -> None:
        tensorflow, keras = _load_tensorflow()
        self.shape = shape
        unroll = (
            shape.window <= LONGEST_UNROLLED
            and windows_to_see >= WINDOWS_WORTH_UNROLLING
            and not tensorflow.config.list_physical_devices("GPU")
        )
        self.model = model = _build(shape, unroll=unroll)
        self.optimizer = optimizer = keras.optimizers.Adam(settings.learning_rate, clipnorm=settings.gradient_clip)
        optimizer.build(model.trainable_variables)
        self.at_rest = [variable.numpy() for variable in optimizer.variables]
        self.total = total = tensorflow.Variable(0.0, dtype=tensorflow.float64, trainable=False)
        losses_of = {
            "mse": keras.losses.mean_squared_error,
            "mae": keras.losses.mean_absolute_error,
            "huber": keras.losses.huber,
        }[settings.loss]
        signature = [
            tensorflow.TensorSpec([None, shape.window, shape.features], tensorflow.float32),
            tensorflow.TensorSpec([None], tensorflow.float32),
        ]

        def losses(inputs: object, outcomes: object, training: bool) -> object:
            return losses_of(outcomes[:, None], model(inputs, training=training))

        @tensorflow.function(input_signature=signature, jit_compile=False)
        def learn(inputs: object, outcomes: object) -> None:
            with tensorflow.GradientTape() as tape:
                found = losses(inputs, outcomes, training=True)
                mean = tensorflow.reduce_mean(found)
            weights = model.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(mean, weights), weights, strict=True))
            total.assign_add(tensorflow.cast(tensorflow.reduce_sum(found), tensorflow.float64))

        @tensorflow.function(input_signature=signature, jit_compile=False)
        def judge(inputs: object, outcomes: object) -> object:
            return tensorflow.reduce_sum(losses(inputs, outcomes, training=False))

        self.learn, self._judge = learn, judge

    def judge(self, inputs: np.ndarray, outcomes: np.ndarray) -> float:
        """Return the sum of the losses of these windows."""
        return float(self._judge(inputs, outcomes))

    def read_loss(self) -> float:
        """Return the sum of the losses learned from since `clear_loss`."""
        return float(self.total.numpy())

    def clear_loss(self) -> None:
        self.total.assign(0.0)

    def restart(self, seed: int) -> None:
        """Begin again from the first weights of a seed."""
        self.model.set_weights(_build(self.shape, seed=seed).get_weights())
        for variable, value in zip(self.optimizer.variables, self.at_rest, strict=True):
            variable.assign(value)
        for layer, variable in enumerate(self._chances()):
            variable.assign(np.random.SeedSequence([seed, layer]).generate_state(2).astype(variable.dtype))
        self.clear_loss()

    def weights(self) -> Weights:
        """Return a copy of the weights by name."""
        return dict(zip(self.shape.weights(), self.model.get_weights(), strict=True))

    def state(self) -> dict[str, np.ndarray]:
        """Return all that the next batch depends on."""
        return {name: np.asarray(variable.numpy()) for name, variable in self._variables().items()}

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Take up a state again."""
        for name, variable in self._variables().items():
            variable.assign(arrays[name])

    def _variables(self) -> "dict[str, keras.Variable]":
        groups = {"weight": self.model.weights, "optimizer": self.optimizer.variables, "chance": self._chances()}
        named = {f"{group}{place}": kept for group, many in groups.items() for place, kept in enumerate(many)}
        return named | {"total": self.total}

    def _chances(self) -> "list[keras.Variable]":
        """Return the states of chance of the dropout layers."""
        return [layer.seed_generator.state for layer in self.model.layers if layer.name.startswith("dropout")]


@cache
def _load_tensorflow() -> tuple[ModuleType, ModuleType]:
    """Return TensorFlow and Keras, quiet, repeatable, and without taking a whole GPU at once."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with _stderr_closed():
        import keras
        import tensorflow

        gpus = tensorflow.config.list_physical_devices("GPU")
    with suppress(RuntimeError):  # raised where the caller has used the GPU before
        for gpu in gpus:
            tensorflow.config.experimental.set_memory_growth(gpu, True)
    tensorflow.config.experimental.enable_op_determinism()
    # A GPU would round products to 10 bits: its losses would not be those of the numpy forward pass that predicts.
    tensorflow.config.experimental.enable_tensor_float_32_execution(False)
    return tensorflow, keras


@contextmanager
def _stderr_closed() -> Iterator[None]:
    """Keep out what TensorFlow's C++ writes at its import, before its own log level counts."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _build(shape: NetworkShape, seed: int = 0, unroll: bool = False, name: str | None = None) -> "keras.Model":
    """Return the network in Keras with the first weights of a seed; its last layer begins at 0, so that it answers persistence.

    Activations are Keras' defaults: a GPU can then use cuDNN.
    """
    _, keras = _load_tensorflow()
    kind = keras.layers.LSTM if shape.cell == "lstm" else keras.layers.GRU
    seeds = np.random.SeedSequence(seed).generate_state(2 * len(shape.units)).tolist()
    inputs = sequence = keras.Input((shape.window, shape.features), name="window")
    for layer, units in enumerate(shape.units):
        sequence = kind(
            units,
            return_sequences=layer + 1 < len(shape.units),
            unroll=unroll,
            kernel_initializer=keras.initializers.GlorotUniform(seeds[2 * layer]),
            recurrent_initializer=keras.initializers.Orthogonal(seed=seeds[2 * layer + 1]),
            name=f"{shape.cell}{layer}",
        )(sequence)
        if shape.dropout:
            sequence = keras.layers.Dropout(shape.dropout, seed=layer, name=f"dropout{layer}")(sequence)
    outputs = keras.layers.Dense(1, kernel_initializer="zeros", name="dense")(sequence)
    return keras.Model(inputs, outputs, name=name)
