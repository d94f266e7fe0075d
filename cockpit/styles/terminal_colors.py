"""
Styles of terminals that have sixteen colors of their own, or none.

A dark ground such as #0d1117 becomes a bright grey where only sixteen colors exist, so these
name the terminal's colors instead, and ask for no ground but its black.
"""

from __future__ import annotations

from collections.abc import Mapping

from cockpit.viewmodels.cells import Tone

ANSI: Mapping[Tone, str] = {
    "text": "bright_white",
    "strong": "bold bright_white",
    "dim": "white",
    "faint": "bright_black",
    "border": "bright_black",
    "border_stale": "bright_yellow",
    "title": "bold white",
    "accent": "bright_cyan",
    "up": "bright_green",
    "up_fill": "bright_green",
    "up_area": "green",
    "down": "bright_red",
    "down_fill": "bright_red",
    "down_area": "red",
    "warn": "bright_yellow",
    "alarm": "bold bright_white on red",
    "own": "bold bright_magenta",
    "trend": "bright_cyan",
    "revert": "bright_green",
    "volatile": "bright_yellow",
    "stamp_sim": "black on white",
    "stamp_paper": "black on cyan",
    "stamp_replay": "bold bright_white on magenta",
    "stamp_testnet": "black on bright_cyan",
    "stamp_live": "bold bright_white on red",
    "state_active": "bold bright_green",
    "state_reducing": "black on bright_yellow",
    "state_halted": "bold bright_white on red",
    "key": "bold bright_cyan",
    "selected": "bold bright_white",
    "heat-4": "bold bright_white on red",
    "heat-3": "bright_white on red",
    "heat-2": "bold bright_red",
    "heat-1": "bright_red",
    "heat0": "white",
    "heat+1": "bright_cyan",
    "heat+2": "bold bright_cyan",
    "heat+3": "bright_white on blue",
    "heat+4": "bold bright_white on blue",
}
"""Bright letters, and dark backgrounds only: not every console has bright ones."""

ANSI_COLORBLIND: Mapping[Tone, str] = {
    **ANSI,
    "up": "bright_cyan",
    "up_fill": "bright_cyan",
    "up_area": "blue",
    "down": "bright_yellow",
    "down_fill": "bright_yellow",
    "down_area": "yellow",
    "alarm": "bold black on bright_yellow",
    "accent": "bright_white",
    "trend": "bright_cyan",
    "revert": "bright_magenta",
    "volatile": "bright_yellow",
    "stamp_testnet": "black on bright_cyan",
    "stamp_live": "bold black on bright_yellow",
    "state_active": "bold bright_cyan",
    "state_halted": "bold black on bright_yellow",
    "heat-4": "bold black on bright_yellow",
    "heat-3": "black on bright_yellow",
    "heat-2": "bold bright_yellow",
    "heat-1": "bright_yellow",
}
"""The same with blue up and yellow down."""

_REVERSED: frozenset[Tone] = frozenset(
    {"alarm", "state_halted", "state_reducing", "stamp_live", "stamp_paper", "stamp_sim",
     "stamp_replay", "stamp_testnet"}
)  # fmt: skip
_BOLD: frozenset[Tone] = frozenset(
    {"strong", "title", "own", "state_active", "key", "selected", "heat-4", "heat-3", "heat+3",
     "heat+4"}
)  # fmt: skip


def _colorless(tone: Tone) -> str:
    if tone in _REVERSED:
        return "bold reverse"
    return "bold" if tone in _BOLD else "none"


MONO: Mapping[Tone, str] = {tone: _colorless(tone) for tone in ANSI}
"""For NO_COLOR and terminals without colors: weight and reversal only."""
