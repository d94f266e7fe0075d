"""What a key is called: by Textual, and by people."""

from __future__ import annotations

import difflib
import string
import unicodedata

_SHORT_NAMES = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""Where Textual's name of a character is not Unicode's."""

NAMED = frozenset(
    {
        "tab",
        "space",
        "insert",
        "delete",
        "home",
        "end",
        "pageup",
        "pagedown",
        "up",
        "down",
        "left",
        "right",
        "enter",
        "escape",
        "backspace",
    }
) | {f"f{number}" for number in range(1, 13)}
"""Keys that are no character."""

MODIFIERS = ("ctrl", "shift")
"""What a terminal can tell apart with those."""


def character_name(character: str) -> str:
    """Textual's name of the key that types a character."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return _SHORT_NAMES.get(name, name)


CHARACTERS = {character_name(character): character for character in string.punctuation}
"""By name, the characters whose keys have one."""


def spoken(key: str) -> str:
    """Write a key as people do: `?`, `ctrl-c`."""
    *modifiers, base = key.split("+")
    return "-".join([*modifiers, CHARACTERS.get(base, base)])


def key_named(text: str) -> str:
    """
    Find Textual's name of a key that a person has written.

    Raises:
        ValueError: If there is no such key; the sentence says what is nearest.
    """
    if len(text) == 1 and text.isprintable():
        return character_name(text) if text != " " else "space"
    *modifiers, base = text.lower().replace("-", "+").split("+")
    if not modifiers and (base in NAMED or base in CHARACTERS):
        return base
    if len(modifiers) == 1 and modifiers[0] in MODIFIERS and _can_be_modified(base, modifiers[0]):
        return f"{modifiers[0]}+{base}"
    nearest = difflib.get_close_matches(text.lower(), sorted(NAMED | CHARACTERS.keys()), n=1)
    hint = f"did you mean {nearest[0]}?" if nearest else "write one such as k, ?, f5 or ctrl+k"
    raise ValueError(f"is not a key; {hint}")


def _can_be_modified(base: str, modifier: str) -> bool:
    is_letter = len(base) == 1 and base in string.ascii_lowercase
    return base in NAMED or (is_letter and modifier == "ctrl")
