"""What outlives a connection."""

from __future__ import annotations

from core.venues.market.tally import RecentIds


def test_only_the_newest_ids_are_known() -> None:
    ids = RecentIds(2)
    assert [ids.add(name) for name in ("a", "b", "a", "c", "a")] == [True, True, False, True, True]
