"""Errors of bundles, and of the new rows that a bundle scores."""

from core.errors.model import BundleError, DataError
from core.text.escape import plain_text
from core.text.format import format_list


class NotABundle(BundleError, code="not-a-bundle"):
    """The file is not a bundle that an export writes; `found` says what gives it away."""

    found: str
    hint = "Choose the bundle.zip of a run, and check where it comes from."

    @property
    def message(self) -> str:
        return f"Not a valid bundle: {self.found}."


class BundleChanged(BundleError, code="bundle-changed"):
    """The bundle's checksum does not match its content."""

    message = "The bundle was changed after it was exported: its checksum does not match."
    hint = "Export it again; to use a bundle that you unzipped, name its folder."


class DamagedBundle(BundleError, code="damaged-bundle"):
    """The bundle cannot be unpacked, or its parts do not fit each other."""

    reason: str
    hint = "Export the bundle again."

    @property
    def message(self) -> str:
        return f"The bundle is damaged: {self.reason}."


class InvalidManifest(BundleError, code="invalid-manifest"):
    """A field of the bundle's manifest is missing or invalid, or of another version."""

    field: str
    reason: str
    hint = "Export the bundle again."

    @property
    def message(self) -> str:
        field = plain_text(self.field) or "as a whole"
        return f"The bundle's manifest is invalid or of another version; {field}: {plain_text(self.reason)}."


class BundleUnreadable(BundleError, code="bundle-unreadable"):
    """The operating system refuses to read the bundle."""

    path: str
    reason: str
    hint = "Check the path."

    @property
    def message(self) -> str:
        return f"{self.path} cannot be read: {self.reason}."


class BundleTooLarge(BundleError, code="bundle-too-large"):
    """The bundle, or a file in it, is larger than any bundle can be."""

    what: str
    most_mib: int
    hint = "Check that it is a bundle, and where it comes from."

    @property
    def message(self) -> str:
        return f"{self.what} is larger than {self.most_mib} MiB."


class NoFullWindow(DataError, code="no-full-window"):
    """The new rows are too few for one window of the network."""

    window: int
    rows: int
    needed: int

    @property
    def message(self) -> str:
        return (
            f"No row has a full window: {self.window} consecutive rows are needed, and {self.rows:,} rows are left after "
            "cleaning and features."
        )

    @property
    def hint(self) -> str:
        return f"Give at least {self.needed} complete rows of each series."


class NoFinitePrediction(DataError, code="no-finite-prediction"):
    """The predictions are all missing, or some are infinite: the model does not fit the rows."""

    count: int
    total: int
    hint = "Check that the target has the unit of training, is positive if its returns are predicted, and that the bundle is whole."

    @property
    def message(self) -> str:
        return f"{self.count:,} of {self.total:,} predictions are missing or infinite."


class MissingModelColumns(DataError, code="missing-model-columns"):
    """The new rows lack columns that the model was trained with."""

    columns: tuple[str, ...]
    hint = "Give a file with the columns of the training data."

    @property
    def message(self) -> str:
        names = format_list([repr(name) for name in self.columns], 5)
        return f"The data lack {names}, which the model was trained with."


class ModelColumnsNotNumeric(DataError, code="model-columns-not-numeric"):
    """The new rows hold text or times in columns that must be numeric."""

    columns: tuple[str, ...]
    kind: str
    hint = "Correct the cells that are not numbers."

    @property
    def message(self) -> str:
        names = format_list([repr(name) for name in self.columns], 5)
        return f"The model needs numbers in {names}; the file holds {self.kind} there."


class TableUnreadable(DataError, code="table-unreadable"):
    """A bundle's own reader cannot read the new rows: it knows plain tables only."""

    path: str
    reason: str
    hint = "Give a CSV with one header row, the names of the model's columns and ISO dates, or Parquet."

    @property
    def message(self) -> str:
        return f"{plain_text(self.path)} cannot be read: {plain_text(self.reason)}."


class CellNotNumber(DataError, code="cell-not-number"):
    """A bundle's own reader found a cell that is not a number."""

    column: str
    found: str
    line: int
    hint = "Write plain numbers, and leave missing cells empty; Plumbline itself reads more notations."

    @property
    def message(self) -> str:
        return f"Line {self.line:,}, column {self.column!r}: {plain_text(self.found)!r} is not a plain number."


class CellNotTime(DataError, code="cell-not-time"):
    """A bundle's own reader found a cell that is not a time."""

    column: str
    found: str
    line: int
    hint = "Write dates as 2024-01-31, with 2024-01-31T16:00 for a time of day."

    @property
    def message(self) -> str:
        return f"Line {self.line:,}, column {self.column!r}: {plain_text(self.found)!r} is not a date."


class BundleNotVerified(BundleError, code="bundle-not-verified"):
    """A bundle that was just written does not give the predictions of its run."""

    reason: str
    hint = "It is not offered. Report this as a bug, with the report of the run; the other files are not affected."

    @property
    def message(self) -> str:
        return f"The bundle did not pass its own test: {plain_text(self.reason, 300)}."
