"""Codes that index an array have to be its indices."""

from __future__ import annotations

import pytest

from core.domain.enums import N_OUTCOMES, N_SIGNALS, Outcome, Signal


@pytest.mark.parametrize(("codes", "room"), [(Outcome, N_OUTCOMES), (Signal, N_SIGNALS)])
def test_codes_stand_in_the_order_of_their_values(codes, room) -> None:
    """Viewers name counts by place: two codes out of order would swap their names."""
    assert [code.value for code in codes] == list(range(len(codes)))
    assert len(codes) <= room
