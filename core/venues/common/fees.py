"""What a fee is worth in the account's currency."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal

from core.domain.errors import DecodeError
from core.venues.common.grid import money_nanos

MAX_FEE_NANOS = 1 << 62
"""Larger fees do not fit 64 bits safely."""

_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)
"""Holds every product of an amount and a rate without rounding it."""


class Fees:
    """
    Convert fees.

    Args:
        rates: Worth of one unit of each asset, in units of the account's currency.
    """

    def __init__(self, rates: Mapping[str, Decimal] | None = None) -> None:
        self._rates = dict(rates or {})

    def nanos(self, amount: str, asset: str) -> int | None:
        """
        Nanos of a fee in the account's currency, rounded half to even.

        Args:
            amount: Decimal text; negative for a rebate.
            asset: What it was paid in; empty for the account's currency.

        Returns:
            None where nobody has said what the asset is worth.

        Raises:
            DecodeError: If it is no amount, or more than can be summed up.
        """
        nanos = money_nanos(amount)
        if asset and nanos:
            rate = self._rates.get(asset)
            if rate is None:
                return None
            worth = _EXACT.multiply(Decimal(nanos), rate)
            nanos = int(worth.to_integral_value(ROUND_HALF_EVEN, _EXACT))
        if abs(nanos) >= MAX_FEE_NANOS:
            raise DecodeError("fee", f"{amount} {asset}".rstrip() + " does not fit")
        return nanos
