"""Scores and diagnostics that tests of the verdict start from."""

from core.forecast.evaluation.naive_checks import NaiveChecks
from core.forecast.evaluation.scores import Scores, SignalTest


def signals(persistence: float, other: float | None = None, name: str = "drift") -> dict[str, SignalTest]:
    found = {"persistence": SignalTest(statistic=2.0, p_value=persistence)}
    return found if other is None else found | {name: SignalTest(statistic=2.0, p_value=other)}


def scores(loss: float, r2: float | None, dm: tuple[float, float] | None = None, **fields: object) -> Scores:
    given: dict[str, object] = {
        "n": 188,
        "mean_loss": loss,
        "r2_oos": r2,
        "rmse": 20 * loss,
        "mae": 15 * loss,
        "mase": loss,
        "directional_accuracy": 0.58,
        "dm_statistic": None if dm is None else dm[0],
        "dm_p_value": None if dm is None else dm[1],
    }
    return Scores(**(given | fields))


GOOD = scores(0.84, 0.16, (-3.1, 0.0021), cw=signals(0.0004), pt_statistic=2.0, pt_p_value=0.02)
EVEN = scores(1.02, -0.02, (0.8, 0.41), cw=signals(0.38), pt_statistic=0.1, pt_p_value=0.4)
BAD = scores(3.1, -2.1, (6.0, 1e-7), cw=signals(0.9), directional_accuracy=0.45, pt_statistic=-1.0, pt_p_value=0.8)
PERSISTENCE = scores(1.0, 0.0, directional_accuracy=None)
MEAN = scores(0.5, 0.0, cw=signals(1e-6))
VARIED = NaiveChecks(era="test", flatness=0.5, slope=0.8, slope_p_value=0.001, majority_share=0.52)
COPY = NaiveChecks(era="test", flatness=0.5, slope=-0.1, slope_p_value=0.7, majority_share=0.52)
