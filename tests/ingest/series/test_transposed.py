"""Tables with their dates in a row are turned, and no other table is."""

import pytest

DAYS = [f"2024-01-{day:02}" for day in range(1, 29)]


def sideways(delimiter: str, dates: list[str], corner: str = "Item", above: str = "") -> str:
    values = [
        delimiter.join([name, *(str(size + place) for place in range(len(dates)))])
        for name, size in (("Sales", 7), ("Cost", 3))
    ]
    return "\n".join([*([above] if above else []), delimiter.join([corner, *dates]), *values])


@pytest.mark.fires("transposed")
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "dates", [DAYS, [f"{day}.01.2024" for day in range(13, 29)], [str(year) for year in range(1990, 2024)]]
)
@pytest.mark.parametrize("corner", ["Item", "", "Date"])
def test_a_table_with_its_dates_in_a_row_is_turned(read, delimiter: str, dates: list[str], corner: str) -> None:
    dataset = read(sideways(delimiter, dates, corner))
    assert [column.name for column in dataset.columns] == ["Date", "Sales", "Cost"]
    assert dataset.rows == len(dates)
    assert dataset.read(["Sales"])["Sales"].tolist() == [7 + place for place in range(len(dates))]


def test_lines_above_the_dates_are_left_out(read) -> None:
    assert read(sideways(",", DAYS, above="Annual report")).rows == len(DAYS)


def test_the_remedy_reads_the_table_as_it_is(read) -> None:
    dataset = read(sideways(",", DAYS))
    (finding,) = [finding for finding in dataset.findings if finding.code == "transposed"]
    assert (finding.remedy.field, finding.remedy.value) == ("transpose", False)


@pytest.mark.silent("transposed")
@pytest.mark.parametrize(
    "content",
    [
        "\n".join(["Date,Close", *(f"{day},1.5" for day in DAYS)]),
        "\n".join(["Date,2019,2020,2021,2022,2023", *(f"{day},1,2,3,4,5" for day in DAYS)]),
        "\n".join(["Date,2024-03-15,2024-06-21,2024-09-20,2024-12-20", *(f"{day},1.5,2,3,4" for day in DAYS)]),
    ],
)
def test_dates_in_a_column_are_not_turned(read, content: str) -> None:
    assert read(content).rows == len(DAYS)
