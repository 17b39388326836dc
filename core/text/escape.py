"""Strings out of a user's file, made harmless for the place where they are shown."""

import html
import re
import unicodedata

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:^=@&\"'])")
# Streamlit makes links of what looks like an address, escaped or not; a word joiner, which is not seen, parts it.
_LINK = re.compile(r"(?=https?:|www\.)|(?<=@)", re.IGNORECASE)
_FORMULA = re.compile(r"^[=+\-@\t\r\n\x00＝＋－＠]")


def plain_text(text: str, most: int = 200) -> str:
    r"""Return the text without control and direction marks, on one line, cut at `most` characters.

    Examples
    --------
    >>> plain_text("close\u202eesolc\n")
    'closeesolc'
    """
    calm = "".join(
        " " if character in "\t\n\r" else character
        for character in text
        if character in "\t\n\r" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}
    ).strip()
    return calm if len(calm) <= most else f"{calm[: most - 1]}…"


def markdown_text(text: str) -> str:
    r"""Return text that Streamlit's markdown shows letter by letter: no markup, no HTML, no formula, no icon, no link.

    Examples
    --------
    >>> markdown_text("a*b* <i>")
    'a\\*b\\* \\<i\\>'
    >>> markdown_text("http://a").startswith("\u2060http")
    True
    """
    return _MARKDOWN.sub(r"\\\1", _LINK.sub("\u2060", plain_text(text, most=2000)))


def plotly_text(text: str, most: int = 60) -> str:
    """Return text that Plotly shows letter by letter: its labels read HTML and, between dollars, TeX.

    Examples
    --------
    >>> plotly_text("<b>$x$")
    '&lt;b&gt;&#36;x&#36;'
    """
    return html.escape(plain_text(text, most), quote=False).replace("$", "&#36;")


def spreadsheet_text(text: str) -> str:
    """Return a text cell that no spreadsheet takes for a formula: a leading `= + - @`, tab or the like gets a `'`.

    Examples
    --------
    >>> spreadsheet_text("=1+1"), spreadsheet_text("close")
    ("'=1+1", 'close')
    """
    return f"'{text}" if _FORMULA.match(text) else text
