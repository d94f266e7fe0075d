"""The dark theme: one color for each tone, and the same in black and white."""

from __future__ import annotations

from rich.style import Style

from cockpit.viewmodels.cells import Tone

GROUND = "#0d1117"
"""Behind everything."""

_QUIET = "#161d27"
_COLORS: dict[Tone, str] = {
    "text": "#c4ced9",
    "strong": "bold #f2f6fa",
    "dim": "#76849a",
    "faint": "#39465a",
    "border": "#2c3848",
    "border_stale": "#8a6d1f",
    "title": "bold #9fb2c8",
    "accent": "#6cb6ff",
    "up": "#56d39a",
    "up_fill": "#34a877",
    "up_area": "#1d4a3a",
    "down": "#ff7b72",
    "down_fill": "#cf5c55",
    "down_area": "#5a2a2d",
    "warn": "#e3b341",
    "alarm": "bold #ffffff on #a3282f",
    "own": "bold #d2a8ff",
    "trend": "#6cb6ff",
    "revert": "#56d3c2",
    "volatile": "#f0883e",
    "stamp_sim": "bold #0d1117 on #8b9bb0",
    "stamp_paper": "bold #0d1117 on #4ec9b0",
    "stamp_replay": "bold #0d1117 on #d2a8ff",
    "stamp_live": "bold #ffffff on #d1242f",
    "state_active": "bold #56d39a",
    "state_reducing": "bold #0d1117 on #e3b341",
    "state_halted": "bold #ffffff on #a3282f",
    "key": "bold #6cb6ff",
    "selected": "bold #f2f6fa",
    "heat-4": "#ffe9e6 on #96373a",
    "heat-3": "#f7cdc9 on #702f35",
    "heat-2": "#e6b4b0 on #4b262e",
    "heat-1": "#b59a9c on #2c1e27",
    "heat0": f"#76849a on {_QUIET}",
    "heat+1": "#94a9bf on #172b3c",
    "heat+2": "#a9c8e6 on #1b4263",
    "heat+3": "#c8e2fb on #215d8e",
    "heat+4": "#eef7ff on #2b7cbd",
}
_REVERSED: frozenset[Tone] = frozenset(
    {"alarm", "state_halted", "state_reducing", "stamp_live", "stamp_paper", "stamp_sim",
     "stamp_replay"}
)  # fmt: skip

STYLES: dict[Tone, Style] = {
    tone: Style(bgcolor=GROUND) + Style.parse(color) for tone, color in _COLORS.items()
}

COLORLESS: dict[Tone, Style] = {
    tone: Style(bold=style.bold, reverse=tone in _REVERSED) for tone, style in STYLES.items()
}
"""For NO_COLOR: weight and reversal only."""
