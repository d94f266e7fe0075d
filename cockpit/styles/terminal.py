"""What a terminal can show, from what its environment says of it."""

from __future__ import annotations

from collections.abc import Mapping

from rich.color import ColorSystem
from rich.console import Console

from cockpit.styles.palette256 import in_256_colors
from cockpit.styles.themes import ANSI, ANSI_COLORBLIND, MONO, THEMES, Theme

FEW_COLORS = {ColorSystem.STANDARD.name.lower(), ColorSystem.WINDOWS.name.lower()}
"""Rich's names of sixteen colors."""

_SET_BY_PYTHON = ("C.UTF-8", "C.utf8", "UTF-8")
"""What LC_CTYPE becomes in the C locale, by PEP 538."""
_WITHOUT_COLOR = ("vt", "dumb", "unknown")
_WITHOUT_UNICODE = ("linux", "vt", "dumb", "unknown", "cons25", "ansi")
"""How the names of such terminals begin."""


def theme_for(wanted: str, environ: Mapping[str, str], color_system: str | None) -> Theme:
    """
    Choose the theme that is wanted, or the nearest one that the terminal can show.

    Args:
        wanted: A name of `THEMES`.
        environ: Has NO_COLOR, TERM and COLORTERM where they are set.
        color_system: What Rich found: standard, 256, truecolor, windows or nothing.
    """
    if wanted == MONO.name or environ.get("NO_COLOR") or _has_no_color(environ):
        return MONO
    if color_system == "256":
        return in_256_colors(THEMES[wanted])
    if color_system is not None and color_system not in FEW_COLORS:
        return THEMES[wanted]
    return ANSI_COLORBLIND if wanted.endswith("colorblind") else ANSI


def lacks_unicode(environ: Mapping[str, str], encoding: str | None) -> bool:
    """
    Tell whether only ASCII is safe to send.

    Args:
        environ: TERM, LC_ALL, LC_CTYPE and LANG, the first of the last three that is set counts.
        encoding: Of the output, as Python chose it.
    """
    if encoding is not None and not _is_unicode(encoding):
        return True
    if environ.get("TERM", "").startswith(_WITHOUT_UNICODE):
        return True
    whole, letters, rest = (environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    # Python itself sets LC_CTYPE where it finds LANG=C: that says nothing of the terminal.
    locale = whole or (rest if letters in _SET_BY_PYTHON else letters) or rest
    return locale in {"C", "POSIX"} or ("." in locale and not _is_unicode(locale.split(".")[1]))


def color_system_here() -> str | None:
    """Rich's name of what the terminal of this process can do."""
    return Console(force_terminal=True, legacy_windows=False).color_system


def _has_no_color(environ: Mapping[str, str]) -> bool:
    return environ.get("TERM", "").startswith(_WITHOUT_COLOR) and not environ.get("COLORTERM")


def _is_unicode(encoding: str) -> bool:
    return encoding.lower().replace("-", "").replace("_", "").startswith("utf")
