"""A Python strategy on recorded books: told in order, heard at once, stopped when it fails."""

from __future__ import annotations

from core.backtest.driven import DrivenTerms, run_driven
from core.domain.enums import Outcome
from core.strategies.python_class import LoadedClass, StrategyKind
from tests.unit.backtest.test_trader import CAPITAL, PARAMS, make_data

BOOKS = {"KELP": ([(99, 4)], [(102, 5)]), "RESIN": ([(9_998, 3)], [(10_003, 6)])}
QUIET = (BOOKS, [])
SOLD = (BOOKS, [("KELP", 99, 6)])


def run(made, ticks):
    loaded = LoadedClass("own.py:Own", "", __file__, StrategyKind.HANDLERS, type(made))
    object.__setattr__(loaded, "made_by", _Maker(made))
    return run_driven(make_data(ticks), loaded, PARAMS, CAPITAL, DrivenTerms(0, 0))


class _Maker:
    """Makes one that the test holds on to."""

    def __init__(self, made):
        self.made = made

    def __call__(self):
        return self.made

    def __getattr__(self, name):
        return getattr(type(self.made), name)


class Recording:
    """Keeps what it is told."""

    def on_start(self, context):
        self.context = context
        self.told = [("start", context.symbols)]

    def on_book(self, book):
        self.told.append(("book", book.symbol, book.bid, self.context.position("KELP")))

    def on_trade(self, trade):
        self.told.append(("trade", trade.symbol, trade.price, trade.quantity))

    def on_fill(self, fill):
        self.told.append(("fill", fill.symbol, fill.side, fill.price, fill.quantity))


class Buyer(Recording):
    """Buys once at the ask, and once passively."""

    def on_book(self, book):
        super().on_book(book)
        if book.symbol == "KELP" and len(self.told) == 2:
            self.context.buy("KELP", 2, book.ask)
            self.context.buy("KELP", 3, book.bid + 1)


def test_a_strategy_is_told_everything_in_order():
    """A fill of its own order comes before the next recorded event."""
    buyer = Buyer()
    done = run(buyer, [QUIET, (BOOKS, [("KELP", 100, 1)])])
    assert buyer.told == [
        ("start", ("KELP", "RESIN")),
        ("book", "KELP", 99.0, 0.0),
        ("fill", "KELP", 1, 102.0, 2.0),
        ("book", "RESIN", 9998.0, 2.0),
        ("book", "KELP", 99.0, 2.0),
        ("book", "RESIN", 9998.0, 2.0),
        ("fill", "KELP", 1, 100.0, 1.0),
        ("trade", "KELP", 100.0, 1.0),
    ]
    assert done.fault is None
    assert done.result.account[0]["orders"] == 2
    assert len(done.result.fills) == 2


def test_the_same_strategy_decides_the_same():
    first, second = (run(Buyer(), [QUIET, SOLD, QUIET]) for _ in range(2))
    assert first.result.account[0]["decision_hash"] == second.result.account[0]["decision_hash"]
    assert first.result.account[0]["decision_hash"] != 0


class Greedy(Recording):
    def on_book(self, book):
        if book.symbol == "KELP":
            self.context.buy("KELP", 13, book.ask)


def test_what_the_gate_refuses_has_an_outcome():
    done = run(Greedy(), [QUIET])
    assert int(done.result.account[0]["outcomes"][Outcome.POSITION_LIMIT]) == 1
    assert int(done.result.account[0]["orders"]) == 0


class Ticking:
    timer_ms = 200

    def on_start(self, context):
        self.context = context
        self.times = []

    def on_timer(self, now_ns):
        self.times.append(now_ns)
        self.context.target("KELP", 4 - 2 * len(self.times))


def test_a_timer_rings_at_its_beat_and_a_target_is_reached():
    ticking = Ticking()
    done = run(ticking, [QUIET] * 5)
    assert [after - ticking.times[0] for after in ticking.times] == [0, 200_000_000, 400_000_000]
    assert done.result.states[0]["position_lots"] == -2


class Faulty(Buyer):
    def on_trade(self, trade):
        raise KeyError(trade.symbol)


def test_a_fault_ends_it_and_keeps_what_was_done():
    done = run(Faulty(), [QUIET, SOLD, QUIET])
    assert "raised KeyError: 'KELP'" in str(done.fault)
    assert "at 2001-01-01T00:00:00.100Z" in str(done.fault)
    assert done.result.account[0]["fills"] >= 1
