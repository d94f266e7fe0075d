"""What a cockpit calls itself to the engine."""

from __future__ import annotations

import getpass


def cockpit_name() -> str:
    """Who sits here, as the system knows: the engine adds a number, and tells others."""
    try:
        return f"cockpit:{getpass.getuser()}"
    except (KeyError, OSError):
        # A container's user number need not be in its passwd file.
        return "cockpit"
