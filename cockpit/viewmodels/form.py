"""A few numbers to be typed or stepped, one below the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cockpit.viewmodels.cells import Line, Tone, fit

MAX_CHARACTERS = 14
CURSOR = "▏"


@dataclass(frozen=True, slots=True)
class Entry:
    """One number."""

    name: str
    """Also the argument of the command."""
    text: str
    """As typed; empty for none."""
    unit: float
    """It is a multiple of this, and steps by it."""
    decimals: int
    start: float = math.nan
    """Where stepping begins if nothing is typed; NaN for nowhere."""
    note: str = ""
    """Beside it, for example what it was."""

    @property
    def value(self) -> float | None:
        """The number, or None if it is none."""
        try:
            value = float(self.text)
        except ValueError:
            return None
        return value if math.isfinite(value) else None

    @property
    def trouble(self) -> str:
        """What is wrong with what is typed; empty for nothing, also if nothing is typed."""
        if not self.text:
            return ""
        value = self.value
        if value is None or value <= 0:
            return f"{self.name}: a number above 0"
        times = value / self.unit
        is_multiple = abs(times - round(times)) < 1e-6 * max(1.0, abs(times))
        return "" if is_multiple else f"{self.name}: a multiple of {self.unit:g}"


@dataclass(frozen=True, slots=True)
class Form:
    """What has been filled in."""

    entries: tuple[Entry, ...]
    place: int = 0
    is_fresh: bool = True
    """The next digit replaces the text of the entry."""

    @property
    def here(self) -> Entry:
        """The one that keys change."""
        return self.entries[self.place]

    @property
    def trouble(self) -> str:
        """The first thing that is wrong; empty for nothing."""
        return next((entry.trouble for entry in self.entries if entry.trouble), "")

    def moved(self, rows: int) -> Form:
        """Go to a neighbor, around the ends."""
        return replace(self, place=(self.place + rows) % len(self.entries), is_fresh=True)

    def stepped(self, direction: int) -> Form:
        """Make the number a unit larger or smaller, not below one unit."""
        entry = self.here
        base = entry.value if entry.value is not None else entry.start
        if not math.isfinite(base):
            return self
        units = max(1, round(base / entry.unit) + direction)
        return self._with(f"{units * entry.unit:.{entry.decimals}f}", is_fresh=True)

    def typed(self, character: str) -> Form:
        """Add a digit or a point; other characters change nothing."""
        if not character or character not in "0123456789.":
            return self
        text = "" if self.is_fresh else self.here.text
        if len(text) >= MAX_CHARACTERS or (character == "." and "." in text):
            return self
        return self._with(text + character, is_fresh=False)

    def erased(self) -> Form:
        """Take the last character away; all of what has not been typed here."""
        return self._with("" if self.is_fresh else self.here.text[:-1], is_fresh=False)

    def _with(self, text: str, *, is_fresh: bool) -> Form:
        entries = list(self.entries)
        entries[self.place] = replace(self.here, text=text)
        return Form(tuple(entries), self.place, is_fresh)


def form_lines(
    form: Form, head: Sequence[Line], trouble: str, verb: str, *, is_listening: bool
) -> list[Line]:
    """
    Draw a form.

    Args:
        form: What has been filled in.
        head: Lines above it.
        trouble: What keeps it from being sent; empty for nothing.
        verb: What enter does.
        is_listening: Whether keys count by now.
    """
    send: Tone = "dim" if trouble or not is_listening else "key"
    return [
        *head,
        (),
        *(_entry_line(entry, is_here=entry is form.here) for entry in form.entries),
        (),
        ((f" {trouble}", "warn"),),
        ((" enter", send), (f" {verb}   ", "dim"), ("↑↓", "key"), (" field   ", "dim"),
         ("←→", "key"), (" step   ", "dim"), ("s", "key"), (" safe mode   ", "dim"),
         ("esc", "key"), (" nothing", "dim")),
    ]  # fmt: skip


def _entry_line(entry: Entry, *, is_here: bool) -> Line:
    note = entry.note or ("" if entry.text else "none")
    return (
        (" ▸ " if is_here else "   ", "key"),
        (fit(entry.name, 9), "strong" if is_here else "dim"),
        (entry.text, "strong" if is_here else "text"),
        (CURSOR if is_here else " ", "accent"),
        (f" {note}", "dim"),
    )
