"""An IMC Trader's orders against the community's rules, written down plainly."""

from __future__ import annotations

import textwrap
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.backtest.trader import TraderTerms, run_trader
from core.data.dataset import DataSet
from core.data.prosperity import DAY_ZERO_NS
from core.domain import events
from core.domain.enums import Outcome
from core.domain.errors import ConfigurationError
from core.domain.events import load, stamp
from core.domain.ids import Symbol
from core.domain.instrument import NANOS, Instrument
from core.domain.memory import as_records
from core.kernel.prosperity import MATCH_ALL, MATCH_NONE, MATCH_WORSE
from core.settings.loader import load_settings
from core.settings.parameters import params_row
from core.strategies.datamodel import Order
from core.strategies.python_class import LoadedClass, StrategyKind, load_class

LIMITS = {"KELP": 12, "RESIN": 7}
SYMBOLS = tuple(LIMITS)
TICK_NS = 100_000_000
PARAMS = params_row(load_settings("prosperity-trader").settings)
CAPITAL = 100_000_000 * NANOS


def make_data(ticks, profile="prosperity"):
    """Ticks of ({symbol: (bids, asks)}, [(symbol, price, quantity)]), books before trades."""
    rows = []
    for number, (books, trades) in enumerate(ticks):
        at_ns = DAY_ZERO_NS + number * TICK_NS
        made = [events.book(SYMBOLS.index(s), *sides) for s, sides in books.items()]
        made += [events.trade(SYMBOLS.index(s), price, lots, 0) for s, price, lots in trades]
        for row in made:
            stamp(row, 0, at_ns)
        rows += made
    instruments = tuple(
        Instrument(Symbol(s), Decimal(1), position_limit_lots=limit) for s, limit in LIMITS.items()
    )
    return DataSet(instruments, profile, as_records(load(rows)), ())


class Scripted:
    """Answers what it was given, and keeps what it was told."""

    def __init__(self, answers):
        self.answers = list(answers)
        self.told = []

    def run(self, state):
        trades = [
            {s: [vars(t) for t in made] for s, made in told.items()}
            for told in (state.own_trades, state.market_trades)
        ]
        depths = {
            s: (dict(d.buy_orders), dict(d.sell_orders)) for s, d in state.order_depths.items()
        }
        self.told.append((state.timestamp, depths, *trades, dict(state.position)))
        answer = self.answers[len(self.told) - 1]
        return answer if not isinstance(answer, dict) else (answer, 0, str(len(self.told)))


def loaded_as(made):
    return LoadedClass("scripted.py:Trader", "", __file__, StrategyKind.TRADER, lambda: made)


def run(ticks, answers, matching=MATCH_ALL, **changes):
    trader = Scripted(answers)
    terms = TraderTerms(matching=matching, timeout_s=0, memory_mb=0)
    done = run_trader(make_data(ticks, **changes), loaded_as(trader), PARAMS, CAPITAL, terms)
    return done, trader


def plainly(ticks, wishes, matching):  # noqa: PLR0912  plain on purpose
    """The rules once more, by dicts and loops: fills, what is told, and cash."""
    position, cash, own, market = {}, 0, {}, {}
    fills, told = [], []
    for number, ((books, trades), wanted) in enumerate(zip(ticks, wishes, strict=True)):
        depths = {
            s: (dict(bids), {price: -lots for price, lots in asks})
            for s, (bids, asks) in sorted(books.items())
        }
        told.append((number * 100, {s: (dict(b), dict(a)) for s, (b, a) in depths.items()},
                     dict(own), dict(market), dict(position)))  # fmt: skip
        left = [[s, price, lots, lots] for s, price, lots in trades]
        for symbol in sorted(wanted):
            orders = wanted[symbol]
            held = position.get(symbol, 0)
            most = held + sum(q for _, q in orders if q > 0)
            least = held + sum(q for _, q in orders if q < 0)
            if most > LIMITS[symbol] or least < -LIMITS[symbol]:
                continue
            made = []
            for price, quantity in orders:
                side = 1 if quantity > 0 else -1
                open_lots = abs(quantity)
                shown = depths[symbol][1] if side > 0 else depths[symbol][0]
                for level in sorted(shown, reverse=side < 0):
                    if open_lots and (level - price) * side <= 0 and shown[level]:
                        lots = min(open_lots, abs(shown[level]))
                        shown[level] += side * lots
                        open_lots -= lots
                        made.append((side, level, lots))
                for trade in left:
                    better = (price - trade[1]) * side
                    place = 3 if side > 0 else 2
                    meets = better > 0 if matching == MATCH_WORSE else better >= 0
                    if trade[0] == symbol and meets and matching != MATCH_NONE:
                        lots = min(open_lots, trade[place])
                        if lots:
                            trade[place] -= lots
                            open_lots -= lots
                            made.append((side, price, lots))
            for side, price, lots in made:
                position[symbol] = position.get(symbol, 0) + side * lots
                cash -= side * price * lots
                fills.append((symbol, side, price, lots))
            if made:
                own[symbol] = [
                    trade_of(symbol, price, lots, side, number) for side, price, lots in made
                ]
        for symbol in {s for s, *_ in trades}:
            market[symbol] = [
                trade_of(symbol, price, min(b, a), 0, number)
                for s, price, b, a in left
                if s == symbol and min(b, a)
            ]
    worth = 0
    for symbol, lots in position.items():
        newest = [books[symbol] for books, _ in ticks if symbol in books][-1]
        worth += lots * (newest[0][0][0] + newest[1][0][0]) / 2
    return fills, told, cash + worth


def trade_of(symbol, price, quantity, side, number):
    return {
        "symbol": symbol, "price": price, "quantity": quantity,
        "buyer": "SUBMISSION" if side > 0 else "", "seller": "SUBMISSION" if side < 0 else "",
        "timestamp": number * 100,
    }  # fmt: skip


@st.composite
def books_of(draw):
    """Both sides, one to three levels each, never crossed."""
    bid = draw(st.integers(95, 100))
    ask = bid + draw(st.integers(1, 5))
    lots = st.integers(1, 9)
    return (
        [(bid - 2 * level, draw(lots)) for level in range(draw(st.integers(1, 3)))],
        [(ask + level, draw(lots)) for level in range(draw(st.integers(1, 3)))],
    )


prices = st.integers(93, 107)
quantities = st.integers(-6, 6).filter(bool)
tick = st.tuples(
    st.fixed_dictionaries({symbol: books_of() for symbol in SYMBOLS}),
    st.lists(st.tuples(st.sampled_from(SYMBOLS), prices, st.integers(1, 8)), max_size=4),
)
wish = st.dictionaries(
    st.sampled_from(SYMBOLS), st.lists(st.tuples(prices, quantities), max_size=4), max_size=2
)


@given(
    st.lists(st.tuples(tick, wish), min_size=1, max_size=6),
    st.sampled_from([MATCH_ALL, MATCH_NONE, MATCH_WORSE]),
)
@settings(max_examples=40, deadline=None)
def test_every_fill_is_that_of_the_plain_rules(rows, matching):
    """Order by order, and so is all that the Trader is told, and the profit to the unit."""
    ticks, wishes = [row[0] for row in rows], [row[1] for row in rows]
    answers = [{s: [Order(s, *o) for o in made] for s, made in w.items()} for w in wishes]
    done, trader = run(ticks, answers, matching)
    fills, told, profit = plainly(ticks, wishes, matching)
    ours = [
        (SYMBOLS[int(f["instrument"])], int(f["side"]), int(f["price_ticks"]), int(f["lots"]))
        for f in done.result.fills
    ]
    for symbol in SYMBOLS:
        assert [f for f in ours if f[0] == symbol] == [f for f in fills if f[0] == symbol]
    assert trader.told == told
    account = done.result.account[0]
    assert int(account["equity_nanos"] - account["capital_nanos"]) == round(profit * NANOS)
    assert done.fault is None
    assert done.blocked == {}


BOOKS = {"KELP": ([(99, 4)], [(102, 5)]), "RESIN": ([(9_998, 3)], [(10_003, 6)])}
ONE_TICK = [(BOOKS, [])]


def test_orders_that_could_breach_a_limit_go_with_all_of_their_product():
    """The other product is not touched."""
    answers = [{"KELP": [Order("KELP", 102, 9), Order("KELP", 102, 4)],
                "RESIN": [Order("RESIN", 10_003, 6)]}]  # fmt: skip
    done, _ = run(ONE_TICK, answers)
    assert (done.over_limit, done.sent, len(done.result.fills)) == (2, 1, 1)
    state = done.result.states[0]
    assert Outcome(int(state["outcome"])) is Outcome.POSITION_LIMIT
    assert int(state["outcomes"][Outcome.POSITION_LIMIT]) == 2


def test_nothing_rests_over_ticks():
    """A quote that nobody met in its tick is gone, and the next tick owes it nothing."""
    quiet = (BOOKS, [])
    met = (BOOKS, [("KELP", 100, 3)])
    done, trader = run([quiet, met, met], [{"KELP": [Order("KELP", 100, 5)]}, {}, {}])
    assert len(done.result.fills) == 0
    assert trader.told[2][3]["KELP"][0]["quantity"] == 3


def test_a_book_with_one_side_can_be_taken_from():
    one = {"KELP": ([], [(102, 5)]), "RESIN": BOOKS["RESIN"]}
    done, trader = run([(BOOKS, []), (one, [])], [{}, {"KELP": [Order("KELP", 102, 2)]}])
    assert trader.told[1][1]["KELP"] == ({}, {102: -5})
    assert len(done.result.fills) == 1
    assert done.blocked == {}


@pytest.mark.parametrize("price", [1, 10**7])
def test_a_price_far_away_means_at_any_price(price):
    quantity = 2 if price > 1 else -2
    done, _ = run(ONE_TICK, [{"KELP": [Order("KELP", price, quantity)]}])
    assert int(done.result.fills[0]["price_ticks"]) == (102 if price > 1 else 99)


@pytest.mark.parametrize(
    ("orders", "reason"),
    [
        ({"PEARLS": [Order("PEARLS", 10, 1)]}, "unknown product"),
        ({"KELP": [Order("RESIN", 10, 1)]}, "listed under another product"),
        ({"KELP": [Order("KELP", 102, 0)]}, "quantity 0"),
        ({"KELP": [Order("KELP", 102.0, 1)]}, "price or quantity not an int"),
        ({"KELP": [Order("KELP", 102, 1.5)]}, "price or quantity not an int"),
        ({"KELP": [Order("KELP", float("nan"), 1)]}, "price or quantity not an int"),
        ({"KELP": [Order("KELP", 102, True)]}, "price or quantity not an int"),
    ],
)
def test_an_order_that_is_none_is_counted_and_the_others_go_on(orders, reason):
    done, _ = run(ONE_TICK, [orders | {"RESIN": [Order("RESIN", 10_003, 1)]}])
    assert done.refused == {reason: 1}
    assert done.examples[reason]
    assert (done.sent, len(done.result.fills)) == (1, 1)


def test_whole_numbers_of_numpy_are_whole_numbers():
    done, _ = run(ONE_TICK, [{"KELP": [Order("KELP", np.int64(102), np.int64(3))]}])
    assert (done.refused, len(done.result.fills)) == ({}, 1)


@pytest.mark.parametrize("quantity", [10**12, -(10**30)])
def test_a_huge_quantity_breaches_the_limit_like_any_other(quantity):
    done, _ = run(ONE_TICK, [{"KELP": [Order("KELP", 102, quantity)]}])
    assert (done.over_limit, len(done.result.fills)) == (1, 0)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "run returned None; it must return (orders, conversions, traderData)"),
        (({}, 0), "run returned a tuple of 2"),
        ([{}], "run returned a list of 1"),
        (({}, 0, None), "run returned None as traderData, not a str"),
        (({}, 0, {}), "run returned a dict as traderData"),
        (([], 0, ""), "orders that cannot be read"),
        (({"KELP": [("KELP", 1, 1)]}, 0, ""), "orders that cannot be read"),
        (({"KELP": None}, 0, ""), "orders that cannot be read"),
    ],
)
def test_an_answer_that_is_none_ends_the_run_with_what_was_done(answer, words):
    buys = {"KELP": [Order("KELP", 102, 2)]}
    done, _ = run([*ONE_TICK, *ONE_TICK], [buys, answer])
    assert done.fault is not None
    assert done.fault.exit_code == 2
    assert words in str(done.fault)
    assert str(done.fault).endswith("at timestamp 100")
    assert (done.ticks, len(done.result.fills)) == (1, 1)


def test_conversions_are_counted_and_not_carried_out():
    done, _ = run([*ONE_TICK, *ONE_TICK], [({}, 3, ""), ({}, 0, "")])
    assert done.conversions == 1


def test_what_a_trader_does_to_its_own_copies_changes_nothing():
    """It may take levels out of its books as it plans; the market's are others."""

    class Taker:
        def run(self, state):
            state.order_depths["KELP"].sell_orders.clear()
            state.position["KELP"] = 99
            state.own_trades.clear()
            return {"KELP": [Order("KELP", 102, 2)]}, 0, ""

    terms = TraderTerms(matching=MATCH_ALL, timeout_s=0, memory_mb=0)
    done = run_trader(make_data([*ONE_TICK] * 3), loaded_as(Taker()), PARAMS, CAPITAL, terms)
    assert [int(fill["lots"]) for fill in done.result.fills] == [2, 2, 2]


def test_more_orders_than_there_is_room_for_make_room():
    many = {"KELP": [Order("KELP", 102, 1), Order("KELP", 99, -1)] * 3,
            "RESIN": [Order("RESIN", 9_000, 1)] * 7}  # fmt: skip
    few, _ = run([*ONE_TICK] * 2, [many, many])
    lots = {"RESIN": [Order("OTHER", 1, 1)] * 5_000 + [Order("RESIN", 9_999, 1)] * 7}
    done, _ = run(ONE_TICK, [lots])
    assert few.sent == 26
    assert done.refused["listed under another product"] == 5_000
    assert done.sent == 7


def test_another_kind_of_data_is_refused():
    with pytest.raises(ConfigurationError, match="not Prosperity's"):
        run(ONE_TICK, [{}], profile="binance")


@pytest.fixture
def load_trader(tmp_path):
    def written(body):
        (tmp_path / "faulty.py").write_text(textwrap.dedent(body))
        return load_class(f"{tmp_path / 'faulty.py'}:Trader", [])

    return written


def run_file(loaded, timeout_s=0.0, memory_mb=0):
    terms = TraderTerms(matching=MATCH_ALL, timeout_s=timeout_s, memory_mb=memory_mb)
    return run_trader(make_data([*ONE_TICK] * 3), loaded, PARAMS, CAPITAL, terms)


def test_an_exception_is_told_with_file_line_and_time(load_trader):
    loaded = load_trader("""
        class Trader:
            def run(self, state):
                if state.timestamp == 100:
                    self.helper()
                return {}, 0, ""

            def helper(self):
                raise ValueError("too many")
    """)
    done = run_file(loaded)
    assert "raised ValueError: too many" in str(done.fault)
    assert "faulty.py, line 9, in helper) at timestamp 100" in str(done.fault)
    assert done.ticks == 1


def test_a_trader_that_loops_for_ever_is_stopped(load_trader):
    """Its own `except Exception` does not save it."""
    loaded = load_trader("""
        class Trader:
            def run(self, state):
                try:
                    while True:
                        pass
                except Exception:
                    pass
    """)
    done = run_file(loaded, timeout_s=0.2)
    assert "gave no answer within 0.2 s" in str(done.fault)
    assert "faulty.py, line" in str(done.fault)


def test_a_trader_that_wants_too_much_memory_is_stopped(load_trader):
    loaded = load_trader("""
        class Trader:
            def run(self, state):
                kept = []
                while True:
                    kept.append(bytearray(64 << 20))
    """)
    done = run_file(loaded, memory_mb=256)
    assert "wanted more than 256 MB of memory" in str(done.fault)


def test_a_trader_that_leaves_is_told_of(load_trader):
    loaded = load_trader("""
        import sys

        class Trader:
            def run(self, state):
                sys.exit("done")
    """)
    assert "raised SystemExit: done" in str(run_file(loaded).fault)


def test_prints_go_nowhere_by_default(load_trader, capsys):
    loaded = load_trader("""
        class Trader:
            def run(self, state):
                print("chatter")
                return {}, 0, ""
    """)
    run_file(loaded)
    assert capsys.readouterr().out == ""


def test_an_answer_that_never_ends_is_stopped(load_trader):
    """Orders may be a generator; one without end is as slow as a call without end."""
    loaded = load_trader("""
        import itertools

        class Trader:
            def run(self, state):
                return {"KELP": (print() for _ in itertools.count() if False)}, 0, ""
    """)
    assert "gave no answer within 0.2 s" in str(run_file(loaded, timeout_s=0.2).fault)
