"""Fewer bytes, the same picture: a terminal emulator is the judge."""

from __future__ import annotations

import pyte
import pytest
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from cockpit.screens.thrift import PLAIN, ThriftyUpdate, change_style

GREEN = Style.parse("#2f9d6e on #0d1117")
RED = Style.parse("#cf5c55 on #0d1117")
LOUD = Style.parse("bold #ffffff on #a3282f")
COLUMNS, ROWS = 20, 3


def shown(*writes: str) -> tuple[list[str], list[tuple[str, str, bool]]]:
    """What a terminal shows after the writes: lines, and the style of each cell of line 2."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.Stream(screen)
    for text in writes:
        stream.feed(text)
    cells = [screen.buffer[1][column] for column in range(COLUMNS)]
    return list(screen.display), [(cell.fg, cell.bg, cell.bold) for cell in cells]


def line(*segments: tuple[str, Style]) -> Strip:
    return Strip([Segment(text, style) for text, style in segments])


def console(color_system: str = "truecolor") -> Console:
    return Console(color_system=color_system, force_terminal=True)


def update(strip: Strip, spans: list[tuple[int, int, int]]) -> ThriftyUpdate:
    """Line 2 consists of one panel that begins in column 0."""
    chops = [{0: None}, {0: strip}, {0: None}]
    return ThriftyUpdate(chops, spans, [[COLUMNS]] * ROWS)


OLD = line(("price ", GREEN), ("3409", GREEN), (" ████", RED), (" halt", LOUD))
NEW = line(("price ", GREEN), ("3411", RED), (" ██  ", RED), (" halt", LOUD))


def whole(strip: Strip) -> str:
    return update(strip, [(1, 0, COLUMNS)]).render_segments(console())


def test_writing_the_changed_columns_gives_the_whole_new_line() -> None:
    patch = update(NEW, [(1, 6, 10), (1, 13, 15)]).render_segments(console())
    assert shown(whole(OLD), patch) == shown(whole(NEW))


def test_columns_outside_a_span_are_not_sent() -> None:
    patch = update(NEW, [(1, 6, 10)]).render_segments(console())
    assert "price" not in patch
    assert "halt" not in patch


def test_no_style_leaks_into_what_is_written_next() -> None:
    """The cursor is left plain, as Textual expects it."""
    assert whole(NEW).endswith("\x1b[0m")


def test_it_is_much_less_than_naming_every_style_in_full() -> None:
    patch = update(NEW, [(1, 6, 10), (1, 13, 15)]).render_segments(console())
    assert len(patch) < len(NEW.render(console())) / 2


@pytest.mark.parametrize(
    ("before", "after", "sequence"),
    [
        (GREEN, GREEN, ""),
        (GREEN, RED, "\x1b[38;2;207;92;85m"),
        (LOUD, RED, "\x1b[0;38;2;207;92;85;48;2;13;17;23m"),
        (GREEN, PLAIN, "\x1b[0m"),
        (PLAIN, Style(bold=True, reverse=True), "\x1b[0;1;7m"),
    ],
)
def test_only_what_differs_of_a_style_is_sent(before, after, sequence) -> None:
    assert change_style(before, after, ColorSystem.TRUECOLOR) == sequence


def test_a_terminal_of_few_colors_gets_its_own() -> None:
    assert ";2;" not in update(NEW, [(1, 0, 20)]).render_segments(console("256"))
