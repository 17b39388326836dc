import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.columns import Kind
from core.ingest.values.notation import is_date_like, is_number_like, look_of
from core.ingest.values.numbers import has_leading_zeros, prove_decimal, read_formatted


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1,234.5", ".", 1234.5),
        ("1.234,5", ",", 1234.5),
        ("1 234,5", ",", 1234.5),
        ("1\u00a0234,5", ",", 1234.5),
        ("1'234.5", ".", 1234.5),
        ("12,34,567.89", ".", 1234567.89),
        ("$1,200.50", ".", 1200.5),
        ("-$3", ".", -3.0),
        ("$-3", ".", -3.0),
        ("5 EUR", ".", 5.0),
        ("Rs. 1,200.50", ".", 1200.5),
        ("HK$5", ".", 5.0),
        ("-12,5 kr", ",", -12.5),
        ("1,5 Mio.", ",", 1.5e6),
        ("1.5 Mrd €", ".", 1.5e9),
        ("12 Tsd.", ",", 12_000.0),
        ("R$ 1,5", ",", 1.5),
        ("(300.25)", ".", -300.25),
        ("300-", ".", -300.0),
        ("−7", ".", -7.0),
        ("5.5%", ".", 0.055),
        ("-2.1 %", ".", -0.021),
        ("25bps", ".", 0.0025),
        ("12,09M", ",", 12_090_000.0),
        ("1.5B", ".", 1.5e9),
        ("3k", ".", 3000.0),
        ("1e-3", ".", 0.001),
        (".5", ".", 0.5),
        ("-inf", ".", -np.inf),
    ],
)
def test_a_number_notation_is_read(text: str, decimal: str, number: float) -> None:
    assert read_formatted(pa.array([text]), decimal).values[0] == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize("text", ["1,2345", "1.2.3", "(300", "12a", "--5", "(-5)", "٣", "１２", "0x10", "1_000", "5-5"])
def test_a_cell_that_is_not_a_number_is_unparseable(text: str) -> None:
    numbers = read_formatted(pa.array([text, "1"]), ".")
    assert numbers.unparseable.tolist() == [0] and np.isnan(numbers.values[0])


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["1,5", "1,25"], ","),
        (["1.5"], "."),
        (["Rs. 1,5", "Mio. 2"], ","),
        (["0,5 Mio."], ","),
        (["1.234.567"], ","),
        (["1,234,567"], "."),
        (["1,234"], None),
        (["114.984"], None),
        (["0,123"], ","),
        (["1234,567"], ","),
    ],
)
def test_the_decimal_separator_is_proved_or_ambiguous(cells: list[str], mark: str | None) -> None:
    assert prove_decimal(pa.array(cells)) == mark


def test_codes_are_recognised_by_leading_zeros() -> None:
    assert has_leading_zeros(pa.array(["000001", "600519", "300750"]))
    assert not has_leading_zeros(pa.array([str(number) for number in range(100)]))
    assert not has_leading_zeros(pa.array(["01", *(str(number) for number in range(100, 200))]))


def test_other_columns_decide_an_ambiguous_decimal_separator(read) -> None:
    comma = read("Date;a;b\n2024-01-01;1,5;114.984\n2024-01-02;2,5;115.012\n")
    assert comma.read(["b"])["b"].tolist() == [114984, 115012] and comma.decimal == ","
    assert "thousands-assumed" in {finding.code for finding in comma.findings}
    point = read("Date;a;b\n2024-01-01;1.5;114.984\n2024-01-02;2.5;115.012\n")
    assert point.read(["b"])["b"].tolist() == [114.984, 115.012]
    assert "thousands-assumed" not in {finding.code for finding in point.findings}


def test_the_decimal_separator_can_be_set(read) -> None:
    text = 'Date,a\n2024-01-01,"1,234"\n2024-01-02,"2,345"\n'
    assert read(text).read(["a"])["a"].tolist() == [1234, 2345]
    assert read(text, decimal=",").read(["a"])["a"].tolist() == [1.234, 2.345]


def test_a_column_with_under_95_percent_numbers_is_kept_as_text(read) -> None:
    rows = [f"2024-01-{day:02},{'word' if day % 4 == 0 else day}" for day in range(1, 29)]
    dataset = read("\n".join(["Date,x", *rows]))
    assert dataset.column("x").kind in (Kind.TEXT, Kind.CATEGORY)
    finding = next(finding for finding in dataset.findings if finding.code == "mixed-column")
    assert (finding.count, finding.rows[:2]) == (7, (5, 9))


def test_a_nul_byte_does_not_shorten_a_number(read) -> None:
    rows = "".join(f"2024-01-{day:02},{day}\n" for day in range(3, 31))
    dataset = read(b"Date,x\n2024-01-01,12\x0034\n" + rows.encode())
    assert np.isnan(dataset.read(["x"])["x"].iloc[0]) and dataset.column("x").bad.unparseable == 1
    assert next(finding for finding in dataset.findings if finding.code == "nul-bytes").rows == (2,)


def test_integers_without_gaps_are_exact(read) -> None:
    dataset = read("Date,x\n2024-01-01,9007199254740993\n2024-01-02,2\n")
    assert dataset.read(["x"])["x"].tolist() == [9007199254740993, 2]
    gap = read("Date,x\n2024-01-01,9007199254740993\n2024-01-02,\n")
    assert "digits-lost" in {finding.code for finding in gap.findings}


@given(st.from_regex(r"[-+]?[0-9]{1,9}\.[0-9]{1,9}", fullmatch=True))
def test_digits_around_one_point_are_a_number_and_not_a_date(text: str) -> None:
    assert look_of(text) == "n"
    assert is_number_like(text) and not is_date_like(text)
