"""Means of every inline SVG: colors come from the page, so light and dark both read."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def points(places: Sequence[tuple[float, float]]) -> str:
    """Write places as a polyline takes them."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def text(x: float, y: float, words: str, anchor: str) -> str:
    """Write words: `anchor` is start, middle or end."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def svg(width: float, height: float, label: str, parts: Sequence[str]) -> str:
    """Frame a drawing; the label is for those who do not see it."""
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" style="max-width:{width:.0f}px" '
        f'role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )
