"""A question of the map of predictability, its answer, and the map."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from core.quality.pairwise.relations import SIGNIFICANT

Transform = Literal[
    "level",
    "log_level",
    "change",
    "log_return",
    "absolute",
    "absolute_change",
    "absolute_return",
    "volatility",
    "range",
    "spread",
]
Rival = Literal["zero", "mean", "last value"]
Family = Literal["move", "level", "size"]

FAMILIES: dict[Transform, Family] = {
    "change": "move",
    "log_return": "move",
    "level": "level",
    "log_level": "level",
    "spread": "level",
    "absolute": "size",
    "absolute_change": "size",
    "absolute_return": "size",
    "volatility": "size",
    "range": "size",
}
# What `training.predict` is set to for a question about a transform; the other transforms have no task yet.
PREDICTS: dict[Transform, Literal["level", "difference", "log_return", "volatility"]] = {
    "level": "level",
    "log_level": "log_return",
    "change": "difference",
    "log_return": "log_return",
    "volatility": "volatility",
}


@dataclass(frozen=True, kw_only=True)
class Question:
    """How well a transform of a column can be forecast `horizon` rows ahead, out of sample.

    `rival` is the best naive forecast. `r2_oos` is the share of its squared error that a ridge on the column's own past
    saves, and `r2_oos_all` that of a ridge with other columns added, None if there are none. `p_value` is the smaller of
    their Clark-West p-values, each the largest against any naive forecast, times their number. `q_value` is corrected for
    all questions of the map and, so that easy questions do not lower the bar for hard ones, within their family; the
    larger counts. `n` counts the outcomes. The column of a spread is its formula, such as "log A - 0.8 log B".
    """

    column: str
    transform: Transform
    horizon: int
    rival: Rival
    r2_oos: float
    r2_oos_all: float | None
    p_value: float
    q_value: float
    n: int

    @property
    def family(self) -> Family:
        """Whether a move, a level or a size is forecast."""
        return FAMILIES[self.transform]

    @property
    def best_r2(self) -> float:
        """The larger of the two R²."""
        return self.r2_oos if self.r2_oos_all is None else max(self.r2_oos, self.r2_oos_all)

    @property
    def has_answer(self) -> bool:
        """Whether a signal is significant and saves error."""
        return self.q_value < SIGNIFICANT and self.best_r2 > 0


@dataclass(frozen=True, kw_only=True)
class Forecastability:
    """The map of predictability of a data set: its questions, in the order of the columns.

    It was measured on the last `rows` rows of the train and validation eras, for `columns` columns; `left_out` more are
    beyond the limit, and those named in `too_short` have too few values in the first third of these rows, or after it.
    """

    questions: tuple[Question, ...] = ()
    rows: int = 0
    columns: int = 0
    left_out: int = 0
    too_short: tuple[str, ...] = ()

    @cached_property
    def answered(self) -> tuple[Question, ...]:
        """The questions that have an answer, the largest R² first."""
        return tuple(
            sorted((question for question in self.questions if question.has_answer), key=lambda asked: -asked.best_r2)
        )

    def find(self, column: str, horizon: int, predict: str | None) -> Question | None:
        """Return the question that a task asks: about a column's volatility, else about its value; None if it was not asked."""
        find = self.find_volatility if predict == "volatility" else self.find_value
        return find(column, horizon)

    def find_value(self, column: str, horizon: int) -> Question | None:
        """Return the question about a column's value itself, by its move or its level; None if it was not asked."""
        asked = (q for q in self.questions if (q.column, q.horizon) == (column, horizon))
        return next((q for q in asked if q.transform in PREDICTS and q.family != "size"), None)

    def find_volatility(self, column: str, horizon: int) -> Question | None:
        """Return the question about a column's volatility; over one row that is its range or its absolute move."""
        asked = {q.transform: q for q in self.questions if (q.column, q.horizon) == (column, horizon)}
        sizes = ("volatility",) if horizon > 1 else ("range", "absolute_return")
        return next((asked[size] for size in sizes if size in asked), None)

    def best_of(self, column: str) -> Question | None:
        """Return the answered question about a column with the largest R², of those that can be the task if there are any.

        None if none is answered.
        """
        answered = [question for question in self.answered if question.column == column]
        return next((question for question in answered if question.transform in PREDICTS), next(iter(answered), None))
