"""From the kernel's rows to the stops and targets that people have set."""

from __future__ import annotations

from collections.abc import Sequence

from core.api.units import Units
from core.domain.enums import BracketState, Side
from core.domain.memory import Rows
from core.domain.snapshot import BracketView, InstrumentMeta

_FIELDS = (
    "bracket_id", "instrument", "side", "state", "left_lots", "stop_ticks", "target_ticks",
    "entry_order", "exit_order", "created_ts_ns",
)  # fmt: skip


def view_brackets(
    rows: Rows, metas: Sequence[InstrumentMeta], units: Sequence[Units]
) -> tuple[BracketView, ...]:
    """
    List the brackets in use, oldest first.

    Raises:
        ValueError: If one is of an instrument that is not traded, or says what it cannot.
    """
    used = rows[rows["bracket_id"] != 0]
    views = []
    for number, index, side, state, lots, stop, target, entry, leaving, created in zip(
        *(used[name].tolist() for name in _FIELDS), strict=True
    ):
        if not 0 <= index < len(metas):
            raise ValueError(f"bracket {number} of instrument {index}")
        unit = units[index]
        views.append(
            BracketView(
                number, index, metas[index].symbol, Side(side), BracketState(state),
                unit.quantity(lots), unit.price_or_nan(stop), unit.price_or_nan(target),
                entry, leaving, created,
            )
        )  # fmt: skip
    return tuple(sorted(views, key=lambda view: view.bracket_id))
