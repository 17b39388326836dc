"""The texts of the errors in what a user types into a page."""

from core.errors.pages import NotNumbers


def test_not_numbers_names_the_setting_and_the_text():
    error = NotNumbers(setting="Lags", text="1, x")
    assert error.message == "Lags: '1, x' is not a list of numbers."
    assert error.hint == "Enter numbers separated by commas, such as 1, 5, 20."
