"""How far the closing of everything has come, in words that every door shares."""

from __future__ import annotations

from collections.abc import Iterable

from core.domain.enums import FlattenState
from core.domain.snapshot import EngineSnapshot

FLATTEN_WORDS: dict[FlattenState, str] = {
    FlattenState.NONE: "",
    FlattenState.WORKING: "flattening",
    FlattenState.VERIFYING: "asking the venue",
    FlattenState.FLAT: "FLAT",
    FlattenState.NOT_FLAT: "NOT FLAT",
}


def what_is_left(
    orders: int, positions: Iterable[tuple[str, float]], elsewhere: int, most: int = 4
) -> str:
    """
    Name what stands between an account and being flat.

    Args:
        orders: Our open orders.
        positions: Symbol and signed quantity of the instruments of this run; 0 is left out.
        elsewhere: Orders and positions of the account in other products.
        most: So many positions are named, the others counted.

    >>> what_is_left(2, [("7_ETF", 3.0)], 1)
    '2 orders, 7_ETF +3; 1 elsewhere'
    """
    held = [f"{symbol} {quantity:+g}" for symbol, quantity in positions if quantity]
    parts = [f"{orders} order{'s' * (orders != 1)}"] if orders else []
    parts += held[:most]
    if len(held) > most:
        parts.append(f"{len(held) - most} more positions")
    ours = ", ".join(parts)
    theirs = f"{elsewhere} elsewhere" if elsewhere else ""
    return "; ".join(filter(None, (ours, theirs))) or "the venue has not confirmed it"


def flatten_words(snapshot: EngineSnapshot) -> str:
    """State of the flatten with what is left, where something is; empty without one."""
    account = snapshot.account
    word = FLATTEN_WORDS[account.flatten_state]
    if account.flatten_state is not FlattenState.NOT_FLAT:
        return word
    positions = ((view.symbol, view.position) for view in snapshot.instruments)
    elsewhere = account.foreign_orders + account.foreign_positions
    return f"{word}: {what_is_left(account.open_orders, positions, elsewhere)}"
