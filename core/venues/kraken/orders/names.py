"""
Client order ids at Kraken: a UUID, or at most 18 letters, so our own name does not fit.

The first half of the UUID marks the run, the second is the order's number.
"""

from __future__ import annotations

from core.domain.ids import RunId, client_order_id, stable_int64

_HALF = 16


class Names:
    """
    Names of one run's orders.

    Args:
        run_id: Marks them.
    """

    def __init__(self, run_id: RunId) -> None:
        self._mark = f"{stable_int64(client_order_id(run_id, 0)):016x}"

    def name(self, number: int) -> str:
        """Client order id of an order of ours."""
        text = f"{self._mark}{number:016x}"
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    def parse(self, name: str, order_id: str) -> int:
        """Our number; a negative one, the same in every session, for any other order."""
        text = name.replace("-", "")
        if len(text) == 2 * _HALF and text.startswith(self._mark):
            try:
                return int(text[_HALF:], 16)
            except ValueError:
                pass
        return -stable_int64(order_id)
