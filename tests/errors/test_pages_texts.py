"""The texts of the errors in what a user types into a page."""

from core.errors.pages import NotComparable, NotNumbers, RowNotFound


def test_not_numbers_names_the_setting_and_the_text():
    error = NotNumbers(setting="Lags", text="1, x")
    assert error.message == "Lags: '1, x' is not a list of numbers."
    assert error.hint == "Enter numbers separated by commas, such as 1, 5, 20."


def test_not_comparable_names_the_column_the_text_and_what_to_enter():
    number = NotComparable(column="close", text="high", kind="a number")
    assert number.message == "'high' is not a number, so close cannot be compared with it."
    assert "number" in number.hint and "date" in NotComparable(column="day", text="high", kind="a date").hint


def test_row_not_found_repeats_what_was_looked_for():
    assert "'soon'" in RowNotFound(text="soon").message
