"""The bottom line: keys, or the last answer."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.viewmodels.cells import Line, Segment, cell_width, plain
from cockpit.viewmodels.view import View


def hint_line(hints: Sequence[tuple[str, str]], width: int, view: View) -> Line:
    """Keys with their words; the answer to the last key takes their place until the next."""
    if view.message:
        return ((" ", "text"), (plain(view.message), view.message_tone))
    line: list[Segment] = [(" ", "text")]
    used = 1
    for key, word in hints:
        columns = cell_width(key) + cell_width(word) + 3
        if used + columns - 2 > width:
            continue
        line += [(key, "key"), (f" {word}  ", "dim")]
        used += columns
    return tuple(line)
