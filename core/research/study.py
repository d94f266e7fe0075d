"""A study: from a recording to a report of what it holds for a strategy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from core.data.dataset import DataSet
from core.domain.enums import EventKind
from core.domain.instrument import NANOS, Instrument
from core.domain.memory import Rows
from core.kernel.state import KernelState
from core.models.refusal import Refusal
from core.research.city_series import read_series
from core.research.findings import PairFound, RegimesFound
from core.research.imbalance import judge_imbalance
from core.research.lead_lag import LeadLag, find_leads
from core.research.order_flow import explain_moves
from core.research.predictive import Prediction, adjust, predict
from core.research.quotes import read_quotes
from core.research.report import (
    BooksFound,
    InstrumentReport,
    MarketFound,
    ResearchReport,
    SourceRead,
)
from core.research.sentences import write_findings

_NOT_FITTED = Refusal("no model was fitted")
_NO_CITY = Refusal("the recording holds no city data")


def study(
    data: DataSet,
    params: Rows,
    *,
    pairs: Sequence[PairFound] | Refusal = _NOT_FITTED,
    regimes: Mapping[str, RegimesFound | Refusal] | None = None,
    state: KernelState | None = None,
    first_quote_ns: Mapping[str, int] | None = None,
) -> ResearchReport:
    """
    Find out what a recorded market holds for a strategy.

    Whatever a recording lacks becomes a sentence of the report, not an exception.

    Args:
        data: Left as it is.
        params: PARAMS, 1 row: what the kernel makes its signals with.
        pairs: Cointegrated instruments, as fitted elsewhere, or why there are none.
        regimes: By symbol, as fitted elsewhere.
        state: A kernel to read the recording with, for example with models loaded; changed
            in place. Without one, a fresh kernel with `params` does.
        first_quote_ns: By symbol, when the recording's first quote came, where that was
            before its first whole book: the windows of order flow start there.
    """
    quotes = read_quotes(data, params, state)
    starts = first_quote_ns or {}
    predictions = _predictions(quotes)
    instruments = tuple(
        InstrumentReport(
            symbol=str(instrument.symbol),
            books=_books(data, index, rows),
            market=_market(instrument, rows),
            signals=predictions[index],
            obi=judge_imbalance(rows),
            ofi=explain_moves(rows, starts.get(instrument.symbol)),
            regimes=(regimes or {}).get(instrument.symbol, _NOT_FITTED),
        )
        for index, (instrument, rows) in enumerate(zip(data.instruments, quotes, strict=True))
    )
    found = pairs if isinstance(pairs, Refusal) else tuple(pairs)
    city = _city(data, quotes)
    return ResearchReport(
        profile=data.profile,
        events=len(data.events),
        sources=tuple(
            SourceRead(str(file.path), file.sha256, file.rows, file.skipped, file.repaired)
            for file in data.sources
        ),
        instruments=instruments,
        pairs=found,
        city=city,
        findings=write_findings(instruments, found, city),
    )


def _city(data: DataSet, quotes: Sequence[Rows]) -> tuple[LeadLag, ...] | Refusal:
    series = read_series(data)
    return find_leads(series, data.instruments, quotes) if series else _NO_CITY


def _predictions(quotes: Sequence[Rows]) -> list[Prediction | Refusal]:
    """Judge the signals of all instruments, whose tests are adjusted for each other."""
    made = [predict(rows) for rows in quotes]
    adjusted = iter(adjust([one for one in made if isinstance(one, Prediction)]))
    return [next(adjusted) if isinstance(one, Prediction) else one for one in made]


def _books(data: DataSet, index: int, quotes: Rows) -> BooksFound:
    is_book = (data.events["kind"] == EventKind.BOOK) & (data.events["instrument"] == index)
    span_s = float(quotes["ts_ns"][-1] - quotes["ts_ns"][0]) / NANOS if len(quotes) else 0.0
    return BooksFound(
        good=len(quotes),
        bad=int(np.count_nonzero(is_book)) - len(quotes),
        states=int(np.count_nonzero(quotes["is_state"])),
        span_s=span_s,
        mean_gap_s=span_s / (len(quotes) - 1) if len(quotes) > 1 else None,
    )


def _market(instrument: Instrument, quotes: Rows) -> MarketFound | Refusal:
    if not len(quotes):
        return Refusal("no book has both sides")
    spread = np.asarray(quotes["ask_ticks"] - quotes["bid_ticks"])
    mean_mid = float(np.mean(quotes["mid2_ticks"])) / 2
    volatility = _volatility(quotes)
    return MarketFound(
        mean_spread_ticks=float(np.mean(spread)),
        median_spread_ticks=float(np.median(spread)),
        mean_spread_bps=float(np.mean(spread)) / mean_mid * 1e4,
        taker_fee_ticks=mean_mid * instrument.taker_fee_bps / 1e4,
        volatility_ticks=volatility,
        volatility_bps=None if volatility is None else volatility / mean_mid * 1e4,
    )


def _volatility(quotes: Rows) -> float | None:
    """Deviation of the mid's change over a second, or over the mean gap scaled to one."""
    ts_ns = np.asarray(quotes["ts_ns"])
    step_ns = max(NANOS, int(ts_ns[-1] - ts_ns[0]) // len(ts_ns))
    at_ns = np.arange(ts_ns[0], ts_ns[-1] + 1, step_ns)
    if len(at_ns) < 3:
        return None
    mid_ticks = np.asarray(quotes["mid2_ticks"])[np.searchsorted(ts_ns, at_ns, "right") - 1] / 2
    return float(np.std(np.diff(mid_ticks))) / math.sqrt(step_ns / NANOS)
