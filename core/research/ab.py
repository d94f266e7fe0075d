"""
A/B: whether one of two runs over the same market earns more than the other.

Both profits are cut into the same bars and B less A is looked at, so that what the market
did to both falls out. Intervals and p values are of a paired stationary bootstrap: one
choice of blocks resamples A and B alike, and what hangs together in time or between the
two stays together. It is the plain percentile bootstrap, not the studentized one of
Ledoit & Wolf (Robust Performance Hypothesis Testing with the Sharpe Ratio, 2008): a p value
is the share of resamples that stray from the difference found by at least its size. A
test holds it to about 5 % false alarms at the 5 % level.

Sharpe ratios are of profits in money: of a fixed capital they are those of returns.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.domain.enums import Regime
from core.domain.errors import DataError
from core.domain.instrument import NANOS
from core.domain.memory import FloatArray, IntArray
from core.reports import metrics
from core.reports.bars import bars_of
from core.reports.bootstrap import (
    LEVEL_PCT,
    RESAMPLES,
    SEED,
    dependence,
    interval,
    resample,
)
from core.reports.evidence import LEVEL, minimum_detectable
from core.reports.plain import number
from core.reports.result import BacktestResult
from core.reports.statistics import MIN_BARS
from core.reports.verdict import length
from core.research.inference import false_discovery

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of both runs. NaN is unknown."""

    a: float
    b: float
    difference: float
    """B less A."""
    low: float
    high: float
    """Ends of its 90 % interval."""
    p_value: float
    """Of no difference, two-sided."""
    detectable: float
    """Smallest true difference that would be seen four times in five at the 5 % level."""
    q_value: float = math.nan
    """Of a part: the p value adjusted for how many parts there are that differ at any moment."""


@dataclass(frozen=True, slots=True)
class AbCurve:
    """Profit of both since the start, at the ends of the bars, in units of the currency."""

    ts_ns: IntArray
    a: FloatArray
    b: FloatArray
    chance: FloatArray
    """Half a band around 0: nine in ten differences by chance alone stand within, each moment."""


@dataclass(frozen=True, slots=True)
class AbReport:
    """Two runs compared."""

    names: tuple[str, str]
    start_ns: int
    end_ns: int
    """The time that both ran."""
    unit: str
    """Profits are by this unit of time: day, hour or minute."""
    bar_s: int
    bars: int
    block_bars: float
    """Mean length of the blocks that are resampled."""
    resamples: int
    seed: int
    pnl: Compared
    """A unit of time, in units of the currency."""
    sharpe: Compared
    """Scaled to a year that never closes."""
    by_instrument: dict[str, Compared]
    """As `pnl`."""
    by_regime: dict[str, Compared]
    """As `pnl`, over the time of each regime as A saw it, instrument by instrument."""
    remarks: tuple[str, ...]
    """What the reader should know before trusting the comparison; empty if nothing."""
    verdict: str
    curve: AbCurve


@dataclass(frozen=True, slots=True)
class _Paired:
    """Both runs at the same moments."""

    ts_ns: IntArray
    equity: tuple[FloatArray, FloatArray]
    pnl: tuple[dict[str, FloatArray], dict[str, FloatArray]]
    """By symbol."""
    regimes: dict[str, IntArray]
    """By symbol, as A saw them, or B where A did not look."""


def compare(
    a: BacktestResult, b: BacktestResult, names: tuple[str, str] = ("A", "B"), seed: int = SEED
) -> AbReport:
    """
    Compare two runs over the time that both ran.

    Args:
        a: The one that is compared with.
        b: The other.
        names: Of the two, as sentences have them.
        seed: Of the resamples.

    Raises:
        DataError: If they share no time.
    """
    paired = _pair(a, b, names)
    bars = bars_of(paired.ts_ns)
    one, other = (np.diff(curve[bars.places]) for curve in paired.equity)
    unit, unit_s = _unit(paired.ts_ns)
    per_unit = unit_s / bars.length_s
    parts = _by_symbol(paired, bars.places) | _by_regime(paired, bars.places)
    block = max(dependence(series).careful_block for series in (one, other, other - one))
    columns = [other - one, *_moments(one), *_moments(other)]
    columns += [after - before for before, after in parts.values()]
    total, *moments = sums = _resampled_sums(columns, block, seed)
    pnl = _means(one, other, total, per_unit)
    compared = _adjusted(
        {
            key: _means(*both, drawn, per_unit)
            for (key, both), drawn in zip(parts.items(), sums[5:], strict=True)
        }
    )
    span_s = (int(paired.ts_ns[-1]) - int(paired.ts_ns[0])) / NANOS
    return AbReport(
        names=names,
        start_ns=int(paired.ts_ns[0]),
        end_ns=int(paired.ts_ns[-1]),
        unit=unit,
        bar_s=bars.length_s,
        bars=len(one),
        block_bars=block,
        resamples=RESAMPLES,
        seed=seed,
        pnl=pnl,
        sharpe=_sharpes(one, other, moments[:4], metrics.SECONDS / bars.length_s),
        by_instrument={name: row for (kind, name), row in compared.items() if kind == "symbol"},
        by_regime={name: row for (kind, name), row in compared.items() if kind == "regime"},
        remarks=_remarks(a, b, names, span_s),
        verdict=_verdict(pnl, names, unit, len(one), bars.length_s),
        curve=AbCurve(
            ts_ns=paired.ts_ns[bars.places],
            a=paired.equity[0][bars.places] - paired.equity[0][0],
            b=paired.equity[1][bars.places] - paired.equity[1][0],
            chance=_chance(total, len(one)),
        ),
    )


def ab_json(report: AbReport) -> dict[str, Any]:
    """Make the JSON document of a comparison: None for what is not known, without the curves."""
    document = asdict(report)
    del document["curve"]
    document["names"] = list(report.names)
    document["remarks"] = list(report.remarks)
    document["level_pct"] = LEVEL_PCT
    finite: dict[str, Any] = _finite(document)
    return finite


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(entry) for key, entry in value.items()}
    return number(value) if isinstance(value, float) else value


def _resampled_sums(columns: list[FloatArray], block: float, seed: int) -> list[FloatArray]:
    """Sums of each column over the same resamples; of too few values there are none."""
    count = len(columns[0])
    if count < MIN_BARS:
        return [np.zeros(0) for _ in columns]
    drawn = [
        [piece.sums(column) for column in columns]
        for piece in resample(count, block, RESAMPLES, seed)
    ]
    return [np.concatenate(pieces) for pieces in zip(*drawn, strict=True)]


def _means(a: FloatArray, b: FloatArray, sums: FloatArray, scale: float) -> Compared:
    """Compare two means, both scaled; `sums` are of the resampled differences."""
    if not len(a):
        return _compared(math.nan, math.nan, np.zeros(0))
    found = [float(np.mean(one)) * scale for one in (a, b)]
    return _compared(found[0], found[1], sums * (scale / len(a)))


def _moments(values: FloatArray) -> list[FloatArray]:
    """Values and squares without the mean: squares of the whole lose digits."""
    rest = values - np.mean(values) if len(values) else values
    return [rest, rest**2]


def _sharpes(a: FloatArray, b: FloatArray, moments: list[FloatArray], periods: float) -> Compared:
    """Compare the Sharpe ratios, scaled to a year; `moments` are resampled sums of A's and B's."""
    scale = math.sqrt(periods)
    found = [metrics.sharpe(one, 1) * scale for one in (a, b)]
    draws = [
        _drawn_sharpes(one, *pair) * scale for one, pair in ((a, moments[:2]), (b, moments[2:]))
    ]
    return _compared(found[0], found[1], draws[1] - draws[0])


def _drawn_sharpes(values: FloatArray, sums: FloatArray, squares: FloatArray) -> FloatArray:
    if not len(sums):
        return sums
    count = len(values)
    mean = sums / count
    variance = (squares / count - mean**2) * (count / (count - 1))
    is_good = variance > 0.0
    deviation = np.sqrt(np.where(is_good, variance, 1.0))
    return np.where(is_good, (float(np.mean(values)) + mean) / deviation, math.nan)


def _compared(a: float, b: float, draws: FloatArray) -> Compared:
    difference = b - a
    known = draws[~np.isnan(draws)]
    if not len(known) or math.isnan(difference):
        return Compared(a, b, difference, math.nan, math.nan, math.nan, math.nan)
    ends = interval(difference, known)
    strays = np.abs(known - difference)
    # Rounding must not make a difference of what is none: sums differ in their last digits.
    size = abs(difference) - 1e-9 * max(abs(a), abs(b))
    p_value = (1 + int(np.count_nonzero(strays >= size))) / (1 + len(known))
    detectable = minimum_detectable(float(np.std(known)))
    return Compared(a, b, difference, ends.low, ends.high, p_value, detectable)


def _adjusted(parts: dict[tuple[str, str], Compared]) -> dict[tuple[str, str], Compared]:
    """Adjust the p values for each other, of all parts in which the two differ at some moment."""
    known = {key: row for key, row in parts.items() if row.detectable > 0.0}
    adjusted = false_discovery(np.array([row.p_value for row in known.values()]))
    q_values = dict(zip(known, adjusted.tolist(), strict=True))
    return {
        key: Compared(**(asdict(row) | {"q_value": q_values.get(key, math.nan)}))
        for key, row in parts.items()
    }


def _pair(a: BacktestResult, b: BacktestResult, names: tuple[str, str]) -> _Paired:
    """Look at both at the samples of A that B had begun by, and had not ended before."""
    if not len(a.ts_ns) or not len(b.ts_ns):
        raise DataError(" and ".join(names), "at least one of them has no samples to compare")
    start_ns = max(int(a.ts_ns[0]), int(b.ts_ns[0]))
    end_ns = min(int(a.ts_ns[-1]), int(b.ts_ns[-1]))
    is_common = (a.ts_ns >= start_ns) & (a.ts_ns <= end_ns)
    if not is_common.any():
        raise DataError(" and ".join(names), "share no time; run both on the same data")
    places = (np.flatnonzero(is_common), _places(b.ts_ns, a.ts_ns[is_common]))
    pnl, regimes = [], {}
    # B first: where both looked at an instrument, the regime is as A saw it.
    for result, place in ((b, places[1]), (a, places[0])):
        columns = enumerate(str(instrument.symbol) for instrument in result.instruments)
        by_symbol = {}
        for index, symbol in columns:
            by_symbol[symbol] = result.pnl_nanos[place, index] / NANOS
            regimes[symbol] = result.regime[place, index]
        pnl.append(by_symbol)
    return _Paired(
        ts_ns=a.ts_ns[is_common],
        equity=(a.equity_nanos[places[0]] / NANOS, b.equity_nanos[places[1]] / NANOS),
        pnl=(pnl[1], pnl[0]),
        regimes=regimes,
    )


def _places(ts_ns: IntArray, at_ns: IntArray) -> IntArray:
    """Last samples by each of some moments."""
    return np.asarray(np.searchsorted(ts_ns, at_ns, "right") - 1)


def _both(paired: _Paired, symbol: str) -> tuple[FloatArray, FloatArray]:
    """Curves of one instrument; a run that does not trade it makes nothing of it."""
    nothing = np.zeros(len(paired.ts_ns))
    return paired.pnl[0].get(symbol, nothing), paired.pnl[1].get(symbol, nothing)


_Parts = dict[tuple[str, str], tuple[FloatArray, FloatArray]]


def _by_symbol(paired: _Paired, places: IntArray) -> _Parts:
    found: _Parts = {}
    for symbol in paired.regimes:
        one, other = _both(paired, symbol)
        found["symbol", symbol] = np.diff(one[places]), np.diff(other[places])
    return found


def _by_regime(paired: _Paired, places: IntArray) -> _Parts:
    """Profit belongs to the regime its second began in, as in a backtest's own figures."""
    found: _Parts = {}
    for regime in Regime:
        sums = [np.zeros(len(paired.ts_ns)), np.zeros(len(paired.ts_ns))]
        is_seen = False
        for symbol, regimes in paired.regimes.items():
            is_regime = regimes[:-1] == regime
            is_seen |= bool(is_regime.any())
            for total, curve in zip(sums, _both(paired, symbol), strict=True):
                total[1:] += np.where(is_regime, np.diff(curve), 0.0)
        if is_seen:
            one, other = (np.diff(np.cumsum(total)[places]) for total in sums)
            found["regime", regime.name] = one, other
    return found


def _unit(ts_ns: IntArray) -> tuple[str, int]:
    """The longest unit of time that fits into the run."""
    span_s = (int(ts_ns[-1]) - int(ts_ns[0])) / NANOS
    return next((unit for unit in _UNITS if span_s >= unit[1]), _UNITS[-1])


def _chance(sums: FloatArray, count: int) -> FloatArray:
    """Half of the band that nine in ten walks without a drift stand in, at each moment."""
    if not len(sums):
        return np.zeros(count + 1)
    # A walk scatters with the root of time; nine in ten normal values are within 1.645.
    most = 1.6448536269514722 * float(np.std(sums))
    return np.asarray(most * np.sqrt(np.arange(count + 1) / count))


def _remarks(
    a: BacktestResult, b: BacktestResult, names: tuple[str, str], span_s: float
) -> tuple[str, ...]:
    said = []
    if {file.sha256 for file in a.files} != {file.sha256 for file in b.files}:
        said.append("The two ran on different files: what differs may be the market.")
    longest_s = max((int(run.ts_ns[-1]) - int(run.ts_ns[0])) / NANOS for run in (a, b))
    if longest_s - span_s > 1.0:
        said.append(
            f"Only the {length(span_s)} that both ran are compared; the longer run has "
            f"{length(longest_s)}."
        )
    capitals = [int(run.account[0]["capital_nanos"]) / NANOS for run in (a, b)]
    if capitals[0] != capitals[1]:
        said.append(
            f"They began with different capital: {names[0]} with {capitals[0]:,.2f}, {names[1]} "
            f"with {capitals[1]:,.2f}."
        )
    idle = [name for name, run in zip(names, (a, b), strict=True) if not len(run.fills)]
    if idle:
        said.append(f"Nothing was traded by {' and '.join(idle)}.")
    return tuple(said)


def _verdict(pnl: Compared, names: tuple[str, str], unit: str, bars: int, bar_s: int) -> str:
    one, other = names
    if bars < MIN_BARS:
        return (
            f"Too short to judge: {bars:,} bars of {length(bar_s)}, and at least {MIN_BARS} are "
            "needed. Run both over more data."
        )
    if pnl.detectable == 0.0 and pnl.difference == 0.0:
        return f"No difference: {one} and {other} made the same at every moment."
    if pnl.p_value < LEVEL:
        word, sign = ("more", 1.0) if pnl.difference > 0.0 else ("less", -1.0)
        low, high = sorted((sign * pnl.low, sign * pnl.high))
        return (
            f"{other} earns {abs(pnl.difference):,.2f} {article(unit)} {word} than {one} "
            f"({LEVEL_PCT} %: {low:,.2f} to {high:,.2f}), p = {pnl.p_value:.2g}."
        )
    return (
        f"No difference shown between {one} and {other} (p = {pnl.p_value:.2g}): only one of more "
        f"than {pnl.detectable:,.2f} {article(unit)} would have been seen four times in five."
    )


def article(unit: str) -> str:
    """Write a unit with its article: a day, an hour."""
    return f"an {unit}" if unit == "hour" else f"a {unit}"
