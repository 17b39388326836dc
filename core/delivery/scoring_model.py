"""The model as scoring needs it: the cleaning, features, network and interval of training."""

from dataclasses import dataclass, replace

from core.cleaning.fitted import FittedCleaning
from core.data.calendar import MarketCalendar
from core.data.columns import Kind, Roles
from core.data.eras import Eras
from core.forecast.evaluation.bounds import OutcomeBounds
from core.forecast.evaluation.calibration import Calibration
from core.forecast.evaluation.intervals import Interval
from core.forecast.network.network import NetworkShape
from core.forecast.network.scaling import Scaling
from core.samples.features import FeaturePlan
from core.samples.task import Task


@dataclass(frozen=True, kw_only=True)
class TableFormat:
    """How the file that the model was trained on writes a plain table with one row per time stamp and series.

    `names` are the headers of the columns by their names here, if they differ. `day_first` is None if dates are ISO.
    """

    encoding: str
    delimiter: str
    decimal: str
    header_line: int
    names: dict[str, str]
    day_first: bool | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class ScoringModel:
    """What a prediction needs besides the weights.

    `kinds` are the columns that the model was trained with, `chosen` the features that enter the network, in order, and `inputs`
    the range of each over the train rows, scaled. The other fields are those of the bundle's manifest.
    """

    eras: Eras
    frequency: str | None
    roles: Roles
    kinds: dict[str, Kind]
    cleaning: FittedCleaning
    features: FeaturePlan
    chosen: tuple[str, ...]
    scaling: Scaling
    shape: NetworkShape
    task: Task
    bounds: OutcomeBounds | None = None
    factor: float = 1.0
    interval: Interval | None = None
    calibration: Calibration | None = None
    calendars: dict[str, MarketCalendar]
    inputs: tuple[tuple[float, float], ...] = ()
    table: TableFormat | None = None

    @property
    def needed(self) -> tuple[str, ...]:
        """The numeric columns that a prediction depends on, the target first."""
        used = self.features.columns_of(self.chosen) | {self.task.target, *(self.cleaning.bar or ())}
        return tuple(name for name in self.cleaning.columns if name in used)

    def narrow(self) -> "ScoringModel":
        """Return the model without the columns and features that its network does not read: its predictions are the same."""
        needed = self.needed
        kept = tuple(name for name in self.cleaning.features if name in needed)
        return replace(
            self,
            cleaning=replace(self.cleaning, features=kept),
            features=self.features.keep(self.chosen),
        )
