"""The base of every panel: lines in, and only the columns that changed go out."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment as RichSegment
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from cockpit.styles.palette import COLORLESS, STYLES
from cockpit.viewmodels.cells import Line, Segment, Tone, changed_spans, fit_line, line_width
from cockpit.viewmodels.view import View


class Panel(Widget, can_focus=False):
    """
    A pane that is drawn by line.

    A subclass says what stands in it with `content`; `show` compares that with what is on
    the screen and repaints the differing columns, so a quiet market costs nothing.
    """

    TITLE: ClassVar[str] = ""
    FRAMED: ClassVar[bool] = True
    BORDER: ClassVar[Tone] = "border"
    PACE: ClassVar[int] = 1
    """Drawn on each PACE-th snapshot: nobody reads a matrix ten times a second."""

    DEFAULT_CSS = "Panel { width: 1fr; height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name for it
        super().__init__(id=id)
        self.view = View()
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}
        self._shown = 0

    def content(self, view: View, width: int, height: int) -> list[Line]:  # noqa: ARG002  for subclasses
        """Lines to show in a space of this size; more are cut, fewer are padded."""
        return []

    def heading(self, view: View) -> Line:  # noqa: ARG002  for subclasses
        """What stands beside the title; a subclass may say something."""
        return ()

    def show(self, view: View) -> None:
        """Draw what changed since the last view."""
        before = self.view
        self.view = view
        self._shown += 1
        if self._shown % self.PACE and _differ_in_snapshot_only(before, view):
            return
        self.redraw()

    def redraw(self) -> None:
        """Compare the content with the screen and repaint the difference."""
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
            if spans := changed_spans(old, new):
                self._strips.pop(y, None)
                regions += [Region(x, y, columns, 1) for x, columns in spans]
        self._lines = lines
        if regions:
            self.refresh(*regions)

    def on_resize(self, _event: events.Resize) -> None:
        """Lay the content out anew."""
        self.redraw()

    def render_line(self, y: int) -> Strip:
        """Give Textual one line, made once for each content."""
        strip = self._strips.get(y)
        if strip is None:
            if y >= len(self._lines):
                return Strip.blank(self.size.width, STYLES["text"])
            strip = self._strips[y] = self._strip(self._lines[y])
        return strip

    def _strip(self, line: Line) -> Strip:
        styles = COLORLESS if self.app.no_color else STYLES
        return Strip([RichSegment(text, styles[tone]) for text, tone in line], self.size.width)

    def _compose_lines(self, width: int, height: int) -> list[Line]:
        if not self.FRAMED or width < 4 or height < 3:
            lines = self.content(self.view, width, height)[:height]
            lines += [()] * (height - len(lines))
            return [fit_line(line, width) for line in lines]
        inner, rows = width - 2, height - 2
        content = self.content(self.view, inner, rows)[:rows]
        content += [()] * (rows - len(content))
        border: Tone = "border_stale" if self.view.is_stale else self.BORDER
        edge: Segment = ("│", border)
        return [
            self._top(width, border),
            *(fit_line((edge, *fit_line(line, inner), edge), width) for line in content),
            (("╰" + "─" * inner + "╯", border),),
        ]

    def _top(self, width: int, border: Tone) -> Line:
        room = width - 6 - len(self.TITLE)
        heading = list(self.heading(self.view))
        while len(heading) > 1 and line_width(heading) > room:
            heading.pop()
        gap: list[Segment] = [("  ", "text")] if heading and self.TITLE else []
        title: list[Segment] = [("╭─ ", border), (self.TITLE, "title"), *gap, *heading]
        title.append((" ", border))
        line = fit_line(title, min(line_width(title), width - 2))
        return fit_line((*line, ("─" * (width - 2 - line_width(line)) + "─╮", border)), width)


def _differ_in_snapshot_only(before: View, after: View) -> bool:
    return (
        before.snapshot is not None
        and after.snapshot is not None
        and before.selected == after.selected
        and before.heat is after.heat
        and before.is_stale is after.is_stale
    )
