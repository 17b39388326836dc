import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.findings.ingest.rows import TimeCode
from core.ingest.values.timecodes import decode_time_numbers
from core.ingest.values.times import read_times


def stamps(*cells: str | None, **options: object) -> list[str]:
    return read_times(pa.array(cells), **options).values.astype("datetime64[s]").astype(str).tolist()


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        ("2024-01-31", "2024-01-31T00:00:00"),
        ("2024/1/5", "2024-01-05T00:00:00"),
        ("2024.01.05 09:30", "2024-01-05T09:30:00"),
        ("2024-01-31T10:00:00.123Z", "2024-01-31T10:00:00"),
        ("2024-01-31 10:00+05:30", "2024-01-31T10:00:00"),
        ("31.01.2024", "2024-01-31T00:00:00"),
        ("1/31/2024 4:00 PM", "2024-01-31T16:00:00"),
        ("31-Jan-2024", "2024-01-31T00:00:00"),
        ("Jan 31, 2024", "2024-01-31T00:00:00"),
        ("Wed, 31 January 2024", "2024-01-31T00:00:00"),
        ("Nov-63", "1963-11-01T00:00:00"),
        ("Mar-24", "2024-03-01T00:00:00"),
        ("2020Q3", "2020-07-01T00:00:00"),
        ("1959:02", "1959-02-01T00:00:00"),
        ("20240131 153000", "2024-01-31T15:30:00"),
        ("2020-10-12 07-PM", "2020-10-12T19:00:00"),
        ("1600-01-01", "1600-01-01T00:00:00"),
        ("9999-12-31", "9999-12-31T00:00:00"),
    ],
)
def test_a_time_format_is_read(text: str, stamp: str) -> None:
    assert stamps(text) == [stamp]


@pytest.mark.parametrize("text", ["31/02/2024", "2024-13-01", "2023-02-29", "2024-01-31 25:00", "2024-01-01 10:75"])
def test_a_date_that_does_not_exist_is_not_a_time(text: str) -> None:
    assert stamps(text, "13/01/2024" if "/" in text else "2024-1-31")[0] == "NaT"


def test_a_number_above_twelve_proves_the_day_order() -> None:
    times = read_times(pa.array(["02/03/2024", "13/03/2024"]))
    assert (times.order, times.proof) == ("day first", "range")
    times = read_times(pa.array(["02/03/2024", "03/13/2024"]))
    assert (times.order, times.proof) == ("month first", "range")


def test_evenly_spaced_dates_decide_the_day_order() -> None:
    months = [f"{month}/1/{year}" for year in (1959, 1960, 1961) for month in range(1, 13)]
    times = read_times(pa.array(months))
    assert (times.order, times.proof) == ("month first", "sequence")


def test_without_proof_the_day_order_is_assumed() -> None:
    times = read_times(pa.array(["01/02/2024", "02/02/2024", "03/02/2024"]))
    assert times.proof == "assumed"
    assert read_times(pa.array(["01/02/2024"]), day_first=True).proof == "setting"


def test_two_digit_years_continue_over_a_century() -> None:
    months = pd.period_range("1926-07", "2025-08", freq="M")
    text = [f"{month.strftime('%b')}-{month.year % 100:02}" for month in months]
    for order in (slice(None), slice(None, None, -1)):
        read = read_times(pa.array(text[order])).values.astype("datetime64[M]")
        assert (read == months[order].to_timestamp().to_numpy("datetime64[M]")).all()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.datetimes(pd.Timestamp("1900-01-01"), pd.Timestamp("2100-01-01")), min_size=1, max_size=20),
    st.sampled_from(["%Y-%m-%d %H:%M:%S.%f", "%Y/%m/%d %H:%M:%S.%f", "%d %b %Y %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%fZ"]),
)
def test_formatted_times_are_read_back(moments: list, form: str) -> None:
    text = pa.array([moment.strftime(form) for moment in moments])
    assert read_times(text).values.tolist() == moments


def test_a_volume_is_not_read_as_epoch_seconds() -> None:
    volume = np.random.default_rng(0).integers(1_000_000_000, 4_000_000_000, 100)
    assert decode_time_numbers(volume, "volume") is None
    assert decode_time_numbers(np.sort(volume), "cumulated") is None
    assert decode_time_numbers(np.arange(1_600_000_000, 1_600_006_000, 60), "x")[1] is TimeCode.SECONDS


def test_compact_dates_need_valid_cells_and_a_time_name() -> None:
    assert decode_time_numbers(np.array([20240131, 20240201]), "date")[1] is TimeCode.DAYS
    assert decode_time_numbers(np.array([192607, 192608]), "Date")[1] is TimeCode.MONTHS
    assert decode_time_numbers(np.array([20240131, 20240232]), "date") is None
    assert decode_time_numbers(np.array([20240131, 20240201]), "price") is None
