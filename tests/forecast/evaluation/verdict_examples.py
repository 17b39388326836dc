"""Scores and diagnostics that tests of the verdict start from."""

from core.forecast.evaluation.naive_checks import NaiveChecks
from core.forecast.evaluation.scores import Scores

GOOD = Scores(
    n=188,
    rmse=21.0,
    mae=15.0,
    mase=0.9,
    r2_oos=0.16,
    directional_accuracy=0.58,
    dm_statistic=-3.1,
    dm_p_value=0.0021,
    pt_statistic=2.0,
    pt_p_value=0.02,
)
EVEN = Scores(
    n=188,
    rmse=23.1,
    mae=17.0,
    mase=1.0,
    r2_oos=-0.02,
    directional_accuracy=0.58,
    dm_statistic=0.8,
    dm_p_value=0.41,
    pt_statistic=0.1,
    pt_p_value=0.4,
)
BAD = Scores(
    n=188,
    rmse=40.0,
    mae=30.0,
    mase=1.9,
    r2_oos=-2.1,
    directional_accuracy=0.45,
    dm_statistic=6.0,
    dm_p_value=1e-7,
    pt_statistic=-1.0,
    pt_p_value=0.8,
)
PERSISTENCE = Scores(
    n=188,
    rmse=22.9,
    mae=17.0,
    mase=1.0,
    r2_oos=0.0,
    directional_accuracy=None,
    dm_statistic=None,
    dm_p_value=None,
    pt_statistic=None,
    pt_p_value=None,
)
MEAN = Scores(
    n=188,
    rmse=16.0,
    mae=12.0,
    mase=0.8,
    r2_oos=0.5,
    directional_accuracy=0.6,
    dm_statistic=-5.0,
    dm_p_value=1e-6,
    pt_statistic=None,
    pt_p_value=None,
)
VARIED = NaiveChecks(
    era="test",
    flatness=0.5,
    lag_peak=0,
    majority_share=0.52,
    drift_rmse=22.9,
    drift_statistic=-3.0,
    drift_p_value=0.003,
)
