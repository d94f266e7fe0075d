"""The base of every panel: lines in, and only the columns that changed go out."""

from __future__ import annotations

import math
import time
from typing import ClassVar, cast

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from cockpit.styles.look import Dressed, Look
from cockpit.viewmodels.cells import Line, Segment, Tone, changed_spans, fit_line, line_width
from cockpit.viewmodels.view import View


class Pointed(Message):
    """
    Somebody has clicked on a pane.

    Args:
        pane: Its name.
        row: Of its content, from 0; -1 for its frame.
        rows: Of its content.
        count: Clicks in a row.
    """

    def __init__(self, pane: str, row: int, rows: int, count: int) -> None:
        super().__init__()
        self.pane = pane
        self.row = row
        self.rows = rows
        self.count = count


class Panel(Widget, can_focus=False):
    """
    A pane that is drawn by line.

    A subclass says what stands in it with `content`; `show` compares that with what is on
    the screen and repaints the differing columns, so a quiet market costs nothing.
    """

    TITLE: ClassVar[str] = ""
    FRAMED: ClassVar[bool] = True
    BORDER: ClassVar[Tone] = "border"
    PACE_S: ClassVar[float] = 0.0
    """Least time between two pictures: nobody reads a matrix ten times a second."""

    DEFAULT_CSS = "Panel { width: 1fr; height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name for it
        super().__init__(id=id)
        self.view = View()
        self._raw: list[Line] = []
        self._key: tuple[int, int, str] = (0, 0, "")
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}
        self._drawn_s = -math.inf
        self._later: Timer | None = None

    def content(self, view: View, width: int, height: int) -> list[Line]:  # noqa: ARG002  for subclasses
        """Lines to show in a space of this size; more are cut, fewer are padded."""
        return []

    def heading(self, view: View) -> Line:  # noqa: ARG002  for subclasses
        """What stands beside the title; a subclass may say something."""
        return ()

    def foot(self, view: View) -> Line:  # noqa: ARG002  for subclasses
        """What stands in the lower edge of the frame; a subclass may say something."""
        return ()

    def show(self, view: View) -> None:
        """Draw what changed since the last view, at once or when the pace allows."""
        before = self.view
        self.view = view
        wait_s = self.PACE_S - (time.monotonic() - self._drawn_s)
        if wait_s <= 0 or not _differ_in_snapshot_only(before, view):
            self.redraw()
        elif self._later is None:
            self._later = self.set_timer(wait_s, self.redraw)

    def redraw(self) -> None:
        """Compare the content with the screen and repaint the difference."""
        if self._later is not None:
            self._later.stop()
            self._later = None
        self._drawn_s = time.monotonic()
        width, height = self.size
        if not width or not height:
            return
        lines = self._compose_lines(width, height)
        if len(lines) != len(self._lines) or line_width(self._lines[0]) != width:
            self._lines = lines
            self._strips.clear()
            self.refresh()
            return
        regions: list[Region] = []
        for y, (old, new) in enumerate(zip(self._lines, lines, strict=True)):
            if old is not new and (spans := changed_spans(old, new)):
                self._strips.pop(y, None)
                regions += [Region(x, y, columns, 1) for x, columns in spans]
        self._lines = lines
        if regions:
            self.refresh(*regions)

    def render_lines(self, crop: Region) -> list[Strip]:
        """
        Give Textual lines as they are.

        A panel has no border, padding or opacity of Textual's making, so the passes for
        these, a third of the time of a picture, are left out.
        """
        strips = [self.render_line(y) for y in crop.line_range]
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def on_click(self, event: events.Click) -> None:
        """Tell which row was meant; what that means is the app's to say."""
        event.stop()
        framed = 1 if self._is_framed else 0
        rows = self.size.height - 2 * framed
        row = event.y - framed
        if self.id is not None:
            self.post_message(Pointed(self.id, row if 0 <= row < rows else -1, rows, event.chain))

    def on_resize(self, _event: events.Resize) -> None:
        """Lay the content out anew."""
        self.redraw()

    def render_line(self, y: int) -> Strip:
        """Give Textual one line, made once for each content."""
        strip = self._strips.get(y)
        if strip is None:
            if y >= len(self._lines):
                return Strip.blank(self.size.width, self._look.theme.styles["text"])
            strip = self._strips[y] = Strip(self._look.draw(self._lines[y]), self.size.width)
        return strip

    def repaint(self) -> None:
        """Draw every line anew: the look has changed."""
        self._strips.clear()
        self.refresh()

    @property
    def _look(self) -> Look:
        return cast("Dressed", self.app).look

    def _compose_lines(self, width: int, height: int) -> list[Line]:
        framed = self._is_framed
        rows = height - 2 if framed else height
        raw = self.content(self.view, width - 2 if framed else width, rows)[:rows]
        raw += [()] * (rows - len(raw))
        border = self._border()
        key = (width, height, border)
        if key != self._key:
            self._key = key
            self._raw = []
        lines = self._fitted(raw, width, border if framed else None)
        self._raw = raw
        if framed:
            top = self._top(width, border)
            return [top, *lines, self._bottom(width, border)]
        return lines

    @property
    def _is_framed(self) -> bool:
        return self.FRAMED and self.size.width >= 4 and self.size.height >= 3

    def _border(self) -> Tone:
        if self.view.is_stale:
            return "border_stale"
        return "accent" if self.id is not None and self.id == self.view.focus else self.BORDER

    def _fitted(self, raw: list[Line], width: int, border: Tone | None) -> list[Line]:
        """Fit lines into the width; those that say the same as before are kept."""
        edge: Line = (("│", border),) if border else ()
        first = 1 if border else 0
        lines: list[Line] = []
        for row, line in enumerate(raw):
            if row < len(self._raw) and self._raw[row] == line:
                lines.append(self._lines[first + row])
            elif border:
                lines.append((*edge, *fit_line(line, width - 2), *edge))
            else:
                lines.append(fit_line(line, width))
        return lines

    def _top(self, width: int, border: Tone) -> Line:
        room = width - 8 - len(self.TITLE)
        heading = list(self.heading(self.view))
        while len(heading) > 1 and line_width(heading) > room:
            heading.pop()
        gap: list[Segment] = [("  ", "text")] if heading and self.TITLE else []
        title: list[Segment] = [("╭─ ", border), (self.TITLE, "title"), *gap, *heading]
        title.append((" ", border))
        line = fit_line(title, min(line_width(title), width - 2))
        return fit_line((*line, ("─" * (width - 2 - line_width(line)) + "─╮", border)), width)

    def _bottom(self, width: int, border: Tone) -> Line:
        foot = list(self.foot(self.view))
        if not foot:
            return (("╰" + "─" * (width - 2) + "╯", border),)
        while len(foot) > 1 and line_width(foot) > width - 8:
            foot.pop()
        line = (("╰─ ", border), *foot, (" ", border))
        used = line_width(line)
        return fit_line((*line, ("─" * max(0, width - used - 1) + "╯", border)), width)


def _differ_in_snapshot_only(before: View, after: View) -> bool:
    return (
        before.snapshot is not None
        and after.snapshot is not None
        and before.selected == after.selected
        and before.heat is after.heat
        and before.focus == after.focus
        and before.is_zoomed == after.is_zoomed
        and before.is_stale is after.is_stale
    )
