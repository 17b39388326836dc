import numpy as np
import pandas as pd
import pytest

from core.data.builtin import list_samples, write_sample
from core.data.columns import Kind
from core.data.eras import cut_eras
from core.errors.data import UnknownSample
from core.ingest.reader import read_table
from core.ingest.target import propose_target, require_target
from core.recipe.model import IngestSettings, SplitSettings


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("samples")
    known = {}
    for sample in list_samples():
        write_sample(sample.name, folder / f"{sample.name}.csv")
        known[sample.name] = read_table(folder / f"{sample.name}.csv", IngestSettings(), folder / sample.name)
    return known


def test_every_sample_can_be_read_and_its_target_forecast(samples) -> None:
    for sample in list_samples():
        dataset = samples[sample.name]
        assert dataset.time_column == "date" and dataset.frequency == "B"
        assert require_target(dataset, sample.target) == sample.target


def test_the_drivers_sample_covers_the_vix_and_has_three_broken_columns(samples) -> None:
    dataset = samples["sp500-drivers"]
    assert (dataset.start[:10], dataset.end[:10], dataset.rows) == ("2014-01-03", "2018-12-31", 1257)
    frame = dataset.read()
    assert frame["lot_size"].nunique() == 1 and frame["row_id"].is_unique
    eras = cut_eras(frame["date"], SplitSettings())
    last = frame.loc[frame["dead_feed"].notna(), "date"].max()
    assert last < pd.Timestamp(eras.validation_from) and frame["dead_feed"].notna().mean() == pytest.approx(
        0.4, abs=0.01
    )
    assert dataset.column("wti").bad.missing > 0 and dataset.column("lot_size").kind == Kind.INTEGER


def test_yields_are_published_a_month_after_their_month_ends(samples) -> None:
    frame = samples["sp500-drivers"].read(["date", "yield_aaa"]).set_index("date")["yield_aaa"]
    from arch.data import default

    monthly = default.load()["AAA"]
    assert frame.loc["2016-05-31"] == monthly.loc["2016-03-01"]
    assert frame.loc["2016-04-29"] == monthly.loc["2016-02-01"]


def test_the_panel_has_three_series_and_oil_has_no_volume(samples) -> None:
    dataset = samples["three-markets-panel"]
    assert dataset.series_column == "market" and propose_target(dataset) == "close"
    frame = dataset.read()
    assert frame["market"].nunique() == 3
    assert np.isnan(frame.loc[frame["market"] == "WTI oil", "volume"]).all()


def test_an_unknown_sample_is_refused_with_the_known_names(tmp_path) -> None:
    with pytest.raises(UnknownSample) as refusal:
        write_sample("gold", tmp_path / "x.csv")
    assert refusal.value.known == tuple(sample.name for sample in list_samples())
