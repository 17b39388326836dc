"""The guide: which model to start with, from the map of predictability and the classes of relations."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.quality.forecastability.question import Family, Forecastability, Question
from core.quality.forecastability.sentences import TRANSFORMS, question_label, rows_text
from core.quality.pairwise.relations import Relation
from core.text.format import format_count, format_list

# Other columns help if they explain this much more.
_HELPFUL = 0.01


@dataclass(frozen=True, kw_only=True)
class Guide:
    """A recommendation for one question of the map.

    `question` is its label and `family` its kind, `has_answer` whether the map answers it, and `instead` a question about the
    same column that it does answer. `others_help` says whether a ridge with other columns is the better start. `linear` counts
    the linear relations with the target, `leading` are the columns that lead it by a row, `nonlinear` those of a non-linear
    relation.
    """

    question: str
    family: Family
    has_answer: bool
    instead: str | None
    others_help: bool
    linear: int
    leading: tuple[str, ...]
    nonlinear: tuple[str, ...]

    @property
    def text(self) -> str:
        """The recommendation, in two sentences."""
        return f"{self._start} {self._beyond_linear}"

    @property
    def _start(self) -> str:
        if not self.has_answer:
            instead = f"; its {self.instead} has one" if self.instead else ""
            return f"Expect no more than the naive forecast: the {self.question} has no answer{instead}."
        past = "several columns" if self.others_help else "the column's own past"
        if self.family == "size":
            # Relations are with the target's change: they do not bear on the size of its moves.
            return f"Start with ridge on {past}{'' if self.others_help else ', as HAR is'}."
        leads = "none leads by a row"
        if self.leading:
            leads = f"{format_list(self.leading, 2)} {'leads' if len(self.leading) == 1 else 'lead'} by a row"
        return f"Start with ridge on {past}: {format_count(self.linear, 'linear relation')}, {leads}."

    @property
    def _beyond_linear(self) -> str:
        if self.family == "size":
            return "An LSTM usually ties with a linear model of volatility."
        if not self.nonlinear:
            return "An LSTM is unlikely to add anything: no relation is non-linear."
        if len(self.nonlinear) == 1:
            return f"An LSTM may add something: the relation to {self.nonlinear[0]} is non-linear."
        return f"An LSTM may add something: the relations to {format_list(self.nonlinear, 2)} are non-linear."


def recommend(
    found: Forecastability,
    relations: Sequence[Relation],
    target: str | None,
    horizon: int,
    predict: str | None = None,
) -> Guide | None:
    """Return which model to start with for the question of a recipe; None if the map does not tell.

    Parameters
    ----------
    found
        The map.
    relations
        The relations of the other columns with the target.
    target
        The target, if it is numeric.
    horizon, predict
        The horizon and the outcome of the recipe. If the map does not cover the horizon, its shortest one is used.
    """
    asked = None if target is None else found.find(target, horizon, predict) or _shortest(found, target, predict)
    if asked is None:
        return None
    best = found.best_of(asked.column)
    return Guide(
        question=question_label(asked),
        family=asked.family,
        has_answer=asked.has_answer,
        instead=None if best is None else f"{TRANSFORMS[best.transform]} over {rows_text(best.horizon)}",
        others_help=asked.r2_oos_all is not None and asked.r2_oos_all > asked.r2_oos + _HELPFUL,
        linear=sum(relation.kind == "linear" for relation in relations),
        leading=tuple(relation.feature for relation in relations if relation.leads),
        nonlinear=tuple(relation.feature for relation in relations if relation.kind == "nonlinear"),
    )


def _shortest(found: Forecastability, target: str, predict: str | None) -> Question | None:
    horizons = sorted({question.horizon for question in found.questions})
    return next((asked for horizon in horizons if (asked := found.find(target, horizon, predict))), None)
