"""Which pane stands in which slot of the main screen, and who takes the room of a hidden one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.viewmodels.arrangement import Rect

PANES = ("pnl", "obi", "book", "regime", "signals", "positions", "why", "trades")
"""Every pane that may move, in the order of the slots: each slot is named by its usual pane."""


@dataclass(frozen=True, slots=True)
class PaneOrder:
    """How a person wants the panes."""

    order: tuple[str, ...] = PANES
    """The pane of each slot of `PANES`, each once."""
    hidden: frozenset[str] = frozenset()
    """Panes that are left out; at least one is not."""


DEFAULT_ORDER = PaneOrder()


def place(slots: Mapping[str, Rect], wanted: PaneOrder = DEFAULT_ORDER) -> dict[str, Rect]:
    """
    Put panes into the slots that a size of terminal has.

    A hidden pane's slot goes to its neighbors, so that no hole is left.

    Args:
        slots: As `arrangement.arrange` places the usual panes; others stay where they are.
        wanted: Who stands where.
    """
    panes = dict(zip(PANES, wanted.order, strict=True))
    places = {panes.get(slot, slot): rect for slot, rect in slots.items()}
    for pane in PANES:
        if pane in wanted.hidden and pane in places:
            hole = places.pop(pane)
            places.update(_grown(places, hole))
    return places


def _grown(places: Mapping[str, Rect], hole: Rect) -> dict[str, Rect]:
    """Neighbors that together have the whole of one side of the hole, grown into it."""
    rects = {name: rect for name, rect in places.items() if name in PANES}
    for grow in (_down, _up, _right, _left):
        grown = {name: bigger for name, rect in rects.items() if (bigger := grow(rect, hole))}
        gained = sum(_area(bigger) - _area(rects[name]) for name, bigger in grown.items())
        if gained == _area(hole):
            return grown
    return {}


def _area(rect: Rect) -> int:
    return rect.width * rect.height


def _down(rect: Rect, hole: Rect) -> Rect | None:
    touches = rect.y + rect.height == hole.y and _is_within(rect.x, rect.width, hole.x, hole.width)
    return rect._replace(height=rect.height + hole.height) if touches else None


def _up(rect: Rect, hole: Rect) -> Rect | None:
    touches = hole.y + hole.height == rect.y and _is_within(rect.x, rect.width, hole.x, hole.width)
    return rect._replace(y=hole.y, height=rect.height + hole.height) if touches else None


def _right(rect: Rect, hole: Rect) -> Rect | None:
    touches = rect.x + rect.width == hole.x and _is_within(rect.y, rect.height, hole.y, hole.height)
    return rect._replace(width=rect.width + hole.width) if touches else None


def _left(rect: Rect, hole: Rect) -> Rect | None:
    touches = hole.x + hole.width == rect.x and _is_within(rect.y, rect.height, hole.y, hole.height)
    return rect._replace(x=hole.x, width=rect.width + hole.width) if touches else None


def _is_within(start: int, length: int, outer: int, outer_length: int) -> bool:
    return outer <= start and start + length <= outer + outer_length
