"""Means of all pages: what is handed over as text arrives as text."""

from __future__ import annotations

import pytest

from core.reports.drawing import points, svg, text
from core.reports.html import document, table, tiles

EVIL = '<b onclick="x">&'
SAFE = "&lt;b onclick=&quot;x&quot;&gt;&amp;"


@pytest.mark.parametrize(
    "made",
    [
        document(EVIL, []),
        tiles({EVIL: "1"}),
        tiles({"name": EVIL}),
        table([EVIL], [["1"]]),
        table(["name"], [[EVIL]]),
        text(1.0, 2.0, EVIL, "end"),
        svg(10.0, 20.0, EVIL, []),
    ],
)
def test_text_is_escaped_wherever_it_stands(made: str) -> None:
    assert EVIL not in made
    assert SAFE in made


def test_a_table_has_its_heads_once_and_its_rows_in_order() -> None:
    made = table(["a", "b"], [["1", "2"], ["3", "4"]], "wide")
    assert '<table class="wide">' in made
    assert made.index("<th>a</th><th>b</th>") < made.index("<td>1</td><td>2</td>")
    assert made.index("<td>1</td>") < made.index("<td>3</td><td>4</td>")


def test_a_page_is_complete_and_follows_light_and_dark() -> None:
    made = document("t", ["<p>one</p>", "<p>two</p>"], ".own { color: red }")
    assert made.startswith("<!doctype html>")
    assert "<p>one</p>\n<p>two</p>" in made
    assert "prefers-color-scheme: dark" in made
    assert made.index("prefers-color-scheme") < made.index(".own")


def test_places_have_one_decimal() -> None:
    assert points([(1.0, 2.25), (3.04, 4.0)]) == "1.0,2.2 3.0,4.0"
