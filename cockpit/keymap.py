"""Which key means which action: the defaults, and what the user makes of them."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cockpit.actions import ACTIONS, TOGGLE_PAUSE, Kind, resolve
from cockpit.key_names import key_named, spoken
from core.domain.enums import TradingState

INSTRUMENTS = tuple(f"instrument-{number}" for number in range(1, 9))

KEYS: dict[str, str] = {
    "s": "halt",
    "p": TOGGLE_PAUSE,
    "x": "cancel-all",
    "X": "cancel-everything",
    "F": "flatten",
    "t": "parameters",
    "o": "orders",
    "w": "why",
    "exclamation_mark": "alerts",
    "u": "outcomes",
    "i": "statistics",
    "y": "fair-value",
    "E": "settlement",
    "m": "models",
    "D": "feeds",
    "n": "venue",
    "L": "log",
    "N": "notes",
    "I": "about",
    "A": "arm",
    "B": "buy-ticket",
    "S": "sell-ticket",
    "C": "flatten-one",
    "P": "protect-position",
    "left_parenthesis": "tune-down",
    "right_parenthesis": "tune-up",
    "U": "undo",
    **{name[-1]: name for name in INSTRUMENTS},
    "right_square_bracket": "next-instrument",
    "left_square_bracket": "previous-instrument",
    "tab": "next-pane",
    "shift+tab": "previous-pane",
    "z": "zoom",
    "v": "heatmap",
    "plus": "faster",
    "minus": "slower",
    "space": "hold",
    "full_stop": "step-forward",
    "comma": "step-back",
    "greater_than_sign": "next-fill",
    "less_than_sign": "previous-fill",
    "g": "go-to",
    "R": "what-if",
    "e": "start-engine",
    "colon": "palette",
    "ctrl+p": "palette",
    "question_mark": "help",
    "ctrl+z": "suspend",
    "q": "quit",
    "ctrl+c": "quit",
    "ctrl+q": "quit",
}
"""Textual's names of the keys, to names of `cockpit.actions.ACTIONS`."""

FIXED = ("ctrl+c", "ctrl+q")
"""Keys that keep their meaning whatever the user wants."""

NEVER_WITHOUT = ("halt", "cancel-all")
"""Actions that stop trading at once: each has a key, always."""

PAGE_KEYS = frozenset(
    {
        "up",
        "down",
        "left",
        "right",
        "pageup",
        "pagedown",
        "home",
        "end",
        "enter",
        "escape",
        "backspace",
        "slash",
        "h",
        "j",
        "k",
        "l",
        "a",
        "c",
        "d",
        "f",
        "K",
        "H",
        "W",
        "asterisk",
    }
)
"""Keys that pages use themselves: an action behind one would not work there."""

_REPLAY_PAIRS = {
    "speed": ("faster", "slower"),
    "step": ("step-back", "step-forward"),
    "fill": ("previous-fill", "next-fill"),
}
"""Keys of a replay that belong together, by the word for both."""

Hint = tuple[str, str]
"""A key, and what it does in a word or two."""


@dataclass(frozen=True, slots=True)
class Keymap:
    """Every key that works on every page."""

    keys: Mapping[str, str]
    """Textual's names of the keys, to names of `cockpit.actions.ACTIONS`."""

    def spoken(self) -> set[str]:
        """Every key as people write it."""
        return {spoken(key) for key in self.keys}

    def keys_of(self, action: str) -> list[str]:
        """Keys of an action as people write them, the first one first."""
        return [spoken(key) for key, name in self.keys.items() if name == action]

    def key_of(self, action: str) -> str:
        """First key of an action as people write it; the action's own name if it has none."""
        return next(iter(self.keys_of(action)), action)

    def footer_hints(
        self, state: TradingState | None, *, is_replay: bool = False, is_past: bool = False
    ) -> list[Hint]:
        """
        Keys worth a place in the footer.

        Args:
            state: The engine's switch.
            is_replay: Whether recorded time is shown.
            is_past: Whether that is a run, which nothing can change any more.
        """
        hints: list[Hint] = []
        for key, name in self.keys.items():
            action = ACTIONS[resolve(name, state)]
            is_useless = is_past and action.kind in (Kind.STOPPING, Kind.TRADING)
            if action.replays or is_useless:
                continue
            if action.short and action.short not in [known for _, known in hints]:
                hints.append((spoken(key), action.short))
        hints[-3:-3] = self._hint(INSTRUMENTS, "instrument")
        return [*self._replay_hints(), *hints] if is_replay else hints

    def _replay_hints(self) -> list[Hint]:
        hints = self._hint(["hold"], ACTIONS["hold"].short)
        for word, names in _REPLAY_PAIRS.items():
            if pair := "".join(key for name in names for key in self.keys_of(name)[:1]):
                hints.append((pair, word))
        for name in ("go-to", "what-if"):
            hints += self._hint([name], ACTIONS[name].short)
        return hints

    def help_rows(self, kind: Kind) -> list[Hint]:
        """Every key of a kind with its sentence; keys of one action share a row."""
        rows: dict[str, list[str]] = {}
        for key, name in self.keys.items():
            if ACTIONS[name].kind is kind:
                label = "Look at an instrument" if name in INSTRUMENTS else ACTIONS[name].label
                rows.setdefault(label, []).append(spoken(key))
        return [(_listed(keys), label) for label, keys in rows.items()]

    def as_bound(self, hints: Iterable[Hint]) -> list[Hint]:
        """Rewrite hints that name a default key: what does the same here."""
        actions = {spoken(key): name for key, name in KEYS.items()}
        return [(self._now(key, actions.get(key)), word) for key, word in hints]

    def _now(self, key: str, action: str | None) -> str:
        keys = self.keys_of(action) if action else [key]
        return key if key in keys or not keys else keys[0]

    def _hint(self, actions: Iterable[str], word: str) -> list[Hint]:
        keys = [key for name in actions for key in self.keys_of(name)]
        return [(_listed(keys), word)] if keys else []


DEFAULT_KEYMAP = Keymap(KEYS)


def build_keymap(overrides: Mapping[str, Sequence[str]]) -> Keymap:
    """
    Lay the user's keys over the defaults; an action that is named loses its default keys.

    Args:
        overrides: By action its keys, each a character (`?`) or a name (`f5`, `ctrl+k`).

    Raises:
        ValueError: In a sentence that begins with the setting: for an action or a key that
            does not exist, for a key of two actions, for a page's or a fixed one, and for a
            stopping action that would be left without.
    """
    wanted = {action: _checked(action, texts) for action, texts in overrides.items()}
    keys: dict[str, str] = {}
    for action in dict.fromkeys(KEYS.values()) | dict.fromkeys(wanted):
        defaults = [key for key, name in KEYS.items() if name == action]
        kept = [key for key in defaults if action not in wanted or key in FIXED]
        for key in dict.fromkeys([*wanted.get(action, ()), *kept]):
            if key in keys:
                raise ValueError(_conflict(keys[key], action, key, wanted))
            keys[key] = action
    return Keymap(keys)


def _checked(action: str, texts: Sequence[str]) -> list[str]:
    if action not in ACTIONS or action not in KEYS.values():
        nearest = difflib.get_close_matches(action, sorted(set(KEYS.values())), n=1, cutoff=0.5)
        hint = f"did you mean {nearest[0]}?" if nearest else "the page ? lists them"
        raise ValueError(f"keys.{action} is not an action; {hint}")
    if not texts and action in NEVER_WITHOUT:
        raise ValueError(
            f"keys.{action} = [] leaves {ACTIONS[action].short} without a key: give it at least one"
        )
    return [_checked_key(action, text) for text in texts]


def _checked_key(action: str, text: str) -> str:
    said = f"keys.{action} = {json.dumps(text)}"
    try:
        key = key_named(text)
    except ValueError as error:
        raise ValueError(f"{said} {error}") from error
    if key in PAGE_KEYS:
        raise ValueError(f"{said} is used by pages themselves; take another key")
    if key in FIXED and KEYS[key] != action:
        raise ValueError(f"{said} always means {KEYS[key]}; take another key")
    return key


def _conflict(first: str, second: str, key: str, wanted: Mapping[str, object]) -> str:
    """Both meanings of a key, those that the user has set first."""
    names = sorted((first, second), key=lambda name: name not in wanted)
    one, other = (f"keys.{name}" if name in wanted else f"{name} (default)" for name in names)
    return f"{one} and {other} are both {spoken(key)}; give one of them another key"


def _listed(keys: Sequence[str]) -> str:
    return f"{keys[0]}-{keys[-1]}" if len(keys) > 4 else " ".join(keys)
