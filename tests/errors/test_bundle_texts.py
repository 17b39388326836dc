"""The sentences of the errors of bundles and of the rows that they score."""

import pytest

from core.errors.bundle import (
    BundleChanged,
    BundleTooLarge,
    BundleUnreadable,
    DamagedBundle,
    InvalidManifest,
    MissingModelColumns,
    ModelColumnsNotNumeric,
    NoFinitePrediction,
    NoFullWindow,
    NotABundle,
)
from core.errors.model import PlumblineError


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            NotABundle(found="it is not a ZIP file"),
            "Not a valid bundle: it is not a ZIP file. Choose the bundle.zip of a run, and check where it comes from.",
        ),
        (
            BundleChanged(),
            "The bundle was changed after it was exported: its checksum does not match. Export it again; to use a bundle "
            "that you unzipped, name its folder.",
        ),
        (
            DamagedBundle(reason="its weights do not match the manifest"),
            "The bundle is damaged: its weights do not match the manifest. Export the bundle again.",
        ),
        (
            InvalidManifest(field="task.horizon", reason="Field required"),
            "The bundle's manifest is invalid or of another version; task.horizon: Field required. Export the bundle again.",
        ),
        (
            BundleUnreadable(path="bundle.zip", reason="Permission denied"),
            "bundle.zip cannot be read: Permission denied. Check the path.",
        ),
        (
            BundleTooLarge(what="bundle.zip", most_mib=64),
            "bundle.zip is larger than 64 MiB. Check that it is a bundle, and where it comes from.",
        ),
        (
            NoFinitePrediction(count=12, total=12),
            "12 of 12 predictions are missing or infinite. Check that the target has the unit of training, is positive if its "
            "returns are predicted, and that the bundle is whole.",
        ),
        (
            NoFullWindow(window=30, rows=12, needed=52),
            "No row has a full window: 30 consecutive rows are needed, and 12 rows are left after cleaning and features. "
            "Give at least 52 complete rows of each series.",
        ),
        (
            MissingModelColumns(columns=("vix", "oil")),
            "The data lack 'vix', 'oil', which the model was trained with. Give a file with the columns of the training data.",
        ),
        (
            ModelColumnsNotNumeric(columns=("vix",), kind="text"),
            "The model needs numbers in 'vix'; the file holds text there. Correct the cells that are not numbers.",
        ),
    ],
    ids=lambda value: value.code if isinstance(value, PlumblineError) else "",
)
def test_text(error: PlumblineError, text: str) -> None:
    assert str(error) == text
