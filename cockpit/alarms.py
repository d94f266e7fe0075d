"""Calls a trader: keeps what the rules have found, rings, and remembers what was seen."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from cockpit.viewmodels.alert_list import AlertEntry
from cockpit.viewmodels.alert_rules import AlertRule
from cockpit.viewmodels.alerts import evaluate
from cockpit.viewmodels.view import View

KEPT = 200
FLASH_S = 4.0
"""An alarm is drawn in turns for so long, unless motion is to be reduced."""


class Alarms:
    """
    Looks at every view before it is drawn.

    Args:
        rules: What to watch.
        ring: Rings the terminal's bell.
        is_calm: No flashing.
        now_s: Monotonic seconds.
    """

    def __init__(
        self,
        rules: tuple[AlertRule, ...],
        ring: Callable[[], None],
        *,
        is_calm: bool = False,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rules = rules
        self._ring = ring
        self._is_calm = is_calm
        self._now_s = now_s
        self._entries: deque[AlertEntry] = deque(maxlen=KEPT)
        self._seen: View | None = None
        self._number = 0
        self._flash_until_s = 0.0

    def look(self, view: View) -> View:
        """Add to a view what has been called for, with what has just become true."""
        before, self._seen = self._seen, view
        for alert in evaluate(self._rules, before, view) if _has_news(before, view) else ():
            self._number += 1
            self._entries.appendleft(AlertEntry(self._number, alert, alert.level == "info"))
            if alert.level == "alarm" and not self._is_calm:
                self._flash_until_s = self._now_s() + FLASH_S
            if alert.bell:
                self._ring()
        now_s = self._now_s()
        is_bright = now_s < self._flash_until_s and int(now_s) % 2 == 0
        return replace(view, alerts=tuple(self._entries), is_bright=is_bright)

    def acknowledge(self, number: int = 0) -> None:
        """Take one as seen, or with 0 all."""
        for place, entry in enumerate(self._entries):
            if number in (0, entry.number):
                self._entries[place] = replace(entry, is_seen=True)
        self._flash_until_s = 0.0


def _has_news(before: View | None, now: View) -> bool:
    """Whether there is anything to judge; a replay that went back has told it already."""
    if before is None or before.snapshot is None or now.snapshot is None:
        return True
    if now.is_replay and now.snapshot.seq < before.snapshot.seq:
        return False
    return (
        before.snapshot is not now.snapshot
        or before.notices is not now.notices
        or before.is_stale is not now.is_stale
    )
