"""Characters that cannot be seen, made visible."""

import unicodedata

# Control, format (direction marks, zero widths), surrogate and private characters, and separators of lines and paragraphs.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# These have no ink either, though they are letters or marks.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5")


def visible_text(text: str) -> str:
    r"""Return the text with every character that cannot be seen written out, but for tabs.

    A direction mark shows letters in another order than the file has them, and a zero width hides that two names differ.

    Examples
    --------
    >>> visible_text("close\u202e,12\u200b3\tx")
    'close⟨U+202E⟩,12⟨U+200B⟩3\tx'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"⟨U+{ord(character):04X}⟩"
        if character in _BLANK or (unicodedata.category(character) in _UNSEEN and character != "\t")
        else character
        for character in text
    )
