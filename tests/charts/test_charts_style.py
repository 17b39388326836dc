"""The style: contrast, formatted numbers, and the texts of a finished figure."""

import re
import tomllib
from pathlib import Path

import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.charts.style import LOOKS, Look, Words, finish, label_rows, words_of
from core.text.format import format_number, format_p, format_percent

ROOT = Path(__file__).parents[2]
# Backgrounds of the app and of Streamlit.
BACKGROUNDS = {"light": {"#ffffff"}, "dark": {"#0e1117"}}


def luminance(color: str) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    shares = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def over(tint: str, background: str) -> str:
    """Return the colour of a translucent tint on a background."""
    *channels, alpha = (float(part) for part in re.findall(r"[\d.]+", tint))
    below = [int(background[place : place + 2], 16) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(alpha * c + (1 - alpha) * b):02x}" for c, b in zip(channels, below, strict=True))


def letters_and_lines(look: Look) -> dict[str, str]:
    models = {name: ink.color for name, ink in look.models.items()}
    return {"text": look.text, "muted": look.muted, "kept": look.kept, "unstable": look.unstable, **models}


def test_contrast_is_measured_as_in_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", LOOKS)
def test_text_and_lines_have_a_contrast_of_4_5_on_every_background(theme):
    for background in {LOOKS[theme].background, *BACKGROUNDS[theme]}:
        for name, color in letters_and_lines(LOOKS[theme]).items():
            assert contrast(color, background) >= 4.5, (name, background)


@pytest.mark.parametrize("theme", LOOKS)
def test_lines_have_a_contrast_of_4_5_on_the_tints_of_the_eras(theme):
    look = LOOKS[theme]
    for tint in look.eras:
        ground = over(tint, look.background)
        for name in ("text", "lstm", "persistence", "kept"):
            assert contrast(letters_and_lines(look)[name], ground) >= 4.5, (name, tint)


@pytest.mark.parametrize("theme", LOOKS)
def test_shapes_of_bad_and_dropped_have_a_contrast_of_3(theme):
    look = LOOKS[theme]
    for color in (look.bad, look.dropped):
        assert contrast(color, look.background) >= 3


@pytest.mark.parametrize("theme", LOOKS)
def test_numbers_on_the_correlation_map_have_a_contrast_of_4_5(theme):
    look = LOOKS[theme]
    for color in look.diverging:
        assert contrast(look.text, color) >= 4.5, color


def test_figures_and_app_share_background_and_text_colours():
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    for name, look in LOOKS.items():
        assert (theme[name]["backgroundColor"], theme[name]["textColor"]) == (look.background, look.text)


@pytest.mark.parametrize("theme", LOOKS)
def test_no_two_models_share_a_colour_or_a_dash(theme):
    inks = LOOKS[theme].models.values()
    assert len({ink.color for ink in inks}) == len({ink.dash for ink in inks}) == len(inks)


def test_fixed_meanings_have_their_colours():
    assert LOOKS["light"].model("lstm").color == "#0072B2"
    assert LOOKS["dark"].model("lstm").color == "#56B4E9"
    assert {look.bad for look in LOOKS.values()} == {"#D55E00"}
    assert LOOKS["light"].model("persistence").dash == "dash"
    assert LOOKS["light"].actual.color == LOOKS["light"].text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (0.0, "0"),
        (12345678, "12,345,678"),
        (1234.5678, "1,230"),
        (999.6, "1,000"),
        (99.95, "100"),
        (-0.00012345, "-0.000123"),
        (1.5, "1.5"),
        (2.0, "2"),
        (1e-9, "1e-9"),
        (1.23456e20, "1.23e20"),
        (float("nan"), "–"),
        (float("inf"), "–"),
        (None, "–"),
    ],
)
def test_numbers_have_three_significant_digits_and_thousands_separators(value, written):
    assert format_number(value) == written


@settings(max_examples=60)
@given(st.floats(-1e300, 1e300))
def test_a_formatted_number_is_within_half_a_percent(value):
    assert float(format_number(value).replace(",", "")) == pytest.approx(value, rel=0.0051, abs=5e-324)


@pytest.mark.parametrize(
    ("p_value", "written"),
    [(0.0, "p < 0.001"), (0.00099, "p < 0.001"), (0.001, "p = 0.001"), (0.03, "p = 0.03"), (1.0, "p = 1")],
)
def test_p_values_are_formatted(p_value, written):
    assert format_p(p_value) == written


@pytest.mark.parametrize(
    ("share", "written"),
    [(0, "0%"), (1, "100%"), (0.9999, "99.9%"), (0.00012, "0.012%"), (-0.5, "-50%"), (2.5, "250%")],
)
def test_shares_are_formatted_as_percentages(share, written):
    assert format_percent(share) == written


def test_a_finished_figure_has_its_texts_and_keeps_its_zoom():
    figure = finish(
        go.Figure(), Words(title="Title", x="Time", y="Price", alt="What is seen", subtitle="Small print"), "dark", 300
    )
    layout = figure.layout
    assert words_of(figure) == Words(title="Title", x="Time", y="Price", alt="What is seen", subtitle="Small print")
    assert (layout.xaxis.title.text, layout.yaxis.title.text) == ("Time", "Price")
    assert layout.title.text is None, "Plotly wraps no lines: the page shows the title"
    assert layout.height == 300
    template = layout.template.layout
    assert template.uirevision == "plumbline"
    assert template.paper_bgcolor == template.plot_bgcolor == "rgba(0,0,0,0)"


def words_of_all(text: str) -> Words:
    return Words(title=text, x=text, y=text, alt=text, subtitle=text)


def test_axis_titles_are_escaped():
    figure = finish(go.Figure(), words_of_all("<b>$x$</b>\u202e"), "light")
    layout = figure.layout
    for text in (layout.xaxis.title.text, layout.yaxis.title.text):
        assert text == "&lt;b&gt;&#36;x&#36;&lt;/b&gt;"


def test_long_texts_are_truncated():
    figure = finish(go.Figure(), words_of_all("word " * 2000), "light")
    assert (
        len(figure.to_json()) < len(finish(go.Figure(), Words(title="", x="", y="", alt=""), "light").to_json()) + 3000
    )


def test_names_that_are_equal_when_truncated_keep_their_own_rows():
    figure = go.Figure()
    label_rows(figure, ["a" * 100 + "1", "a" * 100 + "2"])
    assert figure.layout.yaxis.tickvals == (0, 1)
    assert len(figure.layout.yaxis.ticktext) == 2
