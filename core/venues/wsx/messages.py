"""
Messages of the practice exchange's WebSocket protocol, both ways.

One JSON object a frame, told apart by `type`. Prices, quantities and money are decimal
strings, so that no reader has to know about floats. `docs/practice-exchange.md` says
when each is sent; here stands what each may contain.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

MAX_MESSAGE_BYTES = 1 << 20
"""Larger messages are refused in both directions."""

MAX_INT64 = 2**63 - 1

Count = Annotated[int, Meta(ge=0, le=MAX_INT64)]
Number = Annotated[str, Meta(max_length=24)]
"""A decimal without sign or exponent; which values are allowed is for the grid to say."""
Money = Annotated[str, Meta(max_length=32)]
"""A decimal with an optional minus."""
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Symbol = Annotated[str, Meta(max_length=64)]
"""Empty where there is none."""
OrderText = Annotated[str, Meta(min_length=1, max_length=36)]
Sentence = Annotated[str, Meta(max_length=500)]
SideText = Literal["buy", "sell"]
StatusText = Literal["open", "filled", "canceled", "expired", "rejected"]
PriceLevel = tuple[Number, Number]
"""(price, quantity)."""
Change = tuple[SideText, Number, Number]
"""(side, price, new quantity); quantity 0 removes the level."""


class _ToServer(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """A misspelt field must not be ignored where it may be an order's."""


class Login(_ToServer, tag="login", frozen=True):
    """First message of every connection. Any key opens, or creates, the account of its name."""

    api_key: Name
    account: Name | None = None
    """Must be the key's own, if given."""
    executions_after: Count | None = None
    """Repeat this account's executions with a greater trade id."""
    cancel_on_disconnect: bool = False
    lease: Count = 0
    """Fencing token: who has a smaller one than the account has seen may cancel, not trade."""


class Subscribe(_ToServer, tag="subscribe", frozen=True):
    """Ask for books and trades: each product is answered by a snapshot, then deltas."""

    symbols: list[Name] = []
    all: bool = False


class Place(_ToServer, tag="place", frozen=True):
    """
    Ask for a new order.

    One of kind `market` trades at once or not at all, and `price` is the worst it may get.
    """

    client_order_id: OrderText
    symbol: Name
    side: SideText
    price: Number
    quantity: Number
    tif: Literal["GTC", "IOC"] = "GTC"
    post_only: bool = False
    kind: Literal["limit", "market"] = "limit"


class Cancel(_ToServer, tag="cancel", frozen=True):
    """Ask to cancel one order, by either id. `symbol` is repeated if there is no such order."""

    client_order_id: OrderText | None = None
    order_id: Count | None = None
    symbol: Symbol = ""


class Replace(_ToServer, tag="replace", frozen=True, kw_only=True):
    """
    Ask for a new price and size of an order, by either id.

    `quantity` is the whole order's, executed part included.
    """

    client_order_id: OrderText | None = None
    order_id: Count | None = None
    price: Number
    quantity: Number
    symbol: Symbol = ""
    """Repeated if there is no such order."""


class CancelAll(_ToServer, tag="cancel_all", frozen=True):
    """Cancel every order of the account, whoever placed it."""


class CancelAllAfter(_ToServer, tag="cancel_all_after", frozen=True):
    """Cancel every order of the account unless this comes again within `timeout_ms`; 0: never."""

    timeout_ms: Annotated[int, Meta(ge=0, le=3_600_000)]


class OrderRequest(_ToServer, tag="order_status", frozen=True):
    """Ask what became of one order, by either id; answered by `order`."""

    client_order_id: OrderText | None = None
    order_id: Count | None = None
    symbol: Symbol = ""
    """Repeated if there is no such order."""


class StateRequest(_ToServer, tag="state", frozen=True):
    """Ask for the account state again."""

    executions_after: Count | None = None
    """Repeat this account's executions with a greater trade id first."""
    nonce: Count = 0
    """Repeated in the answer: an older answer must not be taken for this one's."""


class Resync(_ToServer, tag="resync", frozen=True):
    """Ask for a new snapshot of one book."""

    symbol: Name


class Ping(_ToServer, tag="ping", frozen=True):
    """Ask for a sign of life."""

    nonce: Count = 0


class Product(Struct, frozen=True):
    """One product and its rules."""

    symbol: Name
    tick_size: Number
    lot_size: Number
    multiplier: Number
    position_limit: Number
    """Largest absolute position; 0 means none."""
    maker_fee_bps: Money
    taker_fee_bps: Money


class Welcome(Struct, tag="welcome", frozen=True):
    """The login was accepted."""

    session: Name
    """Changes when the exchange is restarted."""
    account: Name
    ts_ns: Count
    heartbeat_s: Annotated[float, Meta(gt=0, le=60)]
    products: list[Product]
    speed: float = 1.0
    """Exchange seconds per second; other than 1, `ts_ns` is not the time of day."""


class PositionEntry(Struct, frozen=True):
    """What the account holds of one product; `quantity` is signed."""

    symbol: Name
    quantity: Money


class OpenOrder(Struct, frozen=True):
    """One order that rests."""

    order_id: Count
    client_order_id: OrderText
    symbol: Name
    side: SideText
    price: Number
    quantity: Number
    leaves: Number


class AccountState(Struct, tag="account", frozen=True):
    """All there is to know of the account: after the login, and on request."""

    ts_ns: Count
    cash: Money
    positions: list[PositionEntry]
    """Of every product, flat ones included."""
    orders: list[OpenOrder]
    last_trade_id: Count
    account_seq: Count = 0
    """Of the last `order` or `execution` that this already includes."""
    repeated: Count = 0
    """Executions that were repeated just before this, as asked for."""
    nonce: Count = 0
    """Of the request; 0 after a login."""


class Snapshot(Struct, tag="snapshot", frozen=True):
    """The whole book of a product, best level first."""

    symbol: Name
    seq: Count
    ts_ns: Count
    bids: list[PriceLevel]
    asks: list[PriceLevel]


class Delta(Struct, tag="delta", frozen=True):
    """Levels that changed since message `seq - 1` of this product."""

    symbol: Name
    seq: Count
    ts_ns: Count
    changes: list[Change]


class PublicTrade(Struct, tag="trade", frozen=True):
    """An execution between anybody."""

    symbol: Name
    trade_id: Count
    price: Number
    quantity: Number
    aggressor: SideText
    ts_ns: Count


class OrderReport(Struct, tag="order", frozen=True):
    """
    What became of an order or of a request about it.

    `status` is always the order's. A refused cancel or replace of a living order is
    `open` with a reason; an order that the exchange does not know is `canceled` with
    UNKNOWN_ORDER; only a refused new order is `rejected`.
    """

    client_order_id: OrderText
    order_id: Count
    """0 where no order came to be."""
    symbol: Symbol
    """Of an unknown order: as in the request."""
    status: StatusText
    side: SideText
    price: Number
    quantity: Number
    leaves: Number
    reason: Name
    """Name of a `RejectReason`."""
    ts_ns: Count
    account_seq: Count = 0
    """Number among the account's `order` and `execution` messages; 0 for a repetition."""


class Execution(Struct, tag="execution", frozen=True):
    """A fill of the account's. The same `trade_id` means the same fill, however often sent."""

    trade_id: Count
    client_order_id: OrderText
    order_id: Count
    symbol: Name
    side: SideText
    price: Number
    quantity: Number
    leaves: Number
    liquidity: Literal["maker", "taker"]
    fee: Money
    ts_ns: Count
    fee_asset: Symbol = ""
    """Asset of the fee; empty for the account's currency."""
    account_seq: Count = 0
    """As of `order`."""


class Heartbeat(Struct, tag="heartbeat", frozen=True):
    """Once a second. `seq` is the last one of every product, so a lost tail is noticed."""

    ts_ns: Count
    seq: dict[Name, Count]
    account_seq: Count = 0
    """Last one of the account that hears this."""


class Pong(Struct, tag="pong", frozen=True):
    """Answer to a ping."""

    nonce: Count


class ErrorMessage(Struct, tag="error", frozen=True):
    """The last message could not be served. The connection stays, unless it was the login."""

    code: Name
    text: Sentence


ClientMessage: TypeAlias = (
    Login
    | Subscribe
    | Place
    | Cancel
    | Replace
    | CancelAll
    | CancelAllAfter
    | OrderRequest
    | StateRequest
    | Resync
    | Ping
)
ServerMessage: TypeAlias = (
    Welcome
    | AccountState
    | Snapshot
    | Delta
    | PublicTrade
    | OrderReport
    | Execution
    | Heartbeat
    | Pong
    | ErrorMessage
)
