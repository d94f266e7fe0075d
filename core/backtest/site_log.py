"""
A Trader's run as a log in the form of IMC's site, which viewers of it read.

Three parts: what was printed in each tick, the books with the profit of each product
before the tick's orders, and all trades. The last one is valid JSON, which the site's own
is not always.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from core.domain.errors import ConfigurationError
from core.domain.instrument import NANOS
from core.kernel.state import KernelState
from core.strategies.datamodel import Trade

_HEADER = (
    "day;timestamp;product;bid_price_1;bid_volume_1;bid_price_2;bid_volume_2;bid_price_3;"
    "bid_volume_3;ask_price_1;ask_volume_1;ask_price_2;ask_volume_2;ask_price_3;ask_volume_3;"
    "mid_price;profit_and_loss"
)
_LEVELS = 3


class SiteLog:
    """Kept while a Trader runs, and written at the end."""

    def __init__(self, day: int, symbols: Sequence[str], also_to: TextIO | None = None) -> None:
        """`also_to`: Where prints are shown as well."""
        self.prints = _Prints(also_to)
        """Takes what the Trader prints."""
        self._day = day
        self._symbols = tuple(symbols)
        self._sandbox: list[str] = []
        self._activities: list[str] = []
        self._trades: list[str] = []

    def note_tick(
        self, timestamp: int, books: Sequence[tuple[int, Sequence[int]]], state: KernelState
    ) -> None:
        """Keep what was printed in a tick, and its books, before its orders are settled."""
        row = {"sandboxLog": "", "lambdaLog": self.prints.take().rstrip(), "timestamp": timestamp}
        self._sandbox.append(json.dumps(row, indent=2))
        for number, levels in books:
            instrument = state.instruments[number]
            pnl_nanos = (
                instrument["realized_nanos"] + instrument["unrealized_nanos"]
                - instrument["fees_nanos"]
            )  # fmt: skip
            columns = [
                self._day, timestamp, self._symbols[number],
                *_side(levels[:_LEVELS], levels[_LEVELS : 2 * _LEVELS]),
                *_side(levels[2 * _LEVELS : 3 * _LEVELS], levels[3 * _LEVELS :]),
                int(instrument["mid2_ticks"]) / 2, int(pnl_nanos) / NANOS,
            ]  # fmt: skip
            self._activities.append(";".join(map(str, columns)))

    def note_trades(self, trades: Sequence[Trade]) -> None:
        """Keep own or market trades of the tick."""
        self._trades += [
            json.dumps(
                {
                    "timestamp": trade.timestamp, "buyer": trade.buyer, "seller": trade.seller,
                    "symbol": trade.symbol, "currency": "SEASHELLS", "price": trade.price,
                    "quantity": trade.quantity,
                },
                indent=2,
            )
            for trade in trades
        ]  # fmt: skip

    def write(self, path: Path) -> None:
        """
        Write the file.

        Raises:
            ConfigurationError: If it cannot be written.
        """
        text = "\n".join(
            [
                "Sandbox logs:", *self._sandbox, "", "",
                "", "Activities log:", _HEADER, *self._activities, "", "", "",
                "", "Trade History:", "[", ",\n".join(self._trades), "]", "",
            ]
        )  # fmt: skip
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from error


class _Prints(io.StringIO):
    """Keeps the text of one tick."""

    def __init__(self, also_to: TextIO | None) -> None:
        super().__init__()
        self._kept: list[str] = []
        self._also_to = also_to

    def write(self, text: str, /) -> int:
        """Keep it."""
        self._kept.append(text)
        if self._also_to is not None:
            self._also_to.write(text)
        return len(text)

    def take(self) -> str:
        """Take what was printed since the last time."""
        text = "".join(self._kept)
        self._kept.clear()
        return text


def _side(prices: Sequence[int], volumes: Sequence[int]) -> list[int | str]:
    """Cells of one side: price and volume of each level, empty for none."""
    cells: list[int | str] = []
    for price, volume in zip(prices, volumes, strict=True):
        cells += [price, abs(volume)] if volume else ["", ""]
    return cells
