"""Whatever is asked of the exchange, money and lots add up."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.exchange.config import ExchangeConfig, Product
from core.exchange.exchange import Exchange
from core.venues.common.grid import money_nanos
from core.venues.wsx import messages as wire

LIMIT = 30
ETF = Product(
    Instrument(
        Symbol("7_ETF"),
        Decimal("0.1"),
        position_limit_lots=LIMIT,
        maker_fee_bps=-1.0,
        taker_fee_bps=4.0,
    ),
    Decimal(50),
    0.01,
)
accounts = st.sampled_from(["alice", "bob", "carol"])
prices = st.integers(495, 505).map(lambda ticks: f"{ticks / 10:.1f}")
quantities = st.integers(1, 12).map(str)


class ExchangeMachine(RuleBasedStateMachine):
    """Three traders do anything; a reader keeps books of everything that is told."""

    def __init__(self) -> None:
        super().__init__()
        config = ExchangeConfig(products=(ETF,), bots=False, max_orders_per_account=8)
        self.exchange = Exchange(config, 10**18)
        self.traders = {key: self.exchange.account(key) for key in ("alice", "bob", "carol")}
        self.ids: list[tuple[str, str]] = []
        self.position = dict.fromkeys(self.traders, 0)
        self.cash = dict.fromkeys(self.traders, 0)
        self.leaves: dict[tuple[str, str], int] = {}
        self.book: dict[str, dict[str, str]] = {"buy": {}, "sell": {}}
        self.seq = 0
        self.trade_ids: dict[str, set[int]] = {key: set() for key in self.traders}

    @rule(
        key=accounts,
        side=st.sampled_from(["buy", "sell"]),
        price=prices,
        quantity=quantities,
        tif=st.sampled_from(["GTC", "GTC", "IOC"]),
        post_only=st.booleans(),
    )
    def place(self, key, side, price, quantity, tif, post_only) -> None:
        name = f"{key}-{len(self.ids)}"
        self.ids.append((key, name))
        request = wire.Place(name, "7_ETF", side, price, quantity, tif, post_only)
        self.exchange.place(self.traders[key], request)
        self.read()

    @rule(data=st.data(), price=prices, quantity=quantities)
    def replace(self, data, price, quantity) -> None:
        if self.ids:
            key, name = data.draw(st.sampled_from(self.ids))
            self.exchange.replace(
                self.traders[key],
                wire.Replace(client_order_id=name, price=price, quantity=quantity),
            )
            self.read()

    @rule(data=st.data())
    def cancel(self, data) -> None:
        if self.ids:
            key, name = data.draw(st.sampled_from(self.ids))
            self.exchange.cancel(self.traders[key], wire.Cancel(client_order_id=name))
            self.read()

    @rule(key=accounts)
    def cancel_all(self, key) -> None:
        self.exchange.cancel_all(self.traders[key])
        self.read()

    def read(self) -> None:
        for out in self.exchange.take_outgoing():
            message = out.message
            if isinstance(message, wire.Execution):
                self.read_execution(out.account, message)
            elif isinstance(message, wire.OrderReport):
                self.read_report(out.account, message)
            elif isinstance(message, wire.Delta):
                assert message.seq == self.seq + 1
                self.seq = message.seq
                for side, price, quantity in message.changes:
                    self.book[side][price] = quantity

    def read_execution(self, key, message) -> None:
        assert message.trade_id not in self.trade_ids[key]
        self.trade_ids[key].add(message.trade_id)
        sign = 1 if message.side == "buy" else -1
        lots = int(message.quantity)
        worth = money_nanos(message.price) * lots
        self.position[key] += sign * lots
        self.cash[key] -= sign * worth + money_nanos(message.fee)
        before = self.leaves[key, message.client_order_id]
        assert int(message.leaves) == before - lots
        self.leaves[key, message.client_order_id] = int(message.leaves)

    def read_report(self, key, message) -> None:
        place = (key, message.client_order_id)
        if message.status == "open":
            self.leaves[place] = int(message.leaves)
        elif message.status == "filled":
            assert self.leaves.pop(place) == 0
        elif message.reason != "UNKNOWN_ORDER" and message.status != "rejected":
            del self.leaves[place]

    @invariant()
    def lots_and_cash_add_up(self) -> None:
        """Everything is told, and what one side gets the other gives."""
        assert sum(self.position.values()) == 0
        for key, account in self.traders.items():
            state = self.exchange.state(account)
            assert int(state.positions[0].quantity) == self.position[key]
            assert money_nanos(state.cash) == self.cash[key]
            told = {name: lots for (owner, name), lots in self.leaves.items() if owner == key}
            assert {order.client_order_id: int(order.leaves) for order in state.orders} == told

    @invariant()
    def limits_hold_even_if_everything_were_filled(self) -> None:
        for account in self.traders.values():
            assert len(account.orders) <= 8
            assert account.worst_lots(0, 1) <= LIMIT
            assert account.worst_lots(0, -1) <= LIMIT

    @invariant()
    def the_public_book_is_the_sum_of_the_orders_and_never_crossed(self) -> None:
        resting: dict[str, dict[str, int]] = {"buy": {}, "sell": {}}
        for account in self.traders.values():
            for order in self.exchange.state(account).orders:
                side = resting[order.side]
                side[order.price] = side.get(order.price, 0) + int(order.leaves)
        shown = {
            side: {price: int(lots) for price, lots in levels.items() if lots != "0"}
            for side, levels in self.book.items()
        }
        assert shown == resting
        if resting["buy"] and resting["sell"]:
            best_bid = max(map(Decimal, resting["buy"]))
            assert best_bid < min(map(Decimal, resting["sell"]))


TestExchange = ExchangeMachine.TestCase
TestExchange.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
