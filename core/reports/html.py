"""
Means of every page we write: one HTML file that needs nothing else, in light and dark.

Whatever comes from outside, such as names, notes and paths, is escaped here or by its page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

_BASE_STYLE = """
:root { color-scheme: light dark; --rule: #8886; --up: #2a6fdb; --down: #c2410c }
@media (prefers-color-scheme: dark) { :root { --up: #5b9bf5; --down: #f0883e } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.2rem; margin-top: 2rem } h3 { font-size: 1rem }
svg { width: 100%; height: auto; display: block }
svg text { font: 12px system-ui, sans-serif; fill: currentColor }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .75rem }
.tile { border: 1px solid var(--rule); border-radius: .5rem; padding: .5rem .75rem }
.tile b { display: block; font-size: 1.15rem; font-variant-numeric: tabular-nums }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--rule) }
th:first-child, td:first-child { text-align: left }
code { font-size: .85rem; overflow-wrap: anywhere } .note { opacity: .75 }
"""


def document(title: str, parts: Sequence[str], style: str = "") -> str:
    """
    Put a page together.

    Args:
        title: Plain text.
        parts: HTML, in order.
        style: More style sheet, after that of all pages.
    """
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_BASE_STYLE}{style}</style></head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def tiles(figures: Mapping[str, str], remarks: Mapping[str, str] | None = None) -> str:
    """Lay figures out side by side: name and value, and what is said below it, plain text."""
    said = {name: f"<small>{escape(words)}</small>" for name, words in (remarks or {}).items()}
    cells = (
        f'<div class="tile">{escape(name)}<b>{escape(value)}</b>{said.get(name, "")}</div>'
        for name, value in figures.items()
    )
    return f'<div class="tiles">{"".join(cells)}</div>'


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """Write plain text in rows and columns; `kind` is a class for the style sheet."""
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    named = f' class="{kind}"' if kind else ""
    return (
        f'<div class="scroll"><table{named}><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
