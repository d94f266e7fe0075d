"""Finds the table of values in a page, with the parser of the standard library."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

TABLE_CLASS = "tblsort"
MAX_ROWS = 20_000


@dataclass(slots=True)
class Table:
    """Text of the cells, blanks squeezed."""

    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


class _Parser(HTMLParser):
    """Gathers the tables of one class, and all text beside them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Table] = []
        self.text: list[str] = []
        self._depth = 0
        self._cell: list[str] | None = None
        self._cells: list[str] = []
        self._is_header = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            classes = next((value or "" for name, value in attrs if name == "class"), "")
            if self._depth or TABLE_CLASS in classes.split():
                self._depth += 1
                if self._depth == 1:
                    self.tables.append(Table())
        elif self._depth == 1:
            self._enter(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._depth:
            if self._depth == 1:
                self._end_row()
            self._depth -= 1
        elif self._depth == 1 and tag in {"td", "th"}:
            self._end_cell()
        elif self._depth == 1 and tag in {"tr", "thead", "tbody"}:
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._depth == 1 and self._cell is not None:
            self._cell.append(data)
        elif not self._depth:
            self.text.append(data)

    def _enter(self, tag: str) -> None:
        if tag in {"td", "th"}:
            # Closing tags of cells and rows may be left out in HTML.
            self._end_cell()
            self._cell = []
            self._is_header = tag == "th"
        elif tag == "tr":
            self._end_row()
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def _end_cell(self) -> None:
        if self._cell is not None:
            self._cells.append(" ".join("".join(self._cell).split()))
            self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        cells, self._cells = self._cells, []
        table = self.tables[-1]
        if not cells or len(table.rows) >= MAX_ROWS:
            return
        if not self._is_header:
            table.rows.append(cells)
        elif not table.header:
            # Long tables repeat theirs.
            table.header = cells


@dataclass(frozen=True, slots=True)
class Page:
    """What a page holds."""

    tables: list[Table]
    text: str
    """Outside of the tables, blanks squeezed."""


def read_page(body: bytes) -> Page:
    """Take a page apart; damaged HTML gives what could be understood."""
    parser = _Parser()
    parser.feed(body.decode("utf-8", "replace"))
    parser.close()
    return Page(parser.tables, " ".join(" ".join(parser.text).split()))
