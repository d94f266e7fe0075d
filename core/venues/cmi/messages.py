"""
The messages of the CMI exchange, field by field as it sends them.

Exactly these fields and no others: clients of participants build dataclasses from whole
rows, and fail on a field that they do not know. Numbers are read as `Decimal`, because
prices and sizes come as `27.0` as well as `27`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from core.venues.common.grid import MAX_UNITS

MAX_MESSAGE_BYTES = 8 << 20
"""A day's trades of a whole market fit; more is not an answer."""

SideText = Literal["BUY", "SELL"]

Volume = int | float | None
"""Of a book's level: `5`, `5.0`, or left out."""


WholeVolume = Annotated[int, msgspec.Meta(ge=0, le=MAX_UNITS)]


class Credentials(msgspec.Struct, frozen=True):
    """Body of a login, and of a sign-up."""

    username: str
    password: str

    def __repr__(self) -> str:
        """Keep the password out of logs."""
        return f"Credentials(username={self.username!r}, password=<redacted>)"


class ProductRow(msgspec.Struct, frozen=True):
    """One row of `GET /product`."""

    symbol: str
    tickSize: Decimal  # noqa: N815  the field's name there, as all that follow
    startingPrice: Decimal | None = None  # noqa: N815
    contractSize: Decimal | None = None  # noqa: N815


class NewOrder(msgspec.Struct, frozen=True):
    """Body of `POST /order`."""

    product: str
    price: Decimal
    side: SideText
    volume: Decimal


class OrderAnswer(msgspec.Struct, frozen=True):
    """What `POST /order` answers; `volume` is what is left, `filled` what traded at once."""

    id: str | int
    product: str
    side: SideText
    price: Decimal
    volume: Decimal
    filled: Decimal = Decimal(0)
    status: str = ""
    user: str | None = None
    timestamp: str | None = None
    targetUser: str | None = None  # noqa: N815
    message: str | None = None


class OrderRow(msgspec.Struct, frozen=True):
    """One row of `GET /order/current-user`; `volume` is what is left."""

    id: str | int
    product: str
    side: SideText
    price: Decimal
    volume: Decimal


class StreamLevel(msgspec.Struct, frozen=True, gc=False):
    """One price of the stream's book. `marketVolume` includes our own."""

    marketVolume: Volume = 0  # noqa: N815
    userVolume: Volume = 0  # noqa: N815


class WholeLevel(msgspec.Struct, frozen=True, gc=False):
    """A `StreamLevel` whose volumes are written as whole numbers, as they nearly always are."""

    marketVolume: WholeVolume = 0  # noqa: N815
    userVolume: WholeVolume = 0  # noqa: N815


class WholeStreamBook(msgspec.Struct, frozen=True):
    """A `StreamBook` of such levels: read in half the time."""

    productsymbol: str
    buyOrders: dict[str, WholeLevel]  # noqa: N815
    sellOrders: dict[str, WholeLevel]  # noqa: N815


class StreamBook(msgspec.Struct, frozen=True):
    """Data of an `order` event: the whole book of one product, by price."""

    productsymbol: str
    buyOrders: dict[str, StreamLevel]  # noqa: N815
    sellOrders: dict[str, StreamLevel]  # noqa: N815
    tickSize: Decimal | None = None  # noqa: N815


class RestLevel(msgspec.Struct, frozen=True):
    """One price of the polled book. `volume` includes our own."""

    price: Decimal
    volume: Volume
    userOrderVolume: Volume = 0  # noqa: N815


class RestBook(msgspec.Struct, frozen=True):
    """What `GET /product/{symbol}/order-book/current-user` answers."""

    product: str
    buy: list[RestLevel]
    sell: list[RestLevel]
    tickSize: Decimal | None = None  # noqa: N815


class TradeRow(msgspec.Struct, frozen=True):
    """One trade, of the stream (ours alone, the other's name empty) or of `GET /trade`."""

    timestamp: str
    product: str
    volume: Decimal
    price: Decimal
    buyer: str | None = ""
    seller: str | None = ""
    aggressor: str | None = ""
    sessionId: str | None = ""  # noqa: N815


class PositionRow(msgspec.Struct, frozen=True):
    """One row of `GET /position/current-user`; clients read either name of the position."""

    product: str
    netPosition: Decimal | None = None  # noqa: N815
    net_position: Decimal | None = None
    volume: Decimal | None = None


class Status(msgspec.Struct, frozen=True):
    """What `GET /status` answers, as far as it is used."""

    acceptingOrders: bool = True  # noqa: N815
    activeRoundName: str | None = ""  # noqa: N815


class Complaint(msgspec.Struct, frozen=True):
    """Body of an answer that is not 2xx."""

    message: str
