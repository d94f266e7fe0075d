"""The sums that must come out: fills to position, position to cash, cash to equity."""

from __future__ import annotations

from core.domain.memory import Rows
from core.domain.records import Account
from core.jit import njit
from core.kernel.parts import find_part_break


@njit
def find_break(account: Account, instruments: Rows) -> int:
    """
    Check every sum anew, from its parts.

    Returns:
        What differs, in nanos of money; 0 if everything adds up. Lots that no fill and no
        correction explains are worth their mark, and at least one nano.
    """
    realized = account.realized_nanos
    unrealized = account.unrealized_nanos
    fees = account.fees_nanos
    worth = account.cash_nanos
    for row in range(instruments.shape[0]):
        instrument = instruments[row]
        explained = instrument.buy_lots - instrument.sell_lots + instrument.adjusted_lots
        lost = instrument.position_lots - explained
        if lost != 0:
            value = instrument.mid2_ticks * (instrument.tick_value_nanos // 2)
            return int(lost * max(1, value))
        parted = find_part_break(instrument)
        if parted != 0:
            return int(parted)
        realized -= instrument.realized_nanos
        unrealized -= instrument.unrealized_nanos
        fees -= instrument.fees_nanos
        worth += instrument.notional_nanos
    for difference in (realized, unrealized, fees, account.equity_nanos - worth):
        if difference != 0:
            return int(difference)
    return int(
        account.capital_nanos
        + account.realized_nanos
        + account.unrealized_nanos
        - account.fees_nanos
        - account.equity_nanos
    )
