"""Train rows to draw: the outcome, the residuals and the features, in their own units."""

from dataclasses import dataclass

import numpy as np

from core.regression.design import Design

MOST_ROWS = 500
MOST_FEATURES = 50


@dataclass(frozen=True, kw_only=True)
class FeatureValues:
    """A feature's values on the drawn rows."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Points:
    """At most 500 train rows, evenly spaced in time, with the values of up to 50 features."""

    times: tuple[str, ...]
    outcome: tuple[float, ...]
    residual: tuple[float, ...]
    features: tuple[FeatureValues, ...]

    def of(self, name: str) -> np.ndarray | None:
        """Return the values of a feature, float64 (m,), or None if they were not kept."""
        found = next((feature.values for feature in self.features if feature.name == name), None)
        return None if found is None else np.array(found)


def take_points(design: Design, residuals: np.ndarray, times: np.ndarray, names: tuple[str, ...]) -> Points:
    """Return rows to draw.

    Parameters
    ----------
    design, residuals, times
        The train rows, their residuals and times, all (n,).
    names
        The features, those to keep first.
    """
    order = np.argsort(times, kind="stable")
    some = order[np.unique(np.linspace(0, len(order) - 1, MOST_ROWS).round().astype(int))]
    position = {name: place for place, name in enumerate(design.names)}
    return Points(
        times=tuple(np.datetime_as_string(times[some], unit="s").tolist()),
        outcome=tuple((design.outcome[some] * design.outcome_scale).tolist()),
        residual=tuple((residuals[some] * design.outcome_scale).tolist()),
        features=tuple(
            FeatureValues(
                name=name,
                values=tuple(
                    (
                        design.exog[some, position[name] + 1] * design.scale[position[name]]
                        + design.center[position[name]]
                    ).tolist()
                ),
            )
            for name in names[:MOST_FEATURES]
        ),
    )
