"""Byte-order marks and the detection of UTF-16 and UTF-32."""

import codecs

import numpy as np

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

OPENING = 65_536  # bytes that tell what a file is


def guess_wide(opening: bytes) -> str | None:
    r"""Return the UTF-16 or UTF-32 that a text without a byte-order mark is in, told by where its NUL bytes stand, or None.

    Examples
    --------
    >>> guess_wide("Date,Close".encode("utf-16-le")), guess_wide("Date,Close".encode("utf-32-be"))
    ('utf-16-le', 'utf-32-be')
    """
    sample = np.frombuffer(opening[:OPENING], dtype=np.uint8)
    sample = sample[: len(sample) - len(sample) % 4] == 0
    if not len(sample):
        return None
    # No letter of UTF-32 needs its last byte, and hardly one in a table the last but one.
    first, second, third, fourth = sample.reshape(-1, 4).mean(axis=0)
    if min(third, fourth) > 0.95 and first < 0.1:
        return "utf-32-le"
    if min(first, second) > 0.95 and fourth < 0.1:
        return "utf-32-be"
    even, odd = (first + third) / 2, (second + fourth) / 2
    if odd > 0.6 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 and odd < 0.1 else None


def wide_encoding(opening: bytes) -> str | None:
    """Return the UTF-16 or UTF-32 encoding that a byte-order mark or the pattern of NUL bytes tells, or None."""
    marked = next((encoding for bom, encoding in BOMS if opening.startswith(bom)), None)
    return guess_wide(opening) if marked is None else marked if marked != "utf-8" else None
