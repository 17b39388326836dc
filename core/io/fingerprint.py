"""Fingerprints of settings and results."""

import hashlib

from core.io.json import to_json


def fingerprint_of(*parts: object) -> str:
    """Return a key of 16 hexadecimal digits; equal parts give equal keys.

    Examples
    --------
    >>> fingerprint_of("abc", 1) == fingerprint_of("abc", 1) != fingerprint_of("abc", 2)
    True
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(to_json(part))
        digest.update(b"\x00")
    return digest.hexdigest()[:16]
