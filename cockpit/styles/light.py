"""Colors of the theme on a light ground."""

from __future__ import annotations

from collections.abc import Mapping

from cockpit.viewmodels.cells import Tone

GROUND = "#fafbfc"
"""Behind everything: paper, not a lamp."""

LIGHT: Mapping[Tone, str] = {
    "text": "#24303c",
    "strong": "bold #0b1117",
    "dim": "#5d6a78",
    "faint": "#98a5b2",
    "border": "#c0cad4",
    "border_stale": "#b58100",
    "title": "bold #3d4f63",
    "accent": "#0a62bd",
    "up": "#0b7748",
    "up_fill": "#1f9d68",
    "up_area": "#9bd6b8",
    "down": "#c0291f",
    "down_fill": "#d9544c",
    "down_area": "#f0b3ad",
    "warn": "#875700",
    "alarm": "bold #ffffff on #b3261e",
    "own": "bold #7a2fb5",
    "trend": "#0a62bd",
    "revert": "#0a726c",
    "volatile": "#a84600",
    "stamp_sim": "bold #ffffff on #5d6a78",
    "stamp_paper": "bold #ffffff on #0b7568",
    "stamp_replay": "bold #ffffff on #7a2fb5",
    "stamp_testnet": "bold #ffffff on #7a5200",
    "stamp_live": "bold #ffffff on #c4151c",
    "state_active": "bold #0b7748",
    "state_reducing": "bold #24303c on #f0b429",
    "state_halted": "bold #ffffff on #b3261e",
    "key": "bold #0a62bd",
    "selected": "bold #0b1117",
    "heat-4": "#ffffff on #b8423c",
    "heat-3": "#4a0d0a on #e79a93",
    "heat-2": "#5a1814 on #f3c3be",
    "heat-1": "#6b3a37 on #f9e4e2",
    "heat0": "#5d6a78 on #f0f3f6",
    "heat+1": "#30475c on #e1edf8",
    "heat+2": "#173a5a on #bcd9f3",
    "heat+3": "#0a2a47 on #88b9e8",
    "heat+4": "#ffffff on #1f67ad",
}
"""Ink on paper: the colors are darker, the areas paler."""
