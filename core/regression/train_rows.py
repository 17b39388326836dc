"""The rows that a regression is fitted on and judged on."""

from dataclasses import dataclass, replace

import numpy as np

from core.data.blocks import number_stretches
from core.data.eras import Era
from core.errors.regression import NoVaryingFeature, TargetIsClass, TooFewSamplesToRegress
from core.errors.samples import ConstantOutcome, NoFeature
from core.findings.model import Finding
from core.regression.design import Design, LeftOut, make_design
from core.regression.question import Question
from core.samples.prepare import choose_features
from core.samples.samples import train_mean

SPARE_ROWS = 10
_CLASSES = 2


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainRows:
    """The design of the train era, and what was left out of it.

    `which` and `validation`, int64, are the positions of the samples of the two eras that have an outcome and all features.
    `series` names the series of each train row, or is None if there is one. `absent` are findings on unknown features.
    """

    question: Question
    which: np.ndarray
    validation: np.ndarray
    design: Design
    left_out: tuple[LeftOut, ...]
    series: np.ndarray | None
    absent: tuple[Finding, ...]

    @property
    def outcome(self) -> np.ndarray:
        """The outcomes of the train rows, float64 (n,)."""
        return self.question.samples.outcome[self.which]

    @property
    def times(self) -> np.ndarray:
        """The origin times of the train rows, datetime64[us] (n,)."""
        return self.question.samples.origin_times[self.which]

    def r2_oos(self, coefficients: np.ndarray) -> float | None:
        """Return 1 - SSE / SSE(naive) on the validation era (Campbell and Thompson, 2008); None if that is undefined.

        `coefficients` float64 (1 + k,), in original units, the constant first.
        """
        values = _values(self.question, self.design.names, self.validation)
        outcome = self.question.samples.outcome[self.validation]
        total = np.square(outcome - self._naive()).sum()
        error = outcome - coefficients[0] - values @ coefficients[1:]
        return float(1 - error @ error / total) if total > 0 else None

    @property
    def rival_is_mean(self) -> bool:
        """Whether the naive model is the train mean, not persistence."""
        return self.question.kind == "explain" or self._train_mean is not None

    @property
    def _train_mean(self) -> np.ndarray | None:
        return train_mean(self.question.samples, is_direction=self.question.task.is_direction)

    def _naive(self) -> np.ndarray:
        samples, task = self.question.samples, self.question.task
        if self.question.kind == "explain":
            return np.full(len(self.validation), self.outcome.mean())
        mean = self._train_mean
        naive = task.no_change(samples.base) if mean is None else task.change(samples.base, mean)
        return naive[self.validation]


def select_rows(question: Question) -> TrainRows:
    """Return the rows of a question.

    Raises `NoFeature`, `NoSelectedFeature`, `NoCompleteFeatures`, `NoVaryingFeature`, `TooFewSamplesToRegress`,
    `TargetIsClass` and `ConstantOutcome`.
    """
    features, samples = question.features, question.samples
    if not len(features.values.columns):
        raise NoFeature
    chosen, absent = choose_features(question.selected, features, "regression")
    names = chosen or tuple(features.values.columns)
    complete = features.complete_rows(names)
    train, validation = (_usable(question, era, complete) for era in (Era.TRAIN, Era.VALIDATION))
    outcome = _require_outcome(question, train, len(names))
    stretches = number_stretches(samples.rows[train], samples.blocks[train])
    design, left_out = make_design(_values(question, names, train), names, outcome, stretches)
    if not design.names:
        raise NoVaryingFeature
    series = None if features.series is None else features.series[samples.rows[train]]
    several = series is not None and bool((series != series[0]).any())
    return TrainRows(
        question=question,
        which=train,
        validation=validation,
        design=replace(design, several_series=several),
        left_out=left_out,
        series=series,
        absent=absent,
    )


def _usable(question: Question, era: Era, complete: np.ndarray) -> np.ndarray:
    """Return the positions of the samples of an era with an outcome and all features, int64 (m,).

    `complete`, bool (rows,), marks the rows that have all features.
    """
    samples = question.samples
    positions = samples.of(era)
    return positions[np.isfinite(samples.outcome[positions]) & complete[samples.rows[positions]]]


def _values(question: Question, names: tuple[str, ...], which: np.ndarray) -> np.ndarray:
    """Return the features at the origins of the samples `which`, float64 (m, names)."""
    rows = question.samples.rows[which]
    values = np.empty((len(rows), len(names)), order="F")
    for position, name in enumerate(names):
        values[:, position] = question.features.values[name].to_numpy()[rows]
    return values


def _require_outcome(question: Question, train: np.ndarray, features: int) -> np.ndarray:
    """Return the outcomes of the train rows, unless they are too few, constant or those of a class.

    A direction is a class by intention: its regression is a linear probability model.
    """
    outcome, task = question.samples.outcome[train], question.task
    needed = features + SPARE_ROWS
    if len(outcome) < needed:
        raise TooFewSamplesToRegress(found=len(outcome), features=features, needed=needed)
    if np.ptp(outcome) == 0:
        raise ConstantOutcome(outcome=task.label, value=float(outcome[0]), samples=len(outcome))
    levels = np.unique(question.samples.future[train])
    if len(levels) <= _CLASSES and not task.is_direction:
        raise TargetIsClass(column=task.target, values=tuple(levels.tolist()))
    return outcome
