"""Sums that grow with a run and from which its figures are read, in bounded memory."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from core.api.topics import Figures
from core.domain.instrument import NANOS

_SECONDS_A_YEAR = 365 * 86_400


@dataclass(slots=True)
class Spread:
    """
    Mean and deviation of a series, one value at a time.

    B. P. Welford, "Note on a method for calculating corrected sums of squares and
    products", Technometrics 4 (1962).
    """

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        """Take one value in."""
        self.count += 1
        step = value - self.mean
        self.mean += step / self.count
        self.squares += step * (value - self.mean)

    def sharpe(self) -> float | None:
        """Mean over sample deviation, for a year of seconds; None without either."""
        if self.count < 2 or self.squares <= 0.0:
            return None
        ratio = self.mean / math.sqrt(self.squares / (self.count - 1))
        return ratio * math.sqrt(_SECONDS_A_YEAR)


@dataclass(slots=True)
class Sums:
    """Everything counted for one regime, instrument, origin, or the whole."""

    pnl_nanos: int = 0
    fees_nanos: int = 0
    volume_nanos: int = 0
    fills: int = 0
    maker_fills: int = 0
    closing_fills: int = 0
    winning_fills: int = 0
    won_nanos: int = 0
    lost_nanos: int = 0
    returns: Spread = field(default_factory=Spread)

    def add_fill(
        self, *, volume_nanos: int, fee_nanos: int, realized_nanos: int, is_maker: bool,
        is_closing: bool,
    ) -> None:  # fmt: skip
        """Count one fill."""
        self.fills += 1
        self.maker_fills += is_maker
        self.volume_nanos += volume_nanos
        self.fees_nanos += fee_nanos
        if not is_closing:
            return
        gain_nanos = realized_nanos - fee_nanos
        self.closing_fills += 1
        self.winning_fills += gain_nanos > 0
        if gain_nanos > 0:
            self.won_nanos += gain_nanos
        else:
            self.lost_nanos -= gain_nanos

    def figures(self) -> Figures:
        """Read them, in the account's currency."""
        return Figures(
            pnl=self.pnl_nanos / NANOS,
            fees=self.fees_nanos / NANOS,
            volume=self.volume_nanos / NANOS,
            fills=self.fills,
            maker_fills=self.maker_fills,
            closing_fills=self.closing_fills,
            win_rate=self.winning_fills / self.closing_fills if self.closing_fills else None,
            profit_factor=self.won_nanos / self.lost_nanos if self.lost_nanos else None,
            sharpe=self.returns.sharpe(),
            seconds=self.returns.count,
        )
