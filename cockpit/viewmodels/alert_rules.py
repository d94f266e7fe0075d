"""What a trader wants to be called for: rules, as they are written and as they are read."""

from __future__ import annotations

import difflib
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cockpit.viewmodels.cells import plain
from core.domain.enums import Regime
from core.domain.snapshot import AccountView, InstrumentView

Level: TypeAlias = Literal["info", "warning", "alarm"]
Comparison: TypeAlias = Literal[">", ">=", "<", "<=", "==", "!="]

EVENTS = ("fill", "reject", "command", "state", "stale")
"""What can happen; a command is one of somebody else."""

COMPARISONS: Mapping[Comparison, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}

ACCOUNT: Mapping[str, Callable[[AccountView], float]] = {
    "drawdown_pct": lambda account: account.drawdown_pct,
    "exposure_pct": lambda account: account.exposure_pct,
    "equity": lambda account: account.equity,
    "realized_pnl": lambda account: account.realized_pnl,
    "unrealized_pnl": lambda account: account.unrealized_pnl,
    "fees": lambda account: account.fees,
    "open_orders": lambda account: account.open_orders,
    "unknown_orders": lambda account: account.unknown_orders,
    "rejects": lambda account: account.rejects,
}
"""What can be measured of the account, in the units of its fields."""

INSTRUMENT: Mapping[str, Callable[[InstrumentView], float]] = {
    "price": lambda instrument: instrument.mid,
    "spread": lambda instrument: instrument.ask - instrument.bid,
    "position": lambda instrument: instrument.position,
    "open_pnl": lambda instrument: instrument.unrealized_pnl,
    "imbalance": lambda instrument: instrument.obi,
    "volatility": lambda instrument: instrument.volatility,
}
"""What can be measured of an instrument; its name comes next."""

REGIMES: Mapping[str, Regime] = {
    "trending": Regime.TRENDING,
    "mean-reverting": Regime.MEAN_REVERTING,
    "volatile": Regime.HIGH_VOLATILITY,
    "unknown": Regime.UNKNOWN,
}

_PATTERN = re.compile(
    r"(?P<measure>[a-z_]+)(?:\s+(?P<symbol>[^\s<>=!]+))?\s*(?P<sign>>=|<=|==|!=|>|<)\s*(?P<limit>\S+)"
)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a rule waits for: an event, or a measure against a limit."""

    measure: str
    """A name of `EVENTS`, `ACCOUNT` or `INSTRUMENT`, or `regime`."""
    symbol: str = ""
    """For instruments; empty else."""
    comparison: Comparison = "=="
    limit: float = 0.0
    """In the unit of the measure; of a regime, its number."""


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One thing to be called for."""

    when: str
    """As it was written."""
    condition: Condition
    level: Level = "warning"
    bell: bool = False
    text: str = ""
    """What to do then, in the trader's own words; empty for the usual advice."""


def parse_rule(when: str, *, level: Level, bell: bool, text: str) -> AlertRule:
    """
    Read a rule as the settings hold it.

    Raises:
        ValueError: If nobody could wait for that; the sentence says what can be meant.
    """
    return AlertRule(when, parse_condition(when), level, bell, plain(text))


def parse_condition(when: str) -> Condition:
    """
    Read `drawdown_pct > 5`, `price 7_ETF > 55`, `regime 7_ETF == volatile` or `fill`.

    Raises:
        ValueError: As `parse_rule` does.
    """
    words = when.strip()
    if words in EVENTS:
        return Condition(words)
    match = _PATTERN.fullmatch(words)
    if match is None:
        raise ValueError(_unreadable(words))
    measure, symbol, sign = match["measure"], match["symbol"] or "", match["sign"]
    comparison = next(known for known in COMPARISONS if known == sign)
    if measure == "regime" or measure in INSTRUMENT:
        if not symbol:
            raise ValueError(f"{measure} is of an instrument: write {measure} 7_ETF {sign} ...")
    elif measure not in ACCOUNT:
        raise ValueError(_unreadable(words))
    elif symbol:
        raise ValueError(f"{measure} is of the account: write {measure} {sign} {match['limit']}")
    if measure == "regime":
        return Condition(measure, symbol, comparison, _regime(match["limit"], sign))
    return Condition(measure, symbol, comparison, _limit(match["limit"]))


def _regime(word: str, sign: str) -> float:
    if sign not in ("==", "!="):
        raise ValueError(f"a regime is compared with == or !=, not with {sign}")
    if word not in REGIMES:
        nearest = difflib.get_close_matches(word, REGIMES, n=1)
        hint = f"did you mean {nearest[0]}?" if nearest else f"known: {', '.join(REGIMES)}"
        raise ValueError(f"{word} is not a regime; {hint}")
    return float(REGIMES[word])


def _limit(word: str) -> float:
    try:
        limit = float(word)
    except ValueError:
        limit = math.nan
    if not math.isfinite(limit):
        raise ValueError(f"{word} is not a number")
    return limit


def _unreadable(words: str) -> str:
    known = [*EVENTS, *ACCOUNT, *INSTRUMENT, "regime"]
    nearest = difflib.get_close_matches(re.split(r"[\s<>=!]", words)[0], known, n=1)
    if nearest and nearest[0] not in words.split():
        return f"nothing of that name is watched; did you mean {nearest[0]}?"
    return (
        f"write {', '.join(EVENTS)}, drawdown_pct > 5, price 7_ETF > 55 or regime 7_ETF == volatile"
    )
