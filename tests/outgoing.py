"""Refuses and records every connection of a process and its children that leaves the machine."""

import os
from pathlib import Path

# Python imports a module of this name at its start.
_HOOK_FILE = "sitecustomize.py"
_HOOK = """
import sys

LOCAL = (None, "", "127.0.0.1", "::1", "localhost", "0.0.0.0", b"127.0.0.1", b"localhost")


def refuse(event, args):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = args[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(args[1], tuple):
        host = args[1][0]
    else:
        return
    if host not in LOCAL:
        with open({log!r}, "a") as log:
            print(event, host, file=log)
        raise OSError(f"{{event}} to {{host}} is refused")


sys.addaudithook(refuse)
"""
_LOG_FILE = "outgoing.log"


def refuse_outgoing(folder: Path) -> dict[str, str]:
    """Return the environment in which a Python process and its children reach no other machine."""
    hook = folder / "hook"
    hook.mkdir(exist_ok=True)
    (hook / _HOOK_FILE).write_text(_HOOK.format(log=str(folder / _LOG_FILE)))
    return os.environ | {"PYTHONPATH": str(hook)}


def outgoing(folder: Path) -> str:
    """Return what was refused, a line each."""
    log = folder / _LOG_FILE
    return log.read_text() if log.exists() else ""
