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

HEAD_BYTES = 65_536  # enough to recognise the format and the encoding of a file


def guess_wide(head: bytes) -> str | None:
    r"""Return the UTF-16 or UTF-32 encoding of a text without a byte-order mark, or None if it is in neither.

    The positions of NUL bytes decide.

    Examples
    --------
    >>> guess_wide("Date,Close".encode("utf-16-le")), guess_wide("Date,Close".encode("utf-32-be"))
    ('utf-16-le', 'utf-32-be')
    """
    sample = np.frombuffer(head[:HEAD_BYTES], dtype=np.uint8)
    is_nul = sample[: len(sample) - len(sample) % 4] == 0
    if not len(is_nul):
        return None
    # The last byte of a UTF-32 character is always 0, and the last but one nearly always in a table.
    first, second, third, fourth = is_nul.reshape(-1, 4).mean(axis=0)
    if min(third, fourth) > 0.95 and first < 0.1:
        return "utf-32-le"
    if min(first, second) > 0.95 and fourth < 0.1:
        return "utf-32-be"
    even, odd = (first + third) / 2, (second + fourth) / 2
    if odd > 0.6 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 and odd < 0.1 else None


def wide_encoding(head: bytes) -> str | None:
    """Return the UTF-16 or UTF-32 encoding given by a byte-order mark or the NUL bytes, or None if it is neither."""
    marked = next((encoding for bom, encoding in BOMS if head.startswith(bom)), None)
    if marked is None:
        return guess_wide(head)
    return marked if marked != "utf-8" else None
