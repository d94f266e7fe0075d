"""The state is its bytes: what is saved comes back the same."""

from __future__ import annotations

import pytest

from core.kernel.state import from_bytes, to_bytes
from tests.unit.kernel.kernel_rig import KernelRig


def test_a_state_comes_back_from_its_bytes() -> None:
    rig, empty = KernelRig(), KernelRig(connected=False)
    rig.warm()
    rig.fill(1, 1, 3401, 7)
    stored = to_bytes(rig.state)
    assert stored != to_bytes(empty.state)
    from_bytes(empty.state, stored)
    assert to_bytes(empty.state) == stored
    assert empty.instrument()["position_lots"] == 7


def test_bytes_of_another_shape_are_refused() -> None:
    rig = KernelRig()
    before = to_bytes(rig.state)
    with pytest.raises(ValueError, match="this kernel needs"):
        from_bytes(rig.state, before[:-8])
    assert to_bytes(rig.state) == before
