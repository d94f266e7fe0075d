"""What a terminal says of itself, and what it is then given."""

from __future__ import annotations

import pytest

from cockpit.styles.palette256 import in_256_colors
from cockpit.styles.terminal import color_system_here, lacks_unicode, theme_for
from cockpit.styles.themes import ANSI, ANSI_COLORBLIND, DARK, LIGHT, MONO


@pytest.mark.parametrize(
    ("wanted", "environ", "color_system", "theme"),
    [
        ("light", {"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor", LIGHT),
        ("light", {"TERM": "xterm-256color"}, "256", in_256_colors(LIGHT)),
        ("light", {"TERM": "xterm"}, "standard", ANSI),
        ("dark", {"TERM": "linux"}, "standard", ANSI),
        ("high-contrast", {"TERM": "xterm-16color"}, "standard", ANSI),
        ("colorblind", {"TERM": "xterm"}, "standard", ANSI_COLORBLIND),
        ("ansi-colorblind", {"TERM": "xterm"}, "truecolor", ANSI_COLORBLIND),
        ("dark", {"TERM": "vt220"}, "standard", MONO),
        ("dark", {"TERM": "vt220", "COLORTERM": "truecolor"}, "truecolor", DARK),
        ("dark", {"TERM": "xterm", "NO_COLOR": "1"}, "truecolor", MONO),
        ("dark", {"TERM": "xterm", "NO_COLOR": ""}, "truecolor", DARK),
        ("mono", {"TERM": "xterm"}, "truecolor", MONO),
        ("dark", {}, None, ANSI),
    ],
)
def test_a_terminal_gets_the_nearest_theme_it_can_show(wanted, environ, color_system, theme):
    assert theme_for(wanted, environ, color_system) is theme


@pytest.mark.parametrize(
    ("environ", "encoding", "lacks"),
    [
        ({"LANG": "de_DE.UTF-8", "TERM": "xterm"}, "utf-8", False),
        ({"LANG": "C.UTF-8"}, "UTF-8", False),
        ({}, "utf-8", False),
        ({"TERM": "xterm"}, None, False),
        ({"LANG": "C"}, "utf-8", True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "utf-8", True),
        ({"LC_CTYPE": "C.UTF-8"}, "utf-8", False),
        ({"LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, "utf-8", False),
        ({"LANG": "C", "LC_ALL": "en_US.UTF-8"}, "utf-8", False),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, "utf-8", True),
        ({"LANG": "de_DE.ISO-8859-1"}, "utf-8", True),
        ({"LANG": "en_US.UTF-8"}, "ascii", True),
        ({"LANG": "en_US.UTF-8"}, "iso8859-1", True),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, "utf-8", True),
        ({"LANG": "en_US.UTF-8", "TERM": "vt100"}, "utf-8", True),
    ],
)
def test_a_terminal_without_unicode_is_known(environ, encoding, lacks) -> None:
    """Python sets LC_CTYPE itself where it finds LANG=C, which must not hide that."""
    assert lacks_unicode(environ, encoding) is lacks


@pytest.mark.parametrize(
    ("term", "colorterm", "found"),
    [
        ("xterm", "", "standard"),
        ("xterm-256color", "", "256"),
        ("xterm", "truecolor", "truecolor"),
    ],
)
def test_colors_are_counted_as_rich_counts_them(monkeypatch, term, colorterm, found) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLORTERM", colorterm)
    assert color_system_here() == found
