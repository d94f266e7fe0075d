"""Rules of a product that an order has to keep, checked before it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.domain.enums import RejectReason
from core.domain.errors import DecodeError, VenueError
from core.domain.instrument import Instrument
from core.venues.binance.orders.codec import VENUE, SymbolRecord
from core.venues.common.grid import plain


@dataclass(frozen=True, slots=True)
class Rules:
    """
    What the venue takes of one product. A bound of 0 is none.

    Source: developers.binance.com/docs/binance-spot-api-docs/filters
    """

    base_asset: str
    quote_asset: str
    is_trading: bool
    least_price: Decimal
    most_price: Decimal
    least_quantity: Decimal
    most_quantity: Decimal
    least_worth: Decimal
    most_worth: Decimal

    def complaint(
        self, instrument: Instrument, price_ticks: int, lots: int
    ) -> tuple[RejectReason, str]:
        """Say why an order would be refused; NONE and nothing if it would not."""
        price, quantity = instrument.to_price(price_ticks), instrument.to_quantity(lots)
        symbol = instrument.symbol
        if not self.is_trading:
            return RejectReason.MARKET_CLOSED, f"{symbol} is not trading"
        checks = (
            (RejectReason.BAD_PRICE, "price", price, self.least_price, self.most_price),
            (RejectReason.BAD_SIZE, "quantity", quantity, self.least_quantity, self.most_quantity),
            (RejectReason.BAD_SIZE, "worth", price * quantity, self.least_worth, self.most_worth),
        )
        for reason, what, value, least, most in checks:
            if value < least:
                return reason, (
                    f"{symbol}: {what} {plain(value)} is below {plain(least)}, "
                    "the least that the venue takes"
                )
            if 0 < most < value:
                return reason, (
                    f"{symbol}: {what} {plain(value)} is above {plain(most)}, "
                    "the most that the venue takes"
                )
        return RejectReason.NONE, ""


def rules_of(record: SymbolRecord, instrument: Instrument) -> Rules:
    """
    Read the rules of a product and compare its steps with ours.

    Raises:
        VenueError: If a tick or lot of ours is no multiple of the venue's.
        DecodeError: If a number is none.
    """
    values = {entry.filter_type: entry for entry in record.filters}
    price, lot = values.get("PRICE_FILTER"), values.get("LOT_SIZE")
    worth = values.get("NOTIONAL") or values.get("MIN_NOTIONAL")
    if price is not None:
        _check_step("tick_size", instrument.tick_size, number(price.tick_size), instrument)
    if lot is not None:
        _check_step("lot_size", instrument.lot_size, number(lot.step_size), instrument)
    return Rules(
        base_asset=record.base_asset,
        quote_asset=record.quote_asset,
        is_trading=record.status == "TRADING",
        least_price=number(price.min_price) if price else Decimal(0),
        most_price=number(price.max_price) if price else Decimal(0),
        least_quantity=number(lot.min_qty) if lot else Decimal(0),
        most_quantity=number(lot.max_qty) if lot else Decimal(0),
        least_worth=number(worth.min_notional) if worth else Decimal(0),
        most_worth=number(worth.max_notional) if worth else Decimal(0),
    )


def number(text: str) -> Decimal:
    """
    Read a decimal.

    Raises:
        DecodeError: If it is none, or not finite.
    """
    try:
        value = Decimal(text)
    except ArithmeticError:
        raise DecodeError(VENUE, f"{text!r} is not a decimal") from None
    if not value.is_finite():
        raise DecodeError(VENUE, f"{text!r} is not a finite decimal")
    return value


def _check_step(name: str, ours: Decimal, theirs: Decimal, instrument: Instrument) -> None:
    if theirs > 0 and ours % theirs != 0:
        raise VenueError(
            VENUE,
            f"{instrument.symbol} has {name} {plain(theirs.normalize())} there; {plain(ours)} in "
            "the instrument file is not a multiple of it",
        )
