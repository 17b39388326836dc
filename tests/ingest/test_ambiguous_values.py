"""Dates and numbers that can be read in several ways: the value, the finding that reports it, and the setting that changes it."""

import json

import numpy as np
import pytest

from core.data.columns import Kind
from core.data.dataset import Dataset
from core.errors.model import DataError, RecipeError
from core.errors.series import InvalidDates, MixedDateFormats, NoDates, TransposedTable, WrongDayOrder
from core.findings.model import Finding, Severity
from core.recipe.model import Recipe
from core.recipe.remedies import apply_remedy

DAYS = np.arange("2024-01-25", "2024-03-05", dtype="datetime64[D]")
SECONDS = DAYS.astype("datetime64[s]").astype(np.int64)


def table(stamps, name: str = "date") -> str:
    return "\n".join([f"{name},close", *(f"{stamp},{place}.5" for place, stamp in enumerate(stamps))])


def finding_of(dataset: Dataset, code: str) -> Finding:
    (found,) = [finding for finding in dataset.findings if finding.code == code]
    return found


def stamps_of(dataset: Dataset) -> list[str]:
    return dataset.read([dataset.time_column])[dataset.time_column].astype(str).tolist()


CODED = {
    "epoch seconds": SECONDS,
    "epoch milliseconds": SECONDS * 1_000,
    "epoch microseconds": SECONDS * 1_000_000,
    "epoch nanoseconds": SECONDS * 1_000_000_000,
    "YYYYMMDD": [str(day).replace("-", "") for day in DAYS],
    "Excel day numbers": (DAYS - np.datetime64("1899-12-30")).astype(int),
}


@pytest.mark.parametrize("code", CODED)
def test_numbers_read_as_times_are_reported_and_can_be_kept_as_numbers(read, code):
    dataset = read(table(CODED[code]))
    assert stamps_of(dataset) == [str(day) for day in DAYS]
    found = finding_of(dataset, "time-code")
    assert code in found.title and found.detail.endswith("is read as 2024-01-25.") and found.column == "date"
    kept = apply_remedy(Recipe(), found.remedy).ingest
    assert kept.as_numbers == ("date",)
    again = read(table(CODED[code]), as_numbers=kept.as_numbers)
    assert again.column("date").kind is Kind.INTEGER and again.is_counted
    assert not [finding for finding in again.findings if finding.code == "time-code"]


def test_one_number_that_is_not_a_time_leaves_the_others_times(read):
    epochs = read(table([*SECONDS, 253402214400], "ts"))
    assert (epochs.rows, epochs.end[:10]) == (len(DAYS), str(DAYS[-1]))
    assert finding_of(epochs, "footer").rows == (len(DAYS) + 2,)
    days = read(table([*CODED["YYYYMMDD"], "20240231"]))
    assert (days.rows, days.end[:10]) == (len(DAYS), str(DAYS[-1]))
    assert finding_of(days, "footer").rows == (len(DAYS) + 2,)
    assert (days.folder / "bad_cells.csv").read_text().splitlines()[1:] == [f"{len(DAYS) + 2},date,20240231"]
    assert read(table([*SECONDS, 10**18], "ts")).rows == len(DAYS)


def test_numbers_of_which_many_are_not_times_are_kept_as_numbers(read):
    dataset = read(table([*SECONDS, *range(10)], "ts"))
    assert dataset.column("ts").kind is Kind.INTEGER and dataset.is_counted


def test_months_and_years_as_numbers_are_reported(read):
    months = read(table([f"20{year}{month:02d}" for year in (22, 23) for month in range(1, 13)]))
    assert (finding_of(months, "time-code").example, str(finding_of(months, "time-code").first)[:10]) == (
        "202201",
        "2022-01-01",
    )
    years = read(table(range(1990, 2010), "year"))
    assert (years.start[:10], str(finding_of(years, "time-code").first)[:10]) == ("1990-01-01", "1990-01-01")
    assert read(table(range(1990, 2010), "year"), as_numbers=("year",)).is_counted


def test_a_counter_can_be_the_time_column_and_is_kept_as_numbers(read):
    dataset = read(table(range(202201, 202213)), time_column="date", as_numbers=("date",))
    found = finding_of(dataset, "time-counted")
    assert (found.column, found.is_row_number, dataset.frequency) == ("date", False, "s")


def test_iso_dates_are_not_coded_times(read):
    assert read(table(DAYS)).findings == ()


ARABIC = str.maketrans("0123456789.", "٠١٢٣٤٥٦٧٨٩٫")
WIDE = str.maketrans("0123456789.-", "０１２３４５６７８９．－")


@pytest.mark.parametrize("script", [ARABIC, WIDE])
def test_digits_of_other_scripts_are_read_and_reported(read, script):
    values = [f"{place * 37 - 100}.25" for place in range(len(DAYS))]
    rows = [f"{str(day).translate(script)},{value.translate(script)}" for day, value in zip(DAYS, values, strict=True)]
    dataset = read("\n".join(["date,close", *rows]))
    assert stamps_of(dataset) == [str(day) for day in DAYS]
    assert dataset.read(["close"])["close"].tolist() == [float(value) for value in values]
    assert "digits of other scripts" in finding_of(dataset, "number-notation").title
    assert finding_of(dataset, "number-notation").count == 2


def test_text_with_digits_of_other_scripts_is_unchanged(read):
    rows = [f"{day},第{'０１２３'[place % 4]}回" for place, day in enumerate(DAYS)]
    dataset = read("\n".join(["date,note", *rows]))
    assert dataset.read(["note"])["note"].iloc[1] == "第１回"
    assert dataset.findings == ()


def test_one_cell_in_digits_of_another_script_is_read_as_a_number(read):
    rows = [f"{day},{'١٢' if place == 7 else place}" for place, day in enumerate(DAYS)]
    dataset = read("\n".join(["date,close", *rows]))
    assert dataset.read(["close"])["close"].tolist() == [12 if place == 7 else place for place in range(len(DAYS))]
    assert finding_of(dataset, "number-notation").severity is Severity.INFO


MONTHS = {
    "German": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "short German": "Jän Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez",
    "French": "janv. févr. mars avril mai juin juil. août sept. oct. nov. déc.",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "Italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "Portuguese": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "Dutch": "januari februari maart april mei juni juli augustus september oktober november december",
}


@pytest.mark.parametrize("language", MONTHS)
def test_month_names_of_other_languages_are_read(read, language):
    days = [f"2021-{month:02d}-{day:02d}" for month in range(1, 13) for day in (3, 17)]
    names = MONTHS[language].split()
    written = [f"{int(day[8:])}. {names[int(day[5:7]) - 1]} {day[:4]}" for day in days]
    if language in ("Spanish", "Portuguese"):
        written = [text.replace(". ", " de ").replace(" 2021", " de 2021") for text in written]
    dataset = read(table(written))
    assert stamps_of(dataset) == days
    assert finding_of(dataset, "month-names").severity is Severity.INFO


def test_english_month_names_are_not_reported(read):
    written = [f"{day.astype(object):%d %b %Y}" for day in DAYS]
    assert read(table(written)).findings == ()


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ([f"2020年{month}月1日" for month in range(1, 13)], "2020-01-01"),
        ([f"2020-W{week:02d}" for week in range(1, 53)], "2019-12-30"),
        ([f"2020W{week:02d}5" for week in range(1, 53)], "2020-01-03"),
        ([f"2024-01-{day:02d}T09:30:00-05:00[America/New_York]" for day in range(2, 20)], "2024-01-02 09:30:00"),
    ],
)
def test_less_common_date_formats_are_read(read, written, first):
    dataset = read(table(written))
    assert stamps_of(dataset)[0] == first
    assert np.isin(["time-gaps", "unparseable-cells"], [finding.code for finding in dataset.findings]).sum() == 0


def test_unreadable_dates_are_rejected_with_a_cell_and_its_line(read):
    written = table([f"{day}. března 2020" for day in range(1, 20)], "Datum")
    with pytest.raises(DataError, match=r"'Datum' holds '1\. března 2020' in line 2\.") as caught:
        read(written)
    assert "2024-01-31" in caught.value.hint
    with pytest.raises(RecipeError, match=r"such as '1\. března 2020' in line 2\."):
        read(written, time_column="Datum")


def test_identifiers_are_not_taken_for_unreadable_dates(read):
    with pytest.raises(NoDates):
        read("\n".join(["isin,close", *(f"US037833100{place},{place}.5" for place in range(10))]))


def test_an_implausible_date_is_reported_with_its_line(read):
    dataset = read(table([*DAYS, "2150-12-31"]))
    found = finding_of(dataset, "far-times")
    assert (found.severity, found.rows, found.count) == (Severity.WARNING, (len(DAYS) + 2,), 1)
    assert "2150-12-31" in found.detail
    assert finding_of(read(table(["1700-01-01", *DAYS])), "far-times").rows == (2,)
    assert read(table(np.arange("1800", "2100", dtype="datetime64[Y]").astype("datetime64[D]"))).findings == ()


def test_an_invalid_date_can_prove_the_order_of_day_and_month(read):
    dataset = read(table([*(f"{1 + place % 9:02}/{1 + place // 9:02}/2020" for place in range(40)), "30/02/2020"]))
    assert finding_of(dataset, "day-month-proved").rows == (42,)
    assert finding_of(dataset, "day-month-proved").title == "date is read day first: line 42 proves it"


def test_the_proof_of_the_order_of_day_and_month_is_reported_with_its_line(read):
    dataset = read(table([f"{day.astype(object):%d/%m/%Y}" for day in DAYS[7:]]))
    assert dataset.day_order == "day first, proved by line 14"
    assert (finding_of(dataset, "day-month-proved").rows, stamps_of(dataset)[0]) == ((14,), "2024-02-01")
    american = read(table([f"{day.astype(object):%m/%d/%Y}" for day in DAYS[7:]]))
    assert american.day_order == "month first, proved by line 14"
    assert read(table([f"{day.astype(object):%d/%m/%Y}" for day in DAYS]), day_first=True).day_order is None


def test_the_line_of_the_header_is_stored(read):
    dataset = read("Prices of the day\n\n" + table(DAYS))
    assert dataset.header_line == 3
    assert json.loads((dataset.folder / "dataset.json").read_text())["header_line"] == 3
    assert read("\n".join(table(DAYS).split("\n")[1:])).header_line is None


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.fires("encoding-assumed")
def test_wide_text_without_a_byte_order_mark_is_read_and_reported(read, encoding):
    dataset = read(f"date,größe\n{table(DAYS).partition(chr(10))[2]}".encode(encoding))
    assert (dataset.encoding, dataset.rows, dataset.columns[1].name) == (encoding, len(DAYS), "größe")
    assert finding_of(dataset, "encoding-assumed").severity is Severity.INFO


def test_basis_points_are_converted_and_reported(read):
    dataset = read(table(DAYS).replace(".5", ".5 bps"))
    assert dataset.read(["close"])["close"].tolist()[:2] == [0.00005, 0.00015]
    assert "basis points" in finding_of(dataset, "number-notation").title


def test_a_count_of_one_is_written_in_the_singular(read):
    content = "A title\n" + table([*DAYS, DAYS[-1]]).replace(",3.5", ",x").replace(",5.5", ",5.5,more") + "\nTotal,1\n"
    findings = read(content).findings
    assert {("unparseable-cells", 1), ("ragged-rows", 1), ("duplicate-times", 1), ("preamble", 1), ("footer", 1)} <= {
        (finding.code, finding.count) for finding in findings
    }
    assert not [finding for finding in findings if "1 cells" in finding.title or "1 rows" in finding.title]


def intraday(clocks: list[str], clock_name: str) -> str:
    rows = [f"{str(day).replace('-', '')},{clock},{place}.5" for place, day in enumerate(DAYS) for clock in clocks]
    return "\n".join([f"<DATE>,{clock_name},close", *rows])


@pytest.mark.parametrize("clocks", [["093000", "100000", "153000"], ["0930", "1000", "1530"], ["930", "1000", "1530"]])
def test_a_time_of_day_in_digits_is_joined_with_its_date_and_is_no_series_column(read, clocks):
    dataset = read(intraday(clocks, "<TIME>"))
    assert stamps_of(dataset)[:3] == [f"2024-01-25 {clock}:00" for clock in ("09:30", "10:00", "15:30")]
    assert dataset.series_column is None
    assert finding_of(dataset, "date-and-clock-joined").column == "<DATE>"


@pytest.mark.parametrize(("clocks", "name"), [(["0930", "1000"], "code"), (["0930", "1075"], "time")])
def test_digits_that_are_not_a_time_of_day_are_not_joined(read, clocks, name):
    dataset = read(intraday(clocks, name))
    assert not [finding for finding in dataset.findings if finding.code == "date-and-clock-joined"]


def test_times_in_a_named_zone_are_kept_in_it(read):
    days = ["2024-03-08", "2024-03-11", "2024-11-01", "2024-11-04"]
    dataset = read(table([f"{day} 09:30:00 America/New_York" for day in days]))
    assert [stamp[11:] for stamp in stamps_of(dataset)] == ["09:30:00"] * 4
    found = finding_of(dataset, "time-zones")
    assert (found.count, found.zone) == (4, "America/New_York")
    compact = read(table([f"{day.replace('-', '')} 09:30:00 US/Eastern" for day in days]))
    assert stamps_of(compact) == stamps_of(dataset)
    with pytest.raises(DataError, match="Nowhere/Land"):
        read(table([f"{day} 09:30:00 Nowhere/Land" for day in days]))


def test_a_transposed_table_can_be_left_as_it_is(read):
    content = "\n".join(["name," + ",".join(map(str, DAYS)), *(f"{firm}{',1.5' * len(DAYS)}" for firm in "ABC")])
    with pytest.raises(TransposedTable) as caught:
        read(content, transpose=False)
    assert caught.value.example == "2024-01-25"


def test_comment_lines_above_the_header_are_not_part_of_it(read):
    content = table(DAYS).replace("date,close", "# of the exchange, adjusted\n#, by us\ndate,close")
    dataset = read(content)
    assert [column.name for column in dataset.columns] == ["date", "close"]
    assert finding_of(dataset, "preamble").rows == (1, 2)


def test_mixed_date_formats_are_rejected_with_an_example_of_each(read):
    mixed = [str(day) if place % 2 else f"{day.astype(object):%d/%m/%Y}" for place, day in enumerate(DAYS)]
    with pytest.raises(MixedDateFormats, match=r"'2024-01-26' in line 3, '25/01/2024' in line 2\."):
        read(table(mixed))
    wrong = table([f"{day.astype(object):%d/%m/%Y}" for day in DAYS])
    with pytest.raises(WrongDayOrder, match=r"month first.*'25/01/2024' in line 2"):
        read(wrong, day_first=False)
    with pytest.raises(InvalidDates, match=r"'2024-02-40' in line 3"):
        read(table(["2024-02-04", "2024-02-40"] * 10))
    with pytest.raises(DataError, match=r"'date' holds '2024-13-45' in line 2\."):
        read(table(["2024-13-45"] * 10))


@pytest.mark.parametrize("cut", [1, 3, 7, 12])
@pytest.mark.fires("cut-off")
def test_a_text_cut_off_in_its_last_line_is_reported(read, cut):
    whole = "\n".join(["date,close", *(f"{day},{100 + place}.25" for place, day in enumerate(DAYS))])
    found = finding_of(read(whole[:-cut]), "cut-off")
    assert (found.severity, found.rows) == (Severity.WARNING, (len(DAYS) + 1,))
    assert read(whole).findings == () == read(f"{whole}\n").findings


@pytest.mark.silent("cut-off")
def test_a_last_line_with_a_shorter_value_is_not_cut_off(read):
    volumes = [f"{day},{10**place if place < 9 else 5}" for place, day in enumerate(DAYS)]
    assert "cut-off" not in [finding.code for finding in read("\n".join(["date,vol", *volumes])).findings]
    footer = read("\n".join(["date,close", *(f"{day},1.25" for day in DAYS), "Source: us"]))
    assert [finding.code for finding in footer.findings] == ["footer"]


@pytest.mark.parametrize(
    ("cells", "words", "severity"),
    [
        (["5.5%", "0.055"], "percent signs in some cells", Severity.WARNING),
        (["5.5%", "0"], "percent signs were", Severity.INFO),
        (["$5", "€5"], "several currencies", Severity.WARNING),
        (["$5", "5"], "currency signs", Severity.INFO),
    ],
)
def test_mixed_notations_within_a_column_are_a_warning(read, cells, words, severity):
    dataset = read("\n".join(["date,x", *(f"{day},{cells[place % 2]}" for place, day in enumerate(DAYS))]))
    found = finding_of(dataset, "number-notation")
    assert words in found.title and found.severity is severity


@pytest.mark.parametrize("written", ["{}.5 p", "~{}.25", "{}.5 of", "< {}.1"])
def test_numbers_with_unknown_characters_are_kept_as_text_and_reported(read, written):
    dataset = read("\n".join(["date,x", *(f"{day},{written.format(place)}" for place, day in enumerate(DAYS))]))
    assert dataset.column("x").kind is Kind.TEXT
    assert dataset.read(["x"])["x"].iloc[7] == written.format(7)
    found = finding_of(dataset, "mixed-column")
    assert (found.severity, found.count, found.column) == (Severity.WARNING, len(DAYS), "x")


def test_codes_and_words_are_text_without_findings(read):
    rows = [f"{day},A{place},fund of {place}" for place, day in enumerate(DAYS)]
    assert read("\n".join(["date,code,name", *rows])).findings == ()


@pytest.mark.silent("header-rows")
def test_a_sentence_with_commas_above_the_header_is_not_part_of_it(read):
    dataset = read("Prices of the exchange, adjusted\n" + table(DAYS))
    assert [column.name for column in dataset.columns] == ["date", "close"]
    assert finding_of(dataset, "preamble").rows == (1,)


MONTHS_60 = np.arange("1871-01", "1876-01", dtype="datetime64[M]")
YEAR_PARTS = [(int(str(month)[:4]), int(str(month)[5:])) for month in MONTHS_60]


@pytest.mark.parametrize(
    "written",
    [
        [f"{year}.{month:02d}".rstrip("0") for year, month in YEAR_PARTS],
        [f"{year + (month - 1) / 12:.3f}" for year, month in YEAR_PARTS],
    ],
)
def test_decimal_years_are_read_as_months_and_reported(read, written):
    dataset = read(table(written, "Date"))
    assert (dataset.rows, dataset.frequency) == (60, "MS")
    assert [stamp[:7] for stamp in stamps_of(dataset)] == [str(month) for month in MONTHS_60]
    assert "years and months" in finding_of(dataset, "time-code").title
    assert read(table(written, "Date"), as_numbers=("Date",)).is_counted
    assert read(table(written, "level")).is_counted


def test_fractions_of_a_second_are_kept_in_epochs(read):
    dataset = read(table([f"{second}.25" for second in SECONDS], "time"))
    assert stamps_of(dataset)[0].startswith("2024-01-25 00:00:00.25")
    to_and_fro = [f"{second + 10**8 * (place % 3)}.25" for place, second in enumerate(SECONDS)]
    assert read(table(to_and_fro, "day volume")).is_counted
    assert read(table([f"{second}.25" for second in SECONDS], "volume")).is_counted
