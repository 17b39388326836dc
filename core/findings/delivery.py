"""Findings on new rows that a bundle scores."""

from core.findings.model import Finding, Severity
from core.text.feature_tokens import feature_label
from core.text.format import format_list, format_number


class ColumnMissing(Finding, code="scored-column-missing"):
    """New rows lack a column that the model's predictions depend on.

    Give the column under its name in training. Without it there are no predictions.
    """

    column: str
    nearest: tuple[str, ...]

    severity = Severity.PROBLEM

    @property
    def title(self) -> str:
        return f"{self.column} is missing: the model needs it"

    @property
    def detail(self) -> str:
        if not self.nearest:
            return "No column of the file has a similar name."
        return f"Similar names in the file: {format_list([repr(name) for name in self.nearest], 3)}. Rename it if it is the same."


class ColumnRenamed(Finding, code="scored-column-renamed"):
    """A column of new rows is read as one of training whose name is written differently.

    Only case, spaces or punctuation differ. Check that it is the same column.
    """

    column: str
    found: str

    severity = Severity.WARNING
    detail = "The names differ only in case, spaces or punctuation."

    @property
    def title(self) -> str:
        return f"{self.found} is read as {self.column}"


class ColumnsAdded(Finding, code="scored-columns-added"):
    """New rows have columns that the file of training did not have.

    The model does not read them.
    """

    columns: tuple[str, ...]
    count: int

    severity = Severity.INFO
    detail = "The model does not read them."

    @property
    def title(self) -> str:
        return f"New columns: {format_list(list(self.columns), 5)}"


class ColumnsNotNeeded(Finding, code="scored-columns-not-needed"):
    """New rows lack columns of training that no chosen feature is computed from.

    Predictions do not depend on them.
    """

    columns: tuple[str, ...]
    count: int

    severity = Severity.INFO
    detail = "No feature of the model is computed from them, so predictions do not change."

    @property
    def title(self) -> str:
        return f"Missing, but not needed: {format_list(list(self.columns), 5)}"


class InputOutsideTrain(Finding, code="scored-input-outside-train"):
    """A feature of new rows has values beyond its range in the train era.

    The network extrapolates there. Check the unit of the column; if the values are right, train again with newer rows.
    """

    column: str
    feature: str
    count: int
    total: int
    found: tuple[float, float]
    trained: tuple[float, float]
    series: str | None = None

    @property
    def share(self) -> float:
        return self.count / self.total

    plural = "have values outside the train range of a feature"

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.share >= 0.1 else Severity.INFO

    @property
    def title(self) -> str:
        return f"{feature_label(self.feature)} is outside its train range in {self.count:,} of {self.total:,} rows"

    @property
    def detail(self) -> str:
        found, trained = (" to ".join(map(format_number, ends)) for ends in (self.found, self.trained))
        where = "Here" if self.series is None else f"In {self.series}"
        return f"{where} {found}; in the train era {trained}. The network extrapolates there."


class SeriesScaledTogether(Finding, code="scored-series-scaled-together"):
    """New rows hold series that the model has no scaling for.

    They have fewer than 30 outcomes in the train era, or none. They are scaled as all its series together: if their values are of
    another size, predictions are poor. Train again with these series.
    """

    series: tuple[str, ...]
    count: int

    severity = Severity.WARNING
    plural = "have no scaling of their own"
    detail = (
        "They have too few outcomes in the train era, or none, so they are scaled as all series of the model together. If their "
        "values are of another size, predictions are poor."
    )

    @property
    def title(self) -> str:
        names = format_list(list(self.series), 5)
        more = f" ({self.count:,} in total)" if self.count > len(self.series) else ""
        return f"Series without a scaling of their own: {names}{more}"


class TestEraHidden(Finding, code="scored-test-era-hidden"):
    """Predictions for the test era of the model's own data are left out, since it is sealed.

    Open the test era on Results: that is counted, and scores the model there.
    """

    count: int

    severity = Severity.INFO
    detail = "A look at it would weaken the test. Open it on Results to see them; the rows after it are shown."

    @property
    def title(self) -> str:
        return f"{self.count:,} predictions for the sealed test era are left out"


class OtherFrequency(Finding, code="other-frequency"):
    """New rows come at another frequency than the rows that the model was trained on.

    Give rows of the frequency of training: the horizon counts rows.
    """

    trained: str | None
    found: str | None

    severity = Severity.WARNING
    detail = "The horizon counts rows, so it covers another span of time than in training."

    @property
    def title(self) -> str:
        return (
            f"The model was trained on rows of frequency {self.trained or 'irregular'}; these are "
            f"{self.found or 'irregular'}"
        )


class PredictionsBounded(Finding, code="predictions-bounded"):
    """Predictions for new rows are beyond what train outcomes allow; they were bounded.

    Check the new rows: their values are far from those of training, or in another unit.
    """

    count: int
    total: int

    severity = Severity.WARNING
    detail = "The bounds are the range of train outcomes, widened by three times its width on both sides."

    @property
    def title(self) -> str:
        return f"{self.count:,} of {self.total:,} predictions were far beyond all train outcomes, and set to the bound"
