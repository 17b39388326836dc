"""Claims: signed tokens that a page gives its browser to authorise uploads."""

import hmac
import os
import secrets
import time
from pathlib import Path

from core.workspace.files import storage_error

LASTS = 3600.0

_KEY = "claims.key"


def make_claim(home: Path, lasts: float = LASTS) -> str:
    """Return a claim that is valid for `lasts` seconds, on every server of this home."""
    until = f"{int(time.time() + lasts)}"
    return f"{until}.{_sign(home, until)}"


def holds(home: Path, claim: str) -> bool:
    """Return whether a text is a valid claim of this home that has not expired."""
    until, _, signature = claim.partition(".")
    return hmac.compare_digest(signature.encode(errors="replace"), _sign(home, until).encode()) and time.time() < int(
        until
    )


def sign(home: Path, purpose: str, text: str) -> str:
    """Return the signature of a text for one purpose, by the secret of a home."""
    return hmac.digest(_key(home), f"{purpose} {text}".encode(errors="replace"), "sha256").hex()


def _sign(home: Path, until: str) -> str:
    return sign(home, "upload until", until)


def _key(home: Path) -> bytes:
    """Return the secret of a home, created atomically at its first use."""
    path = home / _KEY
    try:
        if not path.exists():
            home.mkdir(parents=True, exist_ok=True)
            draft = home / f"{_KEY}.{secrets.token_hex(8)}"
            number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(number, "wb") as file:
                file.write(secrets.token_bytes(32))
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_bytes()
    except OSError as error:
        raise storage_error(error) from error
