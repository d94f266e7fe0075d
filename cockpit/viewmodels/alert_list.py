"""What has been called for: a chip in the status line, and a page."""

from __future__ import annotations

from dataclasses import dataclass

from cockpit.viewmodels.alert_rules import Level
from cockpit.viewmodels.cells import Line, Tone, cell_width, fit, wrap
from cockpit.viewmodels.numbers import clock

LEVEL_TONES: dict[Level, Tone] = {"info": "dim", "warning": "warn", "alarm": "alarm"}
LEVEL_MARKS: dict[Level, str] = {"info": "·", "warning": "!", "alarm": "■"}


@dataclass(frozen=True, slots=True)
class Alert:
    """One call."""

    ts_ns: int
    """Of the snapshot that showed it."""
    level: Level
    bell: bool
    what: str
    why: str
    todo: str
    when: str
    """The rule that called."""


@dataclass(frozen=True, slots=True)
class AlertEntry:
    """One call, and whether somebody has taken note of it."""

    number: int
    alert: Alert
    is_seen: bool


def unseen(entries: tuple[AlertEntry, ...]) -> tuple[AlertEntry, ...]:
    """Those that nobody has taken note of, newest first."""
    return tuple(entry for entry in entries if not entry.is_seen)


def alert_chip(entries: tuple[AlertEntry, ...], room: int, *, is_bright: bool) -> Line:
    """How many wait, and the loudest of them, cut to the room; empty if none waits."""
    waiting = unseen(entries)
    if not waiting:
        return ()
    loudest = max(waiting, key=lambda entry: (entry.alert.level == "alarm", entry.number))
    tone: Tone = "state_halted" if is_bright else LEVEL_TONES[loudest.alert.level]
    head = f"ALERT {len(waiting)}"
    text = f" {loudest.alert.what}"
    left = room - cell_width(head)
    return ((head, tone), (fit(text, min(left, cell_width(text))), "text")) if left > 12 else (
        (head, tone),
    )  # fmt: skip


def alerts_lines(
    entries: tuple[AlertEntry, ...],
    doubts: list[str],
    chosen: int,
    width: int,
    height: int,
) -> list[Line]:
    """
    Draw the page: newest on top, the chosen one explained below.

    Args:
        entries: Newest first.
        doubts: Rules that can never call, in sentences.
        chosen: Number of the marked one; none is marked once it is gone.
        width: In cells.
        height: In rows.
    """
    head: list[Line] = [
        ((f" {row}", "warn"),) for doubt in doubts for row in wrap(doubt, width - 2)
    ]
    if not entries:
        text = " nothing has called yet; the rules stand in cockpit.toml"
        return [*head, ((text, "dim"),)]
    explained = _explained(entries, chosen, width)
    rows = max(1, height - len(head) - len(explained))
    place = next((i for i, entry in enumerate(entries) if entry.number == chosen), 0)
    first = max(0, min(place - rows // 2, len(entries) - rows))
    return [
        *head,
        *(_row(entry, is_chosen=entry.number == chosen) for entry in entries[first : first + rows]),
        *explained,
    ]


def _row(entry: AlertEntry, *, is_chosen: bool) -> Line:
    alert = entry.alert
    tone: Tone = "dim" if entry.is_seen else LEVEL_TONES[alert.level]
    return (
        (" ▸ " if is_chosen else "   ", "key"),
        (f"{clock(alert.ts_ns)} ", "dim"),
        (f"{LEVEL_MARKS[alert.level]} ", tone),
        (alert.what, "dim" if entry.is_seen else "strong"),
        ("  seen" if entry.is_seen and alert.level != "info" else "", "dim"),
    )


def _explained(entries: tuple[AlertEntry, ...], chosen: int, width: int) -> list[Line]:
    entry = next((entry for entry in entries if entry.number == chosen), None)
    if entry is None:
        return []
    alert = entry.alert
    named = (("why", alert.why), ("do", alert.todo), ("rule", f"{alert.when} ({alert.level})"))
    lines: list[Line] = [()]
    for name, text in named:
        for place, row in enumerate(wrap(text, width - 8)):
            lines.append(((f" {name if place == 0 else '':<6}", "dim"), (row, "text")))
    return lines
