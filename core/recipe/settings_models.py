"""Settings of steps 4 to 7: the regression, the ranking, the network, and how it is judged."""

from typing import Annotated, Literal

from pydantic import Field

from core.recipe.fields import SHARE, Names, Settings, stops


class RegressionSettings(Settings):
    """Step 4: ordinary least squares of what is predicted on features known at the origin."""

    features: Names = Field((), title="Features", description="Empty: all that were kept.")
    hac_lags: int | None = Field(
        None,
        ge=0,
        le=1000,
        title="HAC lags",
        description="Lags of the Newey-West standard errors. Empty: by sample size.",
    )


class ImportanceSettings(Settings):
    """Step 5: CatBoost over walk-forward folds of the train era, against columns of noise."""

    iterations: int = Field(200, ge=10, le=5000, title="Iterations", description="Trees in each model.")
    folds: int = Field(3, ge=1, le=10, title="Folds", description="Walk-forward folds inside the train era.")
    seeds: int = Field(
        2, ge=1, le=20, title="Seeds", description="Repeats of each fold, with other seeds and column orders."
    )
    noise_probes: int = Field(
        5, ge=1, le=50, title="Noise probes", description="Random columns that mark the noise line."
    )
    top_k: int = Field(
        10, ge=1, le=500, title="Features chosen, at most", description="The best by rank, handed on to training."
    )


class TrainingSettings(Settings):
    """Step 6: what the network predicts, its shape, and how it learns."""

    predict: Literal["level", "difference", "return", "log_return"] | None = Field(
        None,
        title="Predict",
        description="What is learned of the target. Empty: the log return of a price-like one, the level of one that comes back "
        "to its mean at once, the difference of others.",
    )
    horizon: int = Field(1, ge=1, le=250, title="Horizon", description="Rows ahead.")
    window: int = Field(32, ge=2, le=1000, title="Window", description="Rows that the network sees.")
    cell: Literal["lstm", "gru"] = Field("lstm", title="Cell", description="Kind of recurrent cell.")
    units: tuple[Annotated[int, Field(ge=1, le=1024)], ...] = Field(
        (32,), min_length=1, max_length=4, title="Units", description="Cells of each layer."
    )
    dropout: float = Field(
        0.1,
        ge=0,
        le=0.9,
        json_schema_extra=SHARE,
        title="Dropout",
        description="Share of each layer's outputs left out while learning.",
    )
    loss: Literal["mse", "mae", "huber"] = Field("mse", title="Loss", description="What training makes small.")
    epochs: int = Field(40, ge=1, le=5000, title="Epochs", description="Passes over the train era, at most.")
    batch_size: int = Field(64, ge=1, le=8192, title="Batch size", description="Windows for each step.")
    learning_rate: float = Field(
        1e-3,
        gt=0,
        le=1,
        json_schema_extra=stops(1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1),
        title="Learning rate",
        description="Step size of Adam.",
    )
    patience: int = Field(
        8, ge=1, le=1000, title="Patience", description="Epochs without a better val_loss before it ends."
    )
    gradient_clip: float = Field(1.0, gt=0, le=1000, title="Gradient clip", description="Largest norm of a gradient.")
    seeds: int = Field(
        1, ge=1, le=20, title="Seeds", description="Networks trained from other starts; predictions are their mean."
    )
    seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed", description="The first seed; equal seeds, equal numbers.")
    features: Names = Field((), title="Features", description="Empty: those that the importance step chose.")


class EvaluationSettings(Settings):
    """Step 7: the rivals, the interval, and the cost of trading."""

    coverage: float = Field(
        0.90,
        ge=0.5,
        le=0.99,
        json_schema_extra=SHARE,
        title="Coverage",
        description="Share of outcomes that the interval should hold.",
    )
    cost_bps: float = Field(5.0, ge=0, le=1000, title="Cost", description="Basis points of the traded value, each way.")
    baselines: tuple[Literal["persistence", "drift", "ar", "linear", "catboost"], ...] = Field(
        ("persistence", "drift", "ar", "linear", "catboost"),
        title="Baselines",
        description="Rivals on the same rows. Persistence always takes part.",
    )
