"""hftbacktest on the Binance file: `python -m tests.perf.peer_hftbacktest FILE`."""

from __future__ import annotations

import contextlib
import io
import sys
import time

import numpy as np
from hftbacktest import GTX, LIMIT, BacktestAsset, ROIVectorMarketDepthBacktest
from hftbacktest.data.utils import binancefutures
from hftbacktest.types import DEPTH_EVENT
from numba import njit

from tests.perf.peer_process import Figures, serve

TIMES = 6
TICK_SIZE = 0.1
LOT_SIZE = 0.001
COOLDOWN_NS = 250_000_000
MIN_IMBALANCE = 0.15
MARKET_FEED = 2
MAX_ROWS = 20_000_000


@njit
def quote(hbt, cooldown_ns, min_imbalance):
    """Keep one post-only order on the side that the imbalance of five levels favors."""
    evaluations = 0
    orders = 0
    order_id = 0
    last_ns = 0
    while True:
        what = hbt.wait_next_feed(False, 3_600_000_000_000)
        if what != MARKET_FEED:
            return evaluations, orders
        evaluations += 1
        depth = hbt.depth(0)
        bids = 0.0
        asks = 0.0
        for level in range(5):
            bids += depth.bid_qty_at_tick(depth.best_bid_tick - level)
            asks += depth.ask_qty_at_tick(depth.best_ask_tick + level)
        total = bids + asks
        if total <= 0.0 or hbt.current_timestamp - last_ns < cooldown_ns:
            continue
        imbalance = (bids - asks) / total
        if abs(imbalance) < min_imbalance:
            continue
        last_ns = hbt.current_timestamp
        hbt.clear_inactive_orders(0)
        if order_id in hbt.orders(0):
            hbt.cancel(0, order_id, False)
        order_id += 1
        orders += 1
        if imbalance > 0:
            hbt.submit_buy_order(0, order_id, depth.best_bid, 0.001, GTX, LIMIT, False)
        else:
            hbt.submit_sell_order(0, order_id, depth.best_ask, 0.001, GTX, LIMIT, False)


def convert(path: str) -> np.ndarray:
    """Read the file with the library's own reader, and repeat it as ours is repeated."""
    with contextlib.redirect_stdout(io.StringIO()):
        once = binancefutures.convert(path, buffer_size=MAX_ROWS)
    span_ns = int(once["local_ts"].max() - once["exch_ts"].min()) + 1_000_000_000
    rows = np.tile(once, TIMES)
    shift_ns = np.repeat(np.arange(TIMES) * span_ns, len(once))
    rows["local_ts"] += shift_ns
    rows["exch_ts"] += shift_ns
    return rows


def main(path: str) -> None:
    """Prepare the data, compile, and run when told to."""
    rows = convert(path)
    levels = int(((rows["ev"] & 0xFF) == DEPTH_EVENT).sum())
    prices = rows["px"][rows["px"] > 0]
    middle = float(np.median(prices))

    def run() -> Figures:
        asset = (
            BacktestAsset()
            .data([rows])
            .linear_asset(1.0)
            .constant_order_latency(10_000, 10_000)
            .risk_adverse_queue_model()
            .no_partial_fill_exchange()
            .trading_value_fee_model(0.0002, 0.0005)
            .tick_size(TICK_SIZE)
            .lot_size(LOT_SIZE)
            .roi_lb(middle * 0.8)
            .roi_ub(middle * 1.2)
        )
        hbt = ROIVectorMarketDepthBacktest([asset])
        started_s = time.perf_counter()
        evaluations, orders = quote(hbt, COOLDOWN_NS, MIN_IMBALANCE)
        seconds = time.perf_counter() - started_s
        hbt.close()
        return {
            "passes_per_s": TIMES / seconds,
            "levels_per_s": levels / seconds,
            "evaluations": evaluations,
            "orders": orders,
            "seconds": seconds,
        }

    run()
    serve(run)


if __name__ == "__main__":
    main(sys.argv[1])
