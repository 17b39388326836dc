"""The value behind a loss that is infinite or NaN."""

import numpy as np
import pytest

from core.errors.training import LossDiverged
from core.forecast.network.extreme_values import check_extreme, find_extreme, naming_extremes
from core.samples.features import FeaturePlan, FeatureStep

PLAN = FeaturePlan((FeatureStep(name="change", source="oil", kind="difference"),), 1)


@pytest.fixture
def w(world, random_walk):
    return world(random_walk(160, 3))


@pytest.fixture
def windows(w):
    return w.windows(6)


@pytest.mark.silent("extreme-value")
def test_ordinary_values_are_not_named(w, windows):
    assert find_extreme(windows, w.names, w.features.lines) is None
    assert check_extreme(windows, w.names, w.features.lines, PLAN, "y") is None
    with pytest.raises(LossDiverged) as caught, naming_extremes(windows, w.names, w.features.lines):
        raise LossDiverged(epoch=1)
    assert caught.value.feature is caught.value.line is caught.value.size is None


@pytest.mark.fires("extreme-value")
@pytest.mark.parametrize(("value", "size"), [(-85.0, 85.0), (np.nan, np.inf)])
def test_an_extreme_input_is_named_with_its_line(w, windows, value, size):
    windows.inputs[40, 0] = value
    finding = check_extreme(windows, w.names, w.features.lines, PLAN, "y")
    assert (finding.column, finding.feature, finding.line, finding.size) == ("oil", "change", 42, size)
    with pytest.raises(LossDiverged) as caught, naming_extremes(windows, w.names, w.features.lines):
        raise LossDiverged(epoch=1)
    assert (caught.value.epoch, caught.value.feature, caught.value.line, caught.value.size) == (1, "change", 42, size)


def test_an_extreme_outcome_is_named_with_the_line_of_its_origin(w, windows):
    windows.outcomes[30] = 1e20
    finding = check_extreme(windows, w.names, w.features.lines, PLAN, "y")
    assert (finding.column, finding.feature, finding.line) == ("y", None, windows.ends[30] + 2)
    assert finding.size == pytest.approx(1e20)


def test_the_test_era_is_not_searched(w, windows):
    windows.inputs[-1, 0] = windows.outcomes[-1] = np.nan
    assert find_extreme(windows, w.names, w.features.lines) is None
