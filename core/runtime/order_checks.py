"""How the numbers of an order are read, and what is said of a request that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from core.domain.enums import OrderOrigin
from core.domain.events import IOC, MARKET, POST_ONLY
from core.domain.instrument import Instrument
from core.domain.memory import Rows
from core.runtime.refusals import CommandRefused


def read_terms(args: Mapping[str, str]) -> int:
    """
    Read IOC, POST_ONLY and MARKET of `core.domain.events`.

    Raises:
        CommandRefused: If it is to rest and to take at once.
    """
    terms = POST_ONLY if _is_set(args, "post_only") else 0
    if _is_set(args, "market"):
        terms |= IOC | MARKET
    if _is_set(args, "ioc"):
        terms |= IOC
    if terms & IOC and terms & POST_ONLY:
        taking = "market" if terms & MARKET else "immediate-or-cancel"
        raise CommandRefused(f"an order is either post-only or {taking}")
    return terms


def read_lots(instrument: Instrument, text: str) -> int:
    """
    Read a quantity above 0, in lots.

    Raises:
        CommandRefused: If it is none, or not a whole number of lots.
    """
    try:
        lots = instrument.to_lots(Decimal(text))
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise CommandRefused(
            f"quantity {text or '(none)'} is not a multiple of {instrument.lot_size}"
        ) from error
    if not 0 < lots < 2**31:
        raise CommandRefused(f"quantity {text} must be positive")
    return lots


def read_ticks(instrument: Instrument, text: str) -> int:
    """
    Read a price above 0, in ticks.

    Raises:
        CommandRefused: If it is none, or not on the grid.
    """
    try:
        ticks = instrument.to_ticks(Decimal(text))
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise CommandRefused(f"price {text} is not a multiple of {instrument.tick_size}") from error
    if not 0 < ticks < 2**40:
        raise CommandRefused(f"price {text} must be positive")
    return ticks


def _is_set(args: Mapping[str, str], name: str) -> bool:
    return args.get(name, "").lower() in {"1", "true", "yes", name}


def check_change(instrument: Instrument, order: Rows, lots: int, ticks: int) -> None:
    """
    See that a change of an order is one.

    Raises:
        CommandRefused: If nothing would be different, or nothing would be left to trade.
    """
    order_id, filled = int(order["order_id"]), int(order["cum_lots"])
    size, price = instrument.to_quantity(lots), instrument.to_price(ticks)
    if lots == order["lots"] and ticks == order["price_ticks"]:
        raise CommandRefused(f"order {order_id} is {size:f} at {price:f} already")
    if lots <= filled:
        raise CommandRefused(
            f"{instrument.to_quantity(filled):f} of order {order_id} are filled, and {size:f} "
            f"is no more than that: the quantity is the whole order's; to end it: "
            f"cancel {order_id}"
        )


def check_link(order: Rows) -> None:
    """
    See that an order may be linked to another one.

    Raises:
        CommandRefused: If it is not a person's, or bound to something else already.
    """
    order_id, origin = int(order["order_id"]), OrderOrigin(int(order["origin"]))
    if origin is not OrderOrigin.MANUAL:
        raise CommandRefused(
            f"order {order_id} is of {origin.name}; only orders by hand are linked; "
            "amend makes an order yours"
        )
    if order["partner"]:
        raise CommandRefused(f"order {order_id} is linked to {int(order['partner'])} already")
    if order["bracket"]:
        raise CommandRefused(
            f"order {order_id} belongs to bracket {int(order['bracket'])}, "
            "whose stop and target cancel each other already"
        )
