"""Targets of the venue's protocol: both codecs, and both sides that stand behind them."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from core.assembly.kill.account import Account
from core.assembly.kill.practice import _take
from core.domain.enums import VenueState
from core.domain.errors import VenueError
from core.domain.ids import RunId, Symbol
from core.domain.instrument import Instrument
from core.exchange.config import ExchangeConfig, Product
from core.exchange.exchange import MAX_ACCOUNTS, Exchange
from core.exchange.gateway import Gateway
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import decode_client, decode_server, encode
from core.venues.wsx.session import WsxSession
from tests.fuzz.mutate import JSON_TOKENS, Mutator, tree_templates
from tests.fuzz.target import Function, Plain, Target

EISBACH = Instrument(Symbol("1_Eisbach"), Decimal(1), position_limit_lots=200)
ETF = Instrument(Symbol("7_ETF"), Decimal("0.1"), position_limit_lots=20)
RUN_ID = RunId("20261120T140327-practice-4f1c")
TS = 1_790_000_000_123_456_789

_PRODUCTS = [
    wire.Product("7_ETF", "0.1", "1", "1", "20", "0.0", "1.0"),
    wire.Product("1_Eisbach", "1", "1", "1", "200", "0.0", "1.0"),
]
WELCOME = wire.Welcome("practice-1a", "practice", TS, 0.5, _PRODUCTS)
SNAPSHOT = wire.Snapshot("7_ETF", 7, TS, [("50.1", "4"), ("49.9", "9")], [("50.3", "5")])
ACCOUNT = wire.AccountState(
    TS,
    "1000.5",
    [wire.PositionEntry("7_ETF", "-3"), wire.PositionEntry("1_Eisbach", "0")],
    [wire.OpenOrder(901, "20261120T140327-4f1c-12", "7_ETF", "sell", "50.4", "8", "3")],
    5000,
)
SERVER_MESSAGES = (
    WELCOME,
    SNAPSHOT,
    wire.Snapshot("1_Eisbach", 3, TS, [("3400", "1")], [("3402", "2")]),
    ACCOUNT,
    *(
        wire.Delta("7_ETF", seq, TS, [("buy", "50.0", "3"), ("sell", "50.3", "0")])
        for seq in range(7, 12)
    ),
    wire.PublicTrade("7_ETF", 77, "50.1", "2", "sell", TS),
    *(
        wire.OrderReport(
            "20261120T140327-4f1c-12", 901, "7_ETF", status, "sell", "50.4", "8", "3", reason, TS, 1
        )
        for status, reason in (
            ("open", "NONE"),
            ("rejected", "POST_ONLY"),
            ("canceled", "UNKNOWN_ORDER"),
            ("filled", "NONE"),
        )
    ),
    wire.Execution(
        5001, "20261120T140327-4f1c-12", 901, "7_ETF", "sell", "50.4", "5", "3", "maker",
        "-0.0252", TS, "", 2,
    ),
    wire.Execution(
        5002, "other-9", 902, "1_Eisbach", "buy", "3401", "1", "0", "taker", "0.1", TS, "BNB", 0
    ),
    wire.Heartbeat(TS, {"7_ETF": 11, "1_Eisbach": 3}, 2),
    wire.Pong(4),
    wire.ErrorMessage("FENCED", "a newer lease trades this account"),
    wire.ErrorMessage("LOGIN_REFUSED", "the exchange has no room for more accounts"),
)  # fmt: skip
CLIENT_MESSAGES = (
    wire.Login("practice"),
    wire.Login("practice", "practice", 17, cancel_on_disconnect=True, lease=3),
    wire.Subscribe(["7_ETF", "1_Eisbach"]),
    wire.Subscribe(all=True),
    wire.Place("r-1", "7_ETF", "buy", "50.0", "3"),
    wire.Place("r-2", "7_ETF", "sell", "50.0", "2", "IOC"),
    wire.Place("r-3", "1_Eisbach", "sell", "3401", "9", post_only=True),
    wire.Cancel("r-1"),
    wire.Cancel(order_id=1, symbol="7_ETF"),
    wire.Replace(client_order_id="r-1", price="50.1", quantity="4", symbol="7_ETF"),
    wire.CancelAll(),
    wire.CancelAllAfter(5000),
    wire.OrderRequest("r-1"),
    wire.OrderRequest(order_id=1),
    wire.StateRequest(17),
    wire.Resync("7_ETF"),
    wire.Ping(4),
)


def mutator(messages: tuple[msgspec.Struct, ...]) -> Mutator:
    """Cases made of messages of the protocol."""
    shapes = [
        list(tree_templates(msgspec.json.decode(encode(message)), msgspec.json.encode))
        for message in messages
    ]
    return Mutator(
        [first for first, *_ in shapes],
        JSON_TOKENS,
        misshapen=[template for _, *others in shapes for template in others],
    )


class SessionSubject(Plain):
    """A session that is logged in and knows its account, again and again."""

    def __init__(self) -> None:
        self._session = WsxSession(
            api_key="practice", run_id=RUN_ID, instruments=[EISBACH, ETF], lease=1, dead_man_s=5.0
        )
        self._until_login = 0
        self._log_in()

    def take(self, data: bytes) -> bool:
        self._until_login -= 1
        if self._until_login <= 0:
            self._log_in()
        refused = self._session.refused
        try:
            rows = self._session.receive_data(data)
        except VenueError:
            self._log_in()
            return False
        assert len(rows) <= 64, "one message became too many events"
        assert len(self._session.data_to_send()) <= 8, "one message asks for too much"
        return self._session.refused == refused

    def _log_in(self) -> None:
        session = self._session
        self._until_login = 40
        session.disconnected()
        session.connecting()
        session.connected()
        after = session._ledger.last_trade_id or 0
        for message in (
            WELCOME,
            SNAPSHOT,
            msgspec.structs.replace(ACCOUNT, last_trade_id=after),
        ):
            session.receive_data(encode(message))
        session.data_to_send()
        assert session.state is VenueState.SYNCED, session.last_error

    def check(self) -> None:
        session = self._session
        self._log_in()
        rows = session.receive_data(encode(wire.Delta("7_ETF", 8, TS, [("buy", "50.2", "1")])))
        assert len(rows) == 1, "a good message is not understood any more"
        for market in session._markets:
            for kept in (market.grid._ticks, market.grid._lots, market.grid._prices):
                assert len(kept) <= 4_096, "a cache grows"
        assert len(session._ledger._passed) <= 1_000, "executions pile up"
        assert len(session.last_error) <= 2_000, "an error repeats too much"


class _Peer:
    def __init__(self) -> None:
        self.sent = 0

    def send(self, data: bytes) -> None:
        assert len(data) <= wire.MAX_MESSAGE_BYTES, "an answer that a client must refuse"
        decode_server(data)
        self.sent += 1


class GatewaySubject(Plain):
    """An exchange with somebody who trades, who watches, and who has not said who he is."""

    def __init__(self) -> None:
        products = (
            Product(EISBACH, Decimal(3400), 0.003),
            Product(ETF, Decimal(50), 0.012),
        )
        self._exchange = Exchange(ExchangeConfig(products, bots=False), TS)
        self._gateway = Gateway(self._exchange)
        self._clients = [self._join(b""), self._join(b"watcher")]
        self._turn = 0

    def _join(self, key: bytes):
        client = self._gateway.join(_Peer())
        for message in (wire.Login(key.decode() or "practice"), wire.Subscribe(all=True)):
            self._gateway.receive(client, encode(message))
        return client

    def take(self, data: bytes) -> bool:
        self._turn += 1
        refused = self._gateway.refused
        if self._turn % 8 == 0:
            stranger = self._gateway.join(_Peer())
            self._gateway.receive(stranger, data)
            self._gateway.leave(stranger)
        else:
            assert self._gateway.receive(self._clients[self._turn % 2], data), "a client is cut off"
        self._gateway.flush()
        if self._turn % 50 == 0:
            self._exchange.advance()
            self._gateway.heartbeat()
        return self._gateway.refused == refused

    def check(self) -> None:
        trader, _ = self._clients
        before = trader.peer.sent
        self._gateway.receive(trader, encode(wire.Ping(1)))
        self._gateway.receive(trader, encode(wire.CancelAll()))
        self._gateway.receive(trader, encode(wire.Place("check", "7_ETF", "buy", "49.0", "1")))
        self._gateway.receive(trader, encode(wire.Cancel("check")))
        self._gateway.flush()
        assert trader.peer.sent >= before + 3, "a good message is not answered any more"
        assert self._gateway.clients == 2, "connections pile up"
        assert len(self._exchange._accounts) <= MAX_ACCOUNTS, "accounts pile up"


def wsx_server() -> Target:
    """What the venue's client decodes."""
    return Target(mutator(SERVER_MESSAGES), lambda: Function(decode_server))


def wsx_client() -> Target:
    """What the exchange decodes."""
    return Target(mutator(CLIENT_MESSAGES), lambda: Function(decode_client))


def kill() -> Target:
    """What `imc-cockpit kill` makes of the same messages."""

    def take(data: bytes) -> None:
        account = Account()
        _take(account, decode_server(data))
        assert len(account.canceled) <= len(account.seen)

    return Target(mutator(SERVER_MESSAGES), lambda: Function(take))


def session() -> Target:
    """The venue's client behind its codec."""
    return Target(mutator(SERVER_MESSAGES), SessionSubject)


def gateway() -> Target:
    """The exchange behind its codec."""
    return Target(mutator(CLIENT_MESSAGES), GatewaySubject)
