"""What of a spot account's balance is a position."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from core.domain.instrument import Instrument


class Holding:
    """
    The base asset of one instrument.

    A spot account holds coins, not positions. Either all of them count, or only what was
    bought and sold here: then the balance at which we are flat is found at the first
    login, from what earlier runs on this account have left.

    Args:
        instrument: Its base asset is meant.
        lots: Held by earlier runs, signed.
        counts_all: All coins of the account are the position.
    """

    def __init__(self, instrument: Instrument, lots: int, *, counts_all: bool) -> None:
        self._lot_size = instrument.lot_size
        self._counts_all = counts_all
        self._flat_at: Decimal | None = Decimal(0) if counts_all else None
        self.lots = lots
        """By our own count: what was carried over and what has been filled since."""

    def fill(self, signed_lots: int, base_fee: Decimal) -> None:
        """
        Count an execution.

        Args:
            signed_lots: Negative for a sale.
            base_fee: Part of it that was kept by the venue in the base asset. It is
                booked as a fee in money, so it must not be missing from the position too.
        """
        self.lots += signed_lots
        if self._flat_at is not None and not self._counts_all:
            self._flat_at -= base_fee

    def told(self, balance: Decimal) -> int:
        """Say which position a balance means: whole lots."""
        if self._flat_at is None:
            self._flat_at = balance - self.lots * self._lot_size
        lots = (balance - self._flat_at) / self._lot_size
        if self._counts_all:
            return int(lots)
        return int(lots.to_integral_value(ROUND_HALF_EVEN))

    def believe(self, lots: int) -> None:
        """Take the venue's word for it."""
        self.lots = lots
