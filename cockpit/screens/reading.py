"""Pages to read: scrolled, searched, and brought up to date while they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType

from cockpit.keymap import Hint
from cockpit.screens.base import Dialog, PageScreen
from cockpit.screens.find import FindDialog
from cockpit.viewmodels.cells import Line, wrap
from cockpit.viewmodels.links import feeds_lines, venue_lines
from cockpit.viewmodels.outcomes import outcomes_lines
from cockpit.viewmodels.records import LEVELS, about_lines, log_lines, note_lines
from cockpit.viewmodels.settlement import settlement_lines
from cockpit.viewmodels.statistics import statistics_lines
from cockpit.viewmodels.tables import scrolled
from cockpit.viewmodels.valuation import fair_value_lines, models_lines
from cockpit.viewmodels.view import View
from core.api.topics import About, LogLines, Notes, Settlement, Statistics, Topic


@dataclass(frozen=True, slots=True)
class Search:
    """What the reader wants to see of a page."""

    needle: str = ""
    level: int = 1
    """Place in `LEVELS`: of log lines, from here on up."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its name, how it is drawn, and what the engine has to be asked for it."""

    title: str
    lines: Callable[[View, Search, int], list[Line]]
    topic: Topic | None = None
    is_searched: bool = False


class ReadScreen(PageScreen):
    """
    A page that only tells.

    Args:
        view: What is known.
        page: What is shown of it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("home", "scroll(-1000000)", show=False),
        Binding("end", "scroll(1000000)", show=False),
        Binding("slash", "find", show=False),
        Binding("l", "level", show=False),
    ]

    def __init__(self, view: View, page: Page) -> None:
        self.TITLE_TEXT = page.title
        self.HINTS = hints_of(page)
        super().__init__(view)
        self._page = page
        self._search = Search()
        self._first = 0

    @property
    def topic(self) -> Topic | None:
        """What the engine has to be asked for, again and again, while this is shown."""
        return self._page.topic

    def page(self, view: View, width: int, height: int) -> list[Line]:
        """What is in sight."""
        topic = self._page.topic
        if topic is not None and topic not in view.pages:
            text = view.page_trouble or "asking the engine"
            return [((f" {row}", "dim"),) for row in wrap(text, width - 2)]
        lines, self._first = scrolled(
            self._page.lines(view, self._search, width), self._first, height
        )
        return lines

    def action_scroll(self, rows: int) -> None:
        """Move up or down, not beyond the ends."""
        self._first = max(0, self._first + rows)
        self.redraw()

    def action_find(self) -> None:
        """Show only what is looked for, letter by letter."""
        if self._page.is_searched and not self.query(Dialog):
            self.mount(FindDialog(self._search.needle, self.view, self._find))

    def action_level(self) -> None:
        """Show log lines from the next level on."""
        if self._page.topic is Topic.LOG:
            level = (self._search.level + 1) % len(LEVELS)
            self._search = Search(self._search.needle, level)
            self.redraw()

    def _find(self, needle: str) -> None:
        self._search = Search(needle, self._search.level)
        self._first = 0
        self.redraw()


def hints_of(page: Page) -> Sequence[Hint]:
    """Keys of a page that only tells."""
    hints: list[Hint] = [("↑↓", "scroll")]
    if page.is_searched:
        hints.append(("/", "find"))
    if page.topic is Topic.LOG:
        hints.append(("l", "level"))
    return (
        *hints,
        ("1-8 [ ]", "instrument"),
        ("s", "safe mode"),
        ("x", "cancel-all"),
        ("esc", "back"),
    )


def _statistics(view: View, _: Search, width: int) -> list[Line]:
    page = view.pages[Topic.STATISTICS]
    assert isinstance(page, Statistics)
    return statistics_lines(view, page, width)


def _log(view: View, search: Search, width: int) -> list[Line]:
    page = view.pages[Topic.LOG]
    assert isinstance(page, LogLines)
    return log_lines(page, LEVELS[search.level], search.needle, width)


def _notes(view: View, search: Search, width: int) -> list[Line]:
    page = view.pages[Topic.NOTES]
    assert isinstance(page, Notes)
    return note_lines(page.notes, search.needle, width)


def _about(view: View, search: Search, width: int) -> list[Line]:
    page = view.pages[Topic.ABOUT]
    assert isinstance(page, About)
    return about_lines(page, search.needle, width)


def _settlement(view: View, _: Search, width: int) -> list[Line]:
    page = view.pages[Topic.SETTLEMENT]
    assert isinstance(page, Settlement)
    return settlement_lines(view, page, width)


PAGES: dict[str, Page] = {
    "outcomes": Page("Why not", lambda view, _, width: outcomes_lines(view, width)),
    "statistics": Page("Statistics", _statistics, Topic.STATISTICS),
    "fair-value": Page("Fair value", lambda view, _, width: fair_value_lines(view, width)),
    "settlement": Page("Event", _settlement, Topic.SETTLEMENT),
    "models": Page(
        "Research: which signals have an edge", lambda view, _, width: models_lines(view, width)
    ),
    "feeds": Page("Feeds", lambda view, _, width: feeds_lines(view, width)),
    "venue": Page("Venue and engine", lambda view, _, width: venue_lines(view, width)),
    "log": Page("Log", _log, Topic.LOG, is_searched=True),
    "notes": Page("Journal notes", _notes, Topic.NOTES, is_searched=True),
    "about": Page("About", _about, Topic.ABOUT, is_searched=True),
}
"""By the action that opens them."""
