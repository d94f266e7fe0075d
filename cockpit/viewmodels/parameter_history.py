"""Who changed which parameter when, read from the notes of the journal."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cockpit.viewmodels.cells import Line, plain, wrap
from cockpit.viewmodels.numbers import clock
from core.api.topics import NoteLine

_FIELD = re.compile(r"(?:^| {2})(\w+): (.*?)(?= {2}\w+: |$)")
"""One `name: value` of a note, as the engine writes them in a row."""

_TRIAL_OVER = "trial"
"""Who sets a parameter back when its trial is over."""


def history_lines(notes: Sequence[NoteLine], width: int) -> list[Line]:
    """List the changes, newest first; none of them is older than the notes that are known."""
    found = [(note.ts_ns, told) for note in notes if (told := _told(note.text)) is not None]
    if not found:
        return [((" no parameter has been changed in this run", "dim"),)]
    lines: list[Line] = []
    for ts_ns, (what, who) in reversed(found):
        first, *rest = wrap(plain(f"{what}  {who}"), max(8, width - 12))
        lines.append(((f" {clock(ts_ns)}  ", "dim"), (first, "text")))
        lines += [((" " * 11 + row, "text"),) for row in rest]
    return lines


def _told(text: str) -> tuple[str, str] | None:
    """What was changed, and by whom; None for a note about something else."""
    fields = dict(_FIELD.findall(text))
    who = fields.get("source", "unknown")
    if fields.get("command") == "keep":
        return f"kept {fields.get('kept', '')}", f"by {who}"
    if fields.get("command") != "set" or not {"key", "old", "new"} <= fields.keys():
        return None
    unit = fields.get("unit", "").strip()
    change = f"{fields['key']} {_short(fields['old'])} → {_short(fields['new'])}"
    what = f"{change} {unit}" if unit else change
    if who == _TRIAL_OVER:
        return what, "its trial was over"
    length = f", for {_short(fields['revert_s'])} s unless kept" if "revert_s" in fields else ""
    return what, f"by {who}{length}"


def _short(number: str) -> str:
    try:
        return f"{float(number):.7g}"
    except ValueError:
        return number
