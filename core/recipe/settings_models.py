"""Settings of steps 4 to 7: regression, feature ranking, network and evaluation."""

from typing import Annotated, Literal

from pydantic import Field

from core.recipe.fields import SHARE, Names, Settings, stops


class RegressionSettings(Settings):
    """Step 4: ordinary least squares, to explain the target within a row or to predict it from earlier rows."""

    question: Literal["explain", "predict"] = Field(
        "explain",
        title="Question",
        description="Explain: the target on the other columns of the same row, which shows what moves together. Predict: the "
        "target some rows ahead on features known at the forecast origin.",
    )
    values: Literal["changes", "levels", "error_correction"] = Field(
        "changes",
        title="Values",
        description="What is explained. Changes: from the row before, log returns of prices. Levels: risk a spurious regression "
        "if they drift. Error correction: changes, given the last deviation from the relation of levels.",
    )
    features: Names = Field((), title="Features", description="Inputs of the regression. Empty: all kept features.")
    choose: Literal["all", "strongest", "forward"] = Field(
        "all",
        title="Choice",
        description="Which of these features are fitted. Strongest: those with the smallest p-values alone. Forward: added one by "
        "one while BIC falls.",
    )
    top_k: int = Field(
        10, ge=1, le=500, title="Max. features", description="How many features the choice 'strongest' keeps."
    )
    hac_lags: int | None = Field(
        None,
        ge=0,
        le=1000,
        title="HAC lags",
        description="Lags of the Newey-West standard errors. Empty: chosen by sample size.",
    )
    granger_lags: int = Field(
        5,
        ge=1,
        le=50,
        title="Granger lags",
        description="Rows of the past in the tests of which column leads the other.",
    )


class ImportanceSettings(Settings):
    """Step 5: CatBoost over walk-forward folds of the train era, compared with random columns."""

    iterations: int = Field(200, ge=10, le=5000, title="Iterations", description="Trees per model.")
    folds: int = Field(3, ge=1, le=10, title="Folds", description="Walk-forward folds within the train era.")
    seeds: int = Field(
        1,
        ge=1,
        le=20,
        title="Seeds",
        description="Repeats of each fold with different seeds. They are averaged, and are no further evidence.",
    )
    noise_probes: int | None = Field(
        None,
        ge=1,
        le=200,
        title="Noise probes",
        description="Random columns; the most important of them sets the noise line. Empty: as many as features, 20 to 100.",
    )
    choice: Literal["signal", "top_k"] = Field(
        "top_k",
        title="Choice",
        description="Signal: what the target did last, as a change or, if that is predicted, a level, and every feature that is "
        "signal. Top k: unstable features too, up to the maximum.",
    )
    top_k: int = Field(
        10, ge=1, le=500, title="Max. features chosen", description="The best features by rank, passed to training."
    )


class TrainingSettings(Settings):
    """Step 6: what the network predicts, its architecture, and its training."""

    predict: Literal["level", "difference", "return", "log_return", "volatility", "direction"] | None = Field(
        None,
        title="Predict",
        description="Outcome that models are trained on. Empty: the log return of a price-like target, the level of a target "
        "that mean-reverts within one row, otherwise the difference. Volatility: the realised volatility of the rows up to the "
        "horizon. Direction: the probability of a rise.",
    )
    horizon: int = Field(1, ge=1, le=250, title="Horizon", description="Rows ahead to forecast.")
    window: int = Field(32, ge=2, le=1000, title="Window", description="Past rows that the network sees.")
    cell: Literal["lstm", "gru"] = Field("lstm", title="Cell", description="Type of recurrent cell.")
    units: tuple[Annotated[int, Field(ge=1, le=1024)], ...] = Field(
        (32,), min_length=1, max_length=4, title="Units", description="Cells per layer, one number for each layer."
    )
    dropout: float = Field(
        0.1,
        ge=0,
        le=0.9,
        json_schema_extra=SHARE,
        title="Dropout",
        description="Share of each layer's outputs dropped during training.",
    )
    loss: Literal["mse", "mae", "huber"] = Field(
        "mse", title="Loss", description="Training loss. A direction is trained on the log loss."
    )
    epochs: int = Field(40, ge=1, le=5000, title="Epochs", description="Maximum passes over the train era.")
    batch_size: int = Field(64, ge=1, le=8192, title="Batch size", description="Windows per optimiser step.")
    learning_rate: float = Field(
        1e-3,
        gt=0,
        le=1,
        json_schema_extra=stops(1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1),
        title="Learning rate",
        description="Step size of the Adam optimiser.",
    )
    patience: int = Field(
        8, ge=1, le=1000, title="Patience", description="Epochs without a lower val_loss before training stops."
    )
    plateau: int = Field(
        0,
        ge=0,
        le=1000,
        title="Plateau",
        description="Epochs without a lower val_loss before the learning rate is halved. 0: it stays as it is.",
    )
    gradient_clip: float = Field(
        1.0,
        gt=0,
        le=1000,
        title="Gradient clip",
        description="Maximum gradient norm of a weight array; larger gradients are scaled down.",
    )
    seeds: int = Field(
        1,
        ge=1,
        le=20,
        title="Seeds",
        description="Networks trained from different seeds; their forecasts are averaged.",
    )
    seed: int = Field(
        0, ge=0, le=2**31 - 1, title="Seed", description="First random seed; the same seed reproduces the same numbers."
    )
    features: Names = Field(
        (), title="Features", description="Inputs of the network. Empty: those chosen by the importance step."
    )


class EvaluationSettings(Settings):
    """Step 7: the baselines, the prediction interval, and trading costs."""

    coverage: float = Field(
        0.90,
        ge=0.5,
        le=0.99,
        json_schema_extra=SHARE,
        title="Coverage",
        description="Share of outcomes that the prediction interval should contain.",
    )
    cost_bps: float = Field(
        5.0,
        ge=0,
        le=1000,
        title="Trading cost",
        description="Cost in basis points of the traded value, each way.",
    )
    tradable: bool | None = Field(
        None,
        title="Tradable",
        description="Whether the target can be bought and sold, and is backtested. Empty: if it drifts like a price, is named "
        "like a price or an instrument, and is neither a volatility nor an average of a period.",
    )
    walk_forward_folds: int = Field(
        4,
        ge=0,
        le=20,
        title="Walk-forward folds",
        description="Earlier periods, in the later half of train and validation, that everything is refitted before and scored "
        "on. 0: none.",
    )
    lstm_adds: bool = Field(
        True,
        title="Measure what the LSTM adds",
        description="Whether the network is also trained on the last row alone, and on windows with their earlier rows in random "
        "order: what memory adds. It takes about as long as the training.",
    )
    refit: bool = Field(
        False,
        title="Refit before delivery",
        description="Whether the network of the bundle is trained again on train and validation, for the epochs found. That "
        "network is not evaluated: the scores are those of the network trained on train alone.",
    )
    baselines: tuple[Literal["persistence", "drift", "ar", "har", "seasonal", "theta", "linear", "catboost"], ...] = (
        Field(
            ("persistence", "drift", "ar", "har", "seasonal", "theta", "linear", "catboost"),
            title="Baselines",
            description="Models to compare with on the same rows. Persistence and drift are always included. HAR is for "
            "volatilities, Theta for single series, seasonal naive for targets with a season.",
        )
    )
