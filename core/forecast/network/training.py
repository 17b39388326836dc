"""Training of the network with TensorFlow; no other module imports it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal
from warnings import catch_warnings, filterwarnings

import numpy as np

from core.data.eras import Era
from core.errors.model import Stopped
from core.forecast.network.ensemble import MemberProgress, combine, seed_folder, seed_settings
from core.forecast.network.fixed_training import FixedTraining
from core.forecast.network.network import Network, NetworkShape, Weights
from core.forecast.network.training_loop import TrainingLoop
from core.forecast.network.training_summary import Ending, TrainedModel
from core.forecast.network.windows import Windows, require_windows
from core.io.atomic import replacing
from core.progress import NoProgress, Progress, ShouldStop, never_stop
from core.recipe.model import TrainingSettings

if TYPE_CHECKING:
    import keras

# The rounding of large products depends on how many threads share them: with one number for all machines, so do no weights.
THREADS = 2
# How the steps of a window are computed: by one operation a layer, or by Keras in a loop that its graph unrolls or not.
Loop = Literal["fused", "unrolled", "rolled"]
LONGEST_UNROLLED = 64
# An unrolled GRU trains a quarter faster, which pays for its build after 500 to 1,600 batches: some 30 epochs of this many.
BATCHES_WORTH_UNROLLING = 50


def train_lstm(
    windows: Windows,
    settings: TrainingSettings,
    folder: Path,
    progress: Progress = NoProgress(),
    should_stop: ShouldStop = never_stop,
) -> TrainedModel:
    """Train on the train windows, one network after the other; each keeps the weights of its lowest val_loss.

    A stopped or killed training resumes from the checkpoints in `folder` if data and settings are the same. It ends with exactly
    the weights of an uninterrupted run; the losses of earlier epochs are reported again under their old steps. A stop takes
    effect after the current batch, at most a quarter of a second late, and keeps the best weights so far. Raises
    `TooFewWindows`, `LossDiverged` and `CheckpointNotWritten`.

    Parameters
    ----------
    windows
        Scaled rows and outcomes of all eras.
    settings
        Architecture, optimiser and early stopping.
    folder
        Where checkpoints are written, those of each network in a folder of its own.
    progress, should_stop
        Progress reports and stop requests.
    """
    require_windows(windows)
    learner = _build_learner(windows, settings, progress)
    models: list[TrainedModel | None] = [None] * settings.seeds
    for member in range(settings.seeds):
        place, own = seed_folder(folder, member), MemberProgress(progress, member, settings.seeds)
        alone = seed_settings(settings, member)
        model = TrainingLoop(learner.shape, learner, windows, alone, place, own, should_stop).run()
        models[member] = model
        if model.summary.stopped:
            break
    return combine(models, settings)


def train_network(
    windows: Windows, settings: TrainingSettings, folder: Path, progress: Progress, should_stop: ShouldStop
) -> TrainedModel:
    """Train the network of the first seed alone, with its checkpoints in `folder`; otherwise like `train_lstm`."""
    require_windows(windows)
    learner = _build_learner(windows, settings, progress)
    return TrainingLoop(learner.shape, learner, windows, settings, folder, progress, should_stop).run()


def refit_networks(
    windows: Windows,
    settings: TrainingSettings,
    endings: Sequence[Ending],
    folder: Path,
    progress: Progress,
    should_stop: ShouldStop,
) -> Network:
    """Train the networks that a training kept again, each for its best epoch's number of epochs; return the last weights.

    There is no early stopping: all train windows are trained on. The learning rate is halved after the same epochs. Resumes
    from its checkpoints like `train_lstm`, and raises `Stopped` if it is stopped.

    Parameters
    ----------
    windows, settings
        The windows of the refit, and the settings of the first training.
    endings
        How the first training ended, one entry for each network.
    folder
        Where checkpoints are written.
    progress, should_stop
        Progress reports and stop requests.
    """
    learner = _build_learner(windows, settings, progress)
    kept = [(member, ending) for member, ending in enumerate(endings) if ending.used]
    networks: list[Weights] = []
    for place, (member, ending) in enumerate(kept):
        alone = seed_settings(settings, member).model_copy(update={"epochs": ending.best_epoch})
        own = MemberProgress(progress, place, len(kept))
        loop = FixedTraining(
            learner.shape, learner, windows, alone, seed_folder(folder, member), own, should_stop, ending.halved
        )
        model = loop.run()
        if model.summary.stopped:
            raise Stopped
        networks += model.network.members
    return Network(learner.shape, tuple(networks))


def _build_learner(windows: Windows, settings: TrainingSettings, progress: Progress) -> "_Learner":
    shape = NetworkShape(
        cell=settings.cell,
        window=windows.window,
        features=windows.inputs.shape[1],
        units=settings.units,
        dropout=settings.dropout,
    )
    if not load_tensorflow.cache_info().currsize:
        progress.step(0, 1, "Loading TensorFlow")
        load_tensorflow()
    progress.step(0, 1, "Building the network")
    batches = -(-len(windows.samples.of(Era.TRAIN)) // settings.batch_size)
    return _Learner(shape, settings, choose_loop(shape, batches), windows.log_odds)


def choose_loop(shape: NetworkShape, batches: int) -> Loop:
    """Return the loop that trains a network soonest, given its batches an epoch.

    Loops round differently, so the choice may depend on nothing that could differ when a training is resumed: neither on time nor
    on the number of epochs. On a GPU Keras' own loop runs in cuDNN.
    """
    tensorflow, _ = load_tensorflow()
    if tensorflow.config.list_physical_devices("GPU"):
        return "rolled"
    if shape.cell == "lstm":
        return "fused"
    return "unrolled" if shape.window <= LONGEST_UNROLLED and batches >= BATCHES_WORTH_UNROLLING else "rolled"


def write_keras(network: Network, path: Path) -> None:
    """Write the network as a .keras file.

    It maps scaled windows (n, window, features) to scaled outcomes (n, 1), the mean over the networks; for a direction to log odds
    less those of train.
    """
    _, keras = load_tensorflow()
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
    with replacing(path, draft), catch_warnings():
        # Keras 3.15 lacks the copy keyword of NumPy 2.
        filterwarnings("ignore", "__array__ implementation doesn't accept a copy keyword", DeprecationWarning)
        models[0].save(draft)


def warm_up() -> None:
    """Load TensorFlow and train a tiny network for one batch, so the first real one is built in half the time."""
    shape = NetworkShape(cell="lstm", window=2, features=1, units=(1,), dropout=0.1)
    learner = _Learner(shape, TrainingSettings(), choose_loop(shape, batches=1), log_odds=None)
    inputs, outcomes = np.zeros((2, 2, 1), dtype=np.float32), np.zeros(2, dtype=np.float32)
    learner.train_batch(inputs, outcomes)
    learner.validate_batch(inputs, outcomes)


class _Learner:
    """The network in TensorFlow with its optimiser, compiled once for all batch sizes.

    With `log_odds` the outcomes are 0 or 1, and the loss is the log loss of the log odds plus the output.
    """

    def __init__(self, shape: NetworkShape, settings: TrainingSettings, loop: Loop, log_odds: float | None) -> None:
        tensorflow, keras = load_tensorflow()
        self.shape = shape
        self.model = model = _build(shape, unroll=loop == "unrolled")
        self.optimizer = optimizer = keras.optimizers.Adam(settings.learning_rate, clipnorm=settings.gradient_clip)
        optimizer.build(model.trainable_variables)
        self.initial_optimizer = [variable.numpy() for variable in optimizer.variables]
        self.loss_sum = loss_sum = tensorflow.Variable(0.0, dtype=tensorflow.float64, trainable=False)
        loss = {
            "mse": keras.losses.mean_squared_error,
            "mae": keras.losses.mean_absolute_error,
            "huber": keras.losses.huber,
        }[settings.loss]
        signature = [
            tensorflow.TensorSpec([None, shape.window, shape.features], tensorflow.float32),
            tensorflow.TensorSpec([None], tensorflow.float32),
        ]

        # Tensors are Any: TensorFlow ships no types.
        def losses(inputs: Any, outcomes: Any, training: bool) -> Any:
            output = _run_fused(model, inputs, training) if loop == "fused" else model(inputs, training=training)
            if log_odds is None:
                return loss(outcomes[:, None], output)
            return keras.losses.binary_crossentropy(outcomes[:, None], log_odds + output, from_logits=True)

        @tensorflow.function(input_signature=signature, jit_compile=False)
        def train(inputs: Any, outcomes: Any) -> None:
            with tensorflow.GradientTape() as tape:
                found = losses(inputs, outcomes, training=True)
                mean = tensorflow.reduce_mean(found)
            weights = model.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(mean, weights), weights, strict=True))
            loss_sum.assign_add(tensorflow.cast(tensorflow.reduce_sum(found), tensorflow.float64))

        @tensorflow.function(input_signature=signature, jit_compile=False)
        def validate(inputs: Any, outcomes: Any) -> Any:
            return tensorflow.reduce_sum(losses(inputs, outcomes, training=False))

        self._train, self._validate = train, validate

    def train_batch(self, inputs: np.ndarray, outcomes: np.ndarray) -> None:
        self._train(inputs, outcomes)

    def validate_batch(self, inputs: np.ndarray, outcomes: np.ndarray) -> float:
        return float(self._validate(inputs, outcomes))

    def read_loss(self) -> float:
        return float(self.loss_sum.numpy())

    def clear_loss(self) -> None:
        self.loss_sum.assign(0.0)

    def reset(self, seed: int) -> None:
        self.model.set_weights(_build(self.shape, seed=seed).get_weights())
        for variable, value in zip(self.optimizer.variables, self.initial_optimizer, strict=True):
            variable.assign(value)
        for layer, variable in enumerate(self._dropout_states()):
            variable.assign(np.random.SeedSequence([seed, layer]).generate_state(2).astype(variable.dtype))
        self.clear_loss()

    def read_rate(self) -> float:
        return float(self.optimizer.learning_rate.numpy())

    def scale_rate(self, factor: float) -> None:
        self.optimizer.learning_rate.assign(factor * self.read_rate())

    def weights(self) -> Weights:
        return dict(zip(self.shape.weights(), self.model.get_weights(), strict=True))

    def state(self) -> dict[str, np.ndarray]:
        return {name: np.asarray(variable.numpy()) for name, variable in self._variables().items()}

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        for name, variable in self._variables().items():
            variable.assign(arrays[name])

    def _variables(self) -> "dict[str, keras.Variable]":
        groups = {
            "weight": self.model.weights,
            "optimizer": self.optimizer.variables,
            "dropout": self._dropout_states(),
        }
        named = {f"{group}{place}": one for group, variables in groups.items() for place, one in enumerate(variables)}
        return named | {"loss_sum": self.loss_sum}

    def _dropout_states(self) -> "list[keras.Variable]":
        """Return the RNG states of the dropout layers."""
        return [layer.seed_generator.state for layer in self.model.layers if layer.name.startswith("dropout")]


def _run_fused(model: "keras.Model", inputs: Any, training: bool) -> Any:
    """Return the output of a network of LSTM layers, each of them one operation of TensorFlow instead of a loop over its steps.

    It is faster on a CPU than the loop, rolled or unrolled, and costs nothing to build.
    """
    _, keras = load_tensorflow()
    values = inputs
    for layer in model.layers[1:]:
        is_lstm = isinstance(layer, keras.layers.LSTM)
        values = _fused_lstm(layer, values) if is_lstm else layer(values, training=training)
    return values


def _fused_lstm(layer: "keras.layers.LSTM", inputs: Any) -> Any:
    """Return the hidden states (n, window, units) of an LSTM layer, or the last ones (n, units); inputs (n, window, features)."""
    tensorflow, _ = load_tensorflow()
    weights = _swap_gates(tensorflow.concat([layer.cell.kernel, layer.cell.recurrent_kernel], axis=0))
    bias, no_peephole = _swap_gates(layer.cell.bias), tensorflow.zeros([layer.units])
    count = tensorflow.shape(inputs)[0]
    # The halves of a batch run side by side: the products of one step are too small to share among threads.
    even = tensorflow.pad(tensorflow.transpose(inputs, [1, 0, 2]), [[0, 0], [0, count % 2], [0, 0]])
    halves = []
    for steps in tensorflow.split(even, 2, axis=1):
        start = tensorflow.zeros([tensorflow.shape(steps)[1], layer.units])
        block = tensorflow.raw_ops.BlockLSTM(
            seq_len_max=tensorflow.constant(inputs.shape[1], tensorflow.int64),
            x=steps,
            cs_prev=start,
            h_prev=start,
            w=weights,
            wci=no_peephole,
            wcf=no_peephole,
            wco=no_peephole,
            b=bias,
            forget_bias=0.0,
            cell_clip=-1.0,
            use_peephole=False,
        )
        halves.append(block.h if layer.return_sequences else block.h[-1])
    hidden = tensorflow.concat(halves, axis=-2)[..., :count, :]
    return tensorflow.transpose(hidden, [1, 0, 2]) if layer.return_sequences else hidden


def _swap_gates(weights: Any) -> Any:
    """Return weights with their gates in the order input, cell, forget, output; Keras has the forget gate second."""
    tensorflow, _ = load_tensorflow()
    write, forget, cell, output = tensorflow.split(weights, 4, axis=-1)
    return tensorflow.concat([write, cell, forget, output], axis=-1)


@cache
def load_tensorflow() -> tuple[ModuleType, ModuleType]:
    """Import TensorFlow and Keras: quiet, deterministic, and without reserving all GPU memory."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with _silenced_stderr():
        import keras
        import tensorflow

        gpus = tensorflow.config.list_physical_devices("GPU")
    with suppress(RuntimeError):  # raised if TensorFlow or the GPU is already in use
        tensorflow.config.threading.set_intra_op_parallelism_threads(THREADS)
        for gpu in gpus:
            tensorflow.config.experimental.set_memory_growth(gpu, True)
    tensorflow.config.experimental.enable_op_determinism()
    # TF32 rounds products to 10 bits: losses would differ from those of the NumPy forward pass.
    tensorflow.config.experimental.enable_tensor_float_32_execution(False)
    return tensorflow, keras


@contextmanager
def _silenced_stderr() -> Iterator[None]:
    """Suppress what TensorFlow's C++ code writes on import, before its log level applies."""
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def _build(shape: NetworkShape, seed: int = 0, unroll: bool = False, name: str | None = None) -> "keras.Model":
    """Build the network in Keras with the initial weights of a seed.

    The last layer starts at 0, which is the persistence forecast of a change. Activations are Keras' defaults, which allow
    cuDNN on a GPU.
    """
    _, keras = load_tensorflow()
    layer_class = keras.layers.LSTM if shape.cell == "lstm" else keras.layers.GRU
    seeds = np.random.SeedSequence(seed).generate_state(2 * len(shape.units)).tolist()
    inputs = sequence = keras.Input((shape.window, shape.features), name="window")
    for layer, units in enumerate(shape.units):
        sequence = layer_class(
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
