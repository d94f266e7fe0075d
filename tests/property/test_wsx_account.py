"""Whatever a line does to the messages of an account, each fill is told once and all are."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain import events
from core.domain.enums import EventKind, VenueState
from core.domain.ids import RunId, Symbol
from core.domain.instrument import Instrument
from core.domain.memory import Rows
from core.exchange.config import ExchangeConfig, Product
from core.exchange.exchange import Exchange
from core.exchange.gateway import Gateway
from core.venues.wsx import messages as wire
from core.venues.wsx.session import WsxSession

ETF = Instrument(Symbol("7_ETF"), Decimal("0.1"), taker_fee_bps=4.0)
ELSEWHERE = Instrument(Symbol("1_Eisbach"), Decimal(1))
HEALING_HEARTBEATS = 4

fates = st.sampled_from(["pass", "pass", "pass", "drop", "double", "late"])
steps = st.sampled_from(
    ["fill", "hit", "elsewhere", "place", "heartbeat", "reconcile", "reconnect"]
)


class World:
    """A session that trades one of two products, and others on the same account and market."""

    def __init__(self) -> None:
        products = (Product(ELSEWHERE, Decimal(3400), 0.01), Product(ETF, Decimal(50), 0.01))
        self.exchange = Exchange(ExchangeConfig(products=products, bots=False), 10**18)
        self.gateway = Gateway(self.exchange)
        self.account = self.exchange.account("practice")
        self.other = self.exchange.account("other")
        self.session = WsxSession(
            api_key="practice", run_id=RunId("run-4f1c"), instruments=[ETF], executions_after=0
        )
        self.rows: list[bytes] = []
        self.arriving: list[bytes] = []
        self.late: list[bytes] = []
        self.number = 0
        self.client = None
        self.connect()

    def send(self, data: bytes) -> None:
        """Take a frame of the exchange, as its peer."""
        self.arriving.append(data)

    def connect(self) -> None:
        if self.client is not None:
            self.gateway.leave(self.client)
            self.session.disconnected()
        self.arriving, self.late = [], []
        self.client = self.gateway.join(self)
        self.session.connecting()
        self.session.connected()
        self.talk("pass", "pass")

    def step(self, step: str, fate: str, request_fate: str) -> None:
        if step == "reconnect":
            self.connect()
        elif step == "reconcile":
            self.rows += self.session.reconcile()
        elif step == "heartbeat":
            self.gateway.heartbeat()
        elif step == "place" and self.session.state >= VenueState.CONNECTED:
            self.number += 1
            self.session.place(0, self.number, 1, 495, 3, 0)
        elif step == "fill":
            self.trade("7_ETF", "49.8")
        elif step == "hit":
            self.number += 1
            request = wire.Place(f"hit-{self.number}", "7_ETF", "sell", "49.5", "1", "IOC")
            self.exchange.place(self.other, request)
        elif step == "elsewhere":
            self.trade("1_Eisbach", "3391")
        self.talk(fate, request_fate)

    def trade(self, symbol: str, price: str) -> None:
        """Another program on our account trades with somebody."""
        for account, side in ((self.account, "buy"), (self.other, "sell")):
            self.number += 1
            name = f"manual-{self.number}"
            self.exchange.place(account, wire.Place(name, symbol, side, price, "2"))

    def talk(self, fate: str, request_fate: str) -> None:
        """Carry what is said both ways, until nothing more is."""
        while True:
            for data in self.session.data_to_send():
                times = {"drop": 0, "double": 2}.get(request_fate, 1)
                for _ in range(times):
                    self.gateway.receive(self.client, data)
            self.gateway.flush()
            if not self.arriving:
                return
            frames, self.arriving = self.arriving, []
            for index, data in enumerate(frames):
                # One in each chunk meets its fate, what was late before comes after it.
                self.hear(data, fate if index == len(frames) // 2 else "pass")
            late, self.late = self.late, []
            for data in late if fate != "late" else []:
                self.hear(data, "pass")
            self.late += late if fate == "late" else []

    def hear(self, data: bytes, fate: str) -> None:
        if fate == "late":
            self.late.append(data)
        elif fate != "drop":
            for _ in range(2 if fate == "double" else 1):
                self.rows += self.session.receive_data(data)

    def ask_for_everything(self) -> Rows:
        """Reconcile over a good line; return what is told."""
        self.rows = []
        self.step("reconcile", "pass", "pass")
        return events.load(self.rows)

    def heal(self) -> None:
        for _ in range(HEALING_HEARTBEATS):
            self.gateway.heartbeat()
            self.talk("pass", "pass")


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(steps, fates, fates), max_size=40))
def test_every_fill_is_told_once_and_the_account_is_known_in_the_end(script) -> None:
    world = World()
    for step in script:
        world.step(*step)
    world.heal()
    assert world.session.state is VenueState.SYNCED, world.session.last_error
    rows = events.load(world.rows)
    fills = rows[rows["kind"] == EventKind.FILL]
    expected = [row.trade_id for row in world.account.executions if row.symbol == "7_ETF"]
    assert sorted(fills["trade_id"].tolist()) == expected
    assert (fills["lots"] * fills["side"]).sum() == world.account.positions[1]
    told = world.ask_for_everything()
    reports = told[told["kind"] == EventKind.ORDER_REPORT]
    standing = [order for order in world.account.orders.values() if order.market == 1]
    assert reports["leaves_lots"].tolist() == [order.leaves_lots for order in standing]
    assert reports["lots"].tolist() == [order.lots for order in standing]
    position = told[told["kind"] == EventKind.POSITION_REPORT]
    assert position["lots"].tolist() == [world.account.positions[1]]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["fill", "hit", "elsewhere", "place", "heartbeat"]), max_size=40))
def test_without_faults_nothing_is_ever_missing(script) -> None:
    """No gap, no duplicate and no reconciliation that nobody asked for."""
    world = World()
    for step in script:
        world.step(step, "pass", "pass")
        assert world.session.state is VenueState.SYNCED
    session = world.session
    assert (session.gaps, session.duplicates, session.refused) == (0, 0, 0)
