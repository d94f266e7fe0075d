"""NautilusTrader on the best prices of the Binance file: `python -m ... FILE`."""

from __future__ import annotations

import sys
import time
from decimal import Decimal

from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.enums import AccountType, OmsType
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy

from core.data.loader import load_data
from core.domain.enums import EventKind
from tests.perf.peer_process import Figures, serve

QUOTES = 150_000


class Counter(Strategy):
    """Take every quote and do nothing with it."""

    def __init__(self, instrument_id) -> None:
        super().__init__()
        self._instrument_id = instrument_id
        self.quotes = 0

    def on_start(self) -> None:
        """Ask for quotes."""
        self.subscribe_quote_ticks(self._instrument_id)

    def on_quote_tick(self, tick) -> None:
        """Count."""
        self.quotes += 1


def make_quotes(path: str, instrument) -> list[QuoteTick]:
    """Best prices and sizes of every recorded book, repeated."""
    data = load_data([path])
    rows = data.events[data.events["kind"] == EventKind.BOOK]
    ours = data.instruments[0]
    quotes = []
    shift_ns = 0
    while len(quotes) < QUOTES:
        for row in rows:
            bid, ask = int(row["bid_ticks"][0]), int(row["ask_ticks"][0])
            if not 0 < bid < ask:
                continue
            ts_ns = int(row["ts_ns"]) + shift_ns
            quotes.append(
                QuoteTick(
                    instrument.id,
                    Price(float(ours.to_price(bid)), instrument.price_precision),
                    Price(float(ours.to_price(ask)), instrument.price_precision),
                    Quantity(
                        max(0.001, float(ours.to_quantity(int(row["bid_lots"][0])))),
                        instrument.size_precision,
                    ),
                    Quantity(
                        max(0.001, float(ours.to_quantity(int(row["ask_lots"][0])))),
                        instrument.size_precision,
                    ),
                    ts_ns,
                    ts_ns,
                )
            )
        shift_ns += data.last_ts_ns - data.first_ts_ns + 1_000_000_000
    return quotes[:QUOTES]


def main(path: str) -> None:
    """Prepare the quotes, and run when told to."""
    instrument = TestInstrumentProvider.btcusdt_perp_binance()
    quotes = make_quotes(path, instrument)

    def run() -> Figures:
        engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
        engine.add_venue(
            venue=Venue("BINANCE"),
            oms_type=OmsType.NETTING,
            account_type=AccountType.MARGIN,
            base_currency=None,
            starting_balances=[Money(Decimal(1_000_000), USDT)],
        )
        engine.add_instrument(instrument)
        engine.add_data(quotes)
        counter = Counter(instrument.id)
        engine.add_strategy(counter)
        started_s = time.perf_counter()
        engine.run()
        seconds = time.perf_counter() - started_s
        counted = counter.quotes
        engine.dispose()
        return {"quotes_per_s": counted / seconds, "quotes": counted, "seconds": seconds}

    serve(run)


if __name__ == "__main__":
    main(sys.argv[1])
