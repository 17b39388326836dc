"""Files as their publishers ship them: reported is what a careful reader finds in them by hand, and nothing else."""

from collections.abc import Callable

import numpy as np
import pytest

from core.context import Context
from core.findings.look_ahead import SameRowDirection
from core.findings.market import OnePriceBars, Span, VolumesSwapped, ZeroVolume
from core.findings.model import Finding
from core.ingest import step as ingest_step
from core.quality import step as quality_step
from core.quality.profile import QualityProfile
from core.recipe.model import Recipe
from tests.ingest.test_real_files import REAL
from tests.quality.checks.test_market import CODES as MARKET

pytestmark = pytest.mark.skipif(REAL is None, reason="the folder of real files is missing (PLUMBLINE_REAL_DATA)")

CODES = MARKET | {"knows-the-future", "same-row-direction"}


@pytest.fixture(scope="module")
def profile_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], QualityProfile]:
    known: dict[str, QualityProfile] = {}

    def make(name: str) -> QualityProfile:
        if name not in known:
            recipe = Recipe()
            if "fundamentals" in name:
                recipe = recipe.change("ingest", time_column="row number")
            dataset = ingest_step.read(REAL / name, recipe, tmp_path_factory.mktemp("real"))
            known[name] = quality_step.profile(Context(dataset=dataset, recipe=recipe))
        return known[name]

    return make


def reported(profile: QualityProfile) -> dict[tuple[str, str | None], Finding]:
    return {(f.code, f.column): f for f in profile.findings if f.code in CODES}


def span(start: str, stop: str, rows: int) -> Span:
    return Span(start=np.datetime64(start, "us"), stop=np.datetime64(stop, "us"), rows=rows)


def test_the_volumes_of_the_crypto_file_are_swapped_before_october_2020(profile_of) -> None:
    found = reported(profile_of("cryptodatadownload_BTCUSD_1h.csv"))
    # One hour has a high of 5,080 between two of 4,790 and 4,770.
    assert set(found) == {("volumes-swapped", "Volume BTC"), ("bad-tick", "high")}
    swap = found["volumes-swapped", "Volume BTC"]
    assert isinstance(swap, VolumesSwapped)
    # Counted by hand: 7,003 + 9,075 + 4,065 rows; 1,000 hours of March and April 2019 are right, four have no volume.
    assert swap.count == 20_143
    assert swap.last == np.datetime64("2020-10-12T08:00")
    assert swap.spans.longest == (
        span("2018-05-15T06:00", "2019-03-03", 7003),
        span("2019-04-13T17:00", "2020-10-12T08:00", 13_140),
    )
    assert found["bad-tick", "high"].rows == (29662,)


def test_the_early_years_of_the_dax_are_single_quotes_without_volume(profile_of) -> None:
    profile = profile_of("yahoo_dax_null_rows.csv")
    found = reported(profile)
    assert set(found) == {
        ("one-price-bars", "Close"),
        ("zero-volume", "Volume"),
        ("adjusted-equals-close", "Adj Close"),
    }
    flat, zeros = found["one-price-bars", "Close"], found["zero-volume", "Volume"]
    assert isinstance(flat, OnePriceBars) and isinstance(zeros, ZeroVolume)
    assert flat.count == 1489
    assert flat.spans.longest == (span("1988-01-04", "1993-12-13", 1488), span("1997-05-29", "1997-05-29", 1))
    # 2,973 rows have a volume of 0; the first of them has no row before it.
    assert zeros.count == 2972
    assert span("1988-01-04", "1999-10-29", 2964) in zeros.spans.longest
    assert zeros.remedy and zeros.remedy.value == ("Volume",)
    assert found["adjusted-equals-close", "Adj Close"].count == 8846
    assert {column.name: column.bad.missing for column in profile.columns if column.kind.is_numeric} == dict.fromkeys(
        ("Open", "High", "Low", "Close", "Adj Close", "Volume"), 166
    )


def test_the_vix_is_one_quote_a_day_before_1992_and_has_wrong_opens(profile_of) -> None:
    found = reported(profile_of("vix_daily.csv"))
    assert set(found) == {("one-price-bars", "CLOSE"), ("ohlc-disorder", "CLOSE"), ("bad-tick", "OPEN")}
    flat = found["one-price-bars", "CLOSE"]
    assert isinstance(flat, OnePriceBars)
    assert flat.count == 506
    assert flat.spans.longest == (span("1990-01-02", "1991-12-31", 505), span("2004-06-11", "2004-06-11", 1))
    assert found["ohlc-disorder", "CLOSE"].count == 47
    assert found["ohlc-disorder", "CLOSE"].rows[:2] == (535, 540)
    # Opens of 36.55, 2.58 and 41.6 and highs of 31.36, 26.83 and 36.56 between neighbours of 11 to 16.
    assert found["bad-tick", "OPEN"].rows == (3542, 3715, 3745, 3889, 3923, 4060)


def test_the_adjusted_close_of_apple_looks_ahead_and_its_direction_is_of_the_same_day(profile_of) -> None:
    found = reported(profile_of("plotly_apple_ohlc_bbands.csv"))
    assert set(found) == {("adjusted-close", "AAPL.Adjusted"), ("same-row-direction", "direction")}
    assert found["adjusted-close", "AAPL.Adjusted"].count == 500
    direction = found["same-row-direction", "direction"]
    assert isinstance(direction, SameRowDirection)
    assert (direction.price, direction.opening) == ("AAPL.Close", "AAPL.Open")
    assert direction.remedy.value == ("direction",)


def test_five_stocks_of_a_long_file_are_checked_separately(profile_of) -> None:
    found = reported(profile_of("plotly_dash_stock_ticker_demo.csv"))
    # Coca-Cola Bottling traded at 126 for a moment on 2015-08-24, between 157 and 156: real, and worth a look.
    assert set(found) == {("adjusted-close", "AdjClose"), ("bad-tick", "Low"), ("bad-tick", "AdjLow")}
    assert found["bad-tick", "Low"].rows == (2101,)


@pytest.mark.parametrize(
    "name",
    [
        "FRED_MD_2024-06.csv",
        "us_stock_fundamentals_2018_wide.csv",
        "french_370portfolios_wide.csv",
        "kdd17_wide_anonymised_f0_f274_target.csv",
        "ken_french_FF3_multisection.csv",
        "m6_assets_long.csv",
        "investing_br_ibovespa_decimal_comma.csv",
        "selva_economics.csv",
        "sp500_rv_vix_macro_mfgarch.csv",
    ],
)
def test_files_without_such_faults_have_no_finding(name: str, profile_of) -> None:
    assert reported(profile_of(name)) == {}
