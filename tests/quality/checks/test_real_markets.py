"""Files as their publishers ship them: the page says what a careful person finds in them by hand, and is silent elsewhere."""

import pytest

from core.context import Context
from core.findings.model import Finding
from core.ingest import step as ingest_step
from core.quality import step as quality_step
from core.quality.profile import QualityProfile
from core.recipe.model import Recipe
from tests.ingest.test_real_files import REAL
from tests.quality.checks.test_market import CODES as MARKET

pytestmark = pytest.mark.skipif(REAL is None, reason="the folder of real files is not here (PLUMBLINE_REAL_DATA)")


@pytest.fixture(scope="module")
def profile_of(tmp_path_factory: pytest.TempPathFactory):
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


CODES = MARKET | {"knows-the-future", "same-row-direction"}


def told(profile: QualityProfile) -> dict[tuple[str, str], Finding]:
    return {(f.code, f.column): f for f in profile.findings if f.code in CODES}


def test_the_volumes_of_the_crypto_file_are_swapped_before_october_2020(profile_of) -> None:
    found = told(profile_of("cryptodatadownload_BTCUSD_1h.csv"))
    # One hour has a high of 5,080 between two of 4,790 and 4,770.
    assert set(found) == {("volumes-swapped", "Volume BTC"), ("bad-tick", "high")}
    swap = found["volumes-swapped", "Volume BTC"]
    # Counted by hand: 7,003 + 9,075 + 4,065 rows; 1,000 hours of March and April 2019 are right, four have no volume.
    assert swap.count == 20_143
    assert "the last on 2020-10-12 08:00" in swap.title
    assert (
        "2018-05-15 06:00 to 2019-03-03 (7,003 rows), 2019-04-13 17:00 to 2020-10-12 08:00 (13,140 rows)" in swap.detail
    )
    assert found["bad-tick", "high"].rows == (29662,)


def test_the_early_years_of_the_dax_are_quotes_without_volume(profile_of) -> None:
    profile = profile_of("yahoo_dax_null_rows.csv")
    found = told(profile)
    assert set(found) == {
        ("one-price-bars", "Close"),
        ("zero-volume", "Volume"),
        ("adjusted-equals-close", "Adj Close"),
    }
    assert found["one-price-bars", "Close"].count == 1489
    assert "1988-01-04 to 1993-12-13 (1,488 rows), 1997-05-29" in found["one-price-bars", "Close"].detail
    # 2,973 rows have a volume of 0; the first of them moved from nowhere.
    assert found["zero-volume", "Volume"].count == 2972
    assert "1988-01-04 to 1999-10-29 (2,964 rows)" in found["zero-volume", "Volume"].detail
    assert found["zero-volume", "Volume"].remedy.value == ("Volume",)
    assert found["adjusted-equals-close", "Adj Close"].count == 8846
    assert {column.name: column.bad.missing for column in profile.columns if column.kind.is_numeric} == dict.fromkeys(
        ("Open", "High", "Low", "Close", "Adj Close", "Volume"), 166
    )


def test_the_vix_is_one_quote_a_day_before_1992_and_has_wrong_opens(profile_of) -> None:
    found = told(profile_of("vix_daily.csv"))
    assert set(found) == {("one-price-bars", "CLOSE"), ("ohlc-disorder", "CLOSE"), ("bad-tick", "OPEN")}
    assert found["one-price-bars", "CLOSE"].count == 506
    assert "1990-01-02 to 1991-12-31 (505 rows), 2004-06-11" in found["one-price-bars", "CLOSE"].detail
    assert found["ohlc-disorder", "CLOSE"].count == 47
    assert found["ohlc-disorder", "CLOSE"].rows[:2] == (535, 540)
    # Opens of 36.55, 2.58 and 41.6 and highs of 31.36, 26.83 and 36.56 between neighbours of 11 to 16.
    assert found["bad-tick", "OPEN"].rows == (3542, 3715, 3745, 3889, 3923, 4060)


def test_the_adjusted_close_of_apple_looks_ahead_and_its_direction_is_of_the_same_day(profile_of) -> None:
    found = told(profile_of("plotly_apple_ohlc_bbands.csv"))
    assert set(found) == {("adjusted-close", "AAPL.Adjusted"), ("same-row-direction", "direction")}
    assert found["adjusted-close", "AAPL.Adjusted"].count == 500
    assert "AAPL.Close ended above AAPL.Open" in found["same-row-direction", "direction"].title
    assert found["same-row-direction", "direction"].remedy.value == ("direction",)


def test_five_stocks_under_each_other_are_judged_apart(profile_of) -> None:
    found = told(profile_of("plotly_dash_stock_ticker_demo.csv"))
    # Coca-Cola Bottling traded at 126 for a moment on 2015-08-24, between 157 and 156: true, and worth a look.
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
def test_files_without_such_faults_are_silent(name: str, profile_of) -> None:
    assert told(profile_of(name)) == {}
