"""Which key means which action."""

from __future__ import annotations

from cockpit.actions import ACTIONS, TOGGLE_PAUSE, Kind, resolve
from core.domain.enums import TradingState

KEYS: dict[str, str] = {
    "s": "halt",
    "p": TOGGLE_PAUSE,
    "x": "cancel-all",
    "X": "cancel-everything",
    "F": "flatten",
    "t": "parameters",
    "o": "orders",
    "w": "why",
    "u": "outcomes",
    "i": "statistics",
    "y": "fair-value",
    "m": "models",
    "d": "feeds",
    "n": "venue",
    "l": "log",
    "j": "notes",
    "I": "about",
    "a": "arm",
    "B": "buy-ticket",
    "S": "sell-ticket",
    **{str(number): f"instrument-{number}" for number in range(1, 9)},
    "right_square_bracket": "next-instrument",
    "left_square_bracket": "previous-instrument",
    "tab": "next-pane",
    "shift+tab": "previous-pane",
    "z": "zoom",
    "escape": "unzoom",
    "v": "heatmap",
    "plus": "faster",
    "minus": "slower",
    "space": "hold",
    "e": "start-engine",
    "colon": "palette",
    "ctrl+p": "palette",
    "question_mark": "help",
    "q": "quit",
    "ctrl+c": "quit",
    "ctrl+q": "quit",
}
"""Textual's names of the keys, to names of `cockpit.actions.ACTIONS`."""

SPOKEN: dict[str, str] = {
    "question_mark": "?",
    "colon": ":",
    "ctrl+p": "ctrl-p",
    "plus": "+",
    "minus": "-",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "shift+tab": "shift-tab",
    "escape": "esc",
    "ctrl+c": "ctrl-c",
    "ctrl+q": "ctrl-q",
}
"""How a key is written for people, where Textual's name is not it."""

Hint = tuple[str, str]
"""A key, and what it does in a word or two."""


def spoken(name: str) -> str:
    """The key of an action, as people write it."""
    key = next(key for key, known in KEYS.items() if known == name)
    return SPOKEN.get(key, key)


def footer_hints(state: TradingState | None, *, is_replay: bool = False) -> list[Hint]:
    """Keys worth a place in the footer."""
    hints: list[Hint] = []
    for key, name in KEYS.items():
        short = ACTIONS[resolve(name, state)].short
        if short and short not in [known for _, known in hints]:
            hints.append((SPOKEN.get(key, key), short))
    hints.insert(-3, ("1-8", "instrument"))
    if is_replay:
        hints[0:0] = [("+-", "speed"), ("space", "hold")]
    return hints


def help_rows(kind: Kind) -> list[Hint]:
    """Every key of a kind with its sentence; keys of one action share a row."""
    rows: dict[str, list[str]] = {}
    for key, name in KEYS.items():
        if ACTIONS[name].kind is kind:
            label = "Look at an instrument" if name.startswith("instrument-") else None
            rows.setdefault(label or ACTIONS[name].label, []).append(SPOKEN.get(key, key))
    return [
        (f"{keys[0]}-{keys[-1]}" if len(keys) > 4 else " ".join(keys), label)
        for label, keys in rows.items()
    ]
