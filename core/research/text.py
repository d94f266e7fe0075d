"""A research report for a terminal: plain lines of at most 100 columns, no colors."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from core.models.refusal import Refusal
from core.research.findings import PairFound, RegimesFound
from core.research.imbalance import Direction, ObiFound
from core.research.inference import band
from core.research.lead_lag import LeadLag, by_strength, seconds
from core.research.order_flow import OfiFound
from core.research.predictive import MAX_Q, Horizon, Prediction, SignalFound
from core.research.report import InstrumentReport, MarketFound, ResearchReport

WIDTH = 100
_NONE = "-"


def text_report(report: ResearchReport) -> str:
    """Write a report for a person: findings first, then each instrument's tables."""
    lines = ["FINDINGS", *_sentences(report.findings)]
    for instrument in report.instruments:
        lines += ["", *_instrument(instrument)]
    if not isinstance(report.pairs, Refusal) and report.pairs:
        lines += ["", "PAIRS", *_pairs(report.pairs)]
    if not isinstance(report.city, Refusal):
        lines += ["", "CITY", *_city(report.city)]
    lines += [
        "",
        *_wrapped(
            f"r* is more than chance (q < {MAX_Q:g} over all tests of the report, overlap and "
            "autocorrelation respected); `past` is the return that led up to the signal. Edge: "
            "one deviation of the signal is worth half the spread or more. Weak: a tenth of that."
        ),
        "",
    ]
    for source in report.sources:
        lines += _wrapped(f"{source.path}: {source.rows:,} rows")
        for verb, counts in (("skipped", source.skipped), ("repaired", source.repaired)):
            for reason, count in counts.items():
                lines += _wrapped(f"  {verb} {count:,}: {reason}")
    return "\n".join(lines)


def _sentences(sentences: Sequence[str]) -> Iterator[str]:
    for sentence in sentences:
        yield from textwrap.wrap(
            sentence, WIDTH, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False
        )


def _wrapped(line: str, indent: str = "") -> list[str]:
    return textwrap.wrap(line, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")


def _instrument(instrument: InstrumentReport) -> Iterator[str]:
    books = instrument.books
    yield (
        f"{instrument.symbol}  {books.good:,} good books, {books.bad:,} bad, "
        f"{books.states:,} quotes in {books.span_s:,.1f} s"
    )
    if isinstance(instrument.market, MarketFound):
        yield from _wrapped(_market(instrument.market), "  ")
    yield from _signals(instrument.signals)
    yield from _imbalance(instrument.obi)
    yield from _flow(instrument.ofi)
    if isinstance(instrument.regimes, RegimesFound):
        yield from _regimes(instrument.regimes)


def _market(market: MarketFound) -> str:
    text = (
        f"spread {market.mean_spread_ticks:.2f} ticks ({market.mean_spread_bps:.2f} bps, median "
        f"{market.median_spread_ticks:g} ticks)   taker fee {market.taker_fee_ticks:.2f} ticks"
    )
    if market.volatility_ticks is not None and market.volatility_bps is not None:
        text += (
            f"   volatility {market.volatility_ticks:.2f} ticks a second "
            f"({market.volatility_bps:.2f} bps)"
        )
    return text


def _signals(prediction: Prediction | Refusal) -> Iterator[str]:
    if isinstance(prediction, Refusal):
        yield from _wrapped(f"signals    {prediction.reason}", "  ")
        return
    sizes = sorted({h.horizon_s for signal in prediction.signals for h in signal.future})
    names = max(len("signal"), *(len(signal.name) for signal in prediction.signals))
    heads = "".join(f"{f'{size:g} s':>8}" for size in sizes)
    yield f"  {'signal':<{names}}  {'verdict':<7}{'past':>8}{heads}{'half-life':>11}"
    for signal in prediction.signals:
        yield f"  {signal.name:<{names}}  {signal.verdict.value:<7}{_row(signal, sizes)}"


def _row(signal: SignalFound, sizes: Sequence[float]) -> str:
    if signal.reason:
        return f" {signal.reason}"
    by_size = {horizon.horizon_s: horizon for horizon in signal.horizons}
    past = max((size for size in by_size if size < 0), default=0.0)
    cells = "".join(f"{_correlation(by_size.get(size)):>8}" for size in (past, *sizes))
    life = _NONE if signal.half_life_s is None else f"{signal.half_life_s:.2f} s"
    return f"{cells}{life:>11}"


def _correlation(horizon: Horizon | None) -> str:
    if horizon is None:
        return _NONE
    is_real = horizon.q_value is not None and horizon.q_value < MAX_Q
    return f"{horizon.correlation.value:+.2f}{'*' if is_real else ' '}"


def _imbalance(obi: ObiFound | Refusal) -> Iterator[str]:
    if isinstance(obi, Refusal):
        yield from _wrapped(f"imbalance  {obi.reason}", "  ")
        return
    yield f"  imbalance  {obi.verdict.value}; {obi.moves:,} moves of the mid"
    yield f"    before a move  {_direction(obi.before_move)}"
    yield f"    all states     {_direction(obi.all_states)}"


def _direction(direction: Direction) -> str:
    accuracy, auc = direction.accuracy, direction.auc
    return (
        f"{100 * accuracy.value:5.1f} % right [{100 * accuracy.low:.1f}, {100 * accuracy.high:.1f}]"
        f"   AUC {auc.value:.3f} [{auc.low:.3f}, {auc.high:.3f}]   {direction.states:,} quotes"
    )


def _flow(ofi: OfiFound | Refusal) -> Iterator[str]:
    if isinstance(ofi, Refusal):
        yield from _wrapped(f"order flow {ofi.reason}", "  ")
        return
    for window in ofi.windows:
        yield (
            f"  order flow {window.window_s:4g} s  R² {window.r2:.3f} "
            f"[{window.r2_low:.3f}, {window.r2_high:.3f}]   "
            f"{window.slope_ticks_per_lot:.3g} ticks a lot   {window.windows:,} windows"
        )


def _regimes(regimes: RegimesFound) -> Iterator[str]:
    for index, name in enumerate(regimes.names):
        means = "  ".join(
            f"{feature} {mean:.3g}"
            for feature, mean in zip(regimes.features, regimes.feature_means[index], strict=True)
        )
        yield from _wrapped(
            f"regime {name}: {100 * regimes.share_of_time[index]:.1f} % of the time, "
            f"{regimes.mean_duration_s[index]:.1f} s at a stretch   {means}",
            "  ",
        )


def _pairs(pairs: Sequence[PairFound]) -> Iterator[str]:
    for pair in pairs:
        life = _NONE if pair.half_life_s is None else f"{pair.half_life_s:.1f} s"
        hedge = ", ".join(f"{weight:+.3g}" for weight in pair.hedge)
        verdict = "kept" if pair.kept else "left out"
        yield from _wrapped(
            f"{' ~ '.join(pair.names)}: {verdict}, p {pair.p_value:.4f}, "
            f"half-life {life}, hedge {hedge}; {pair.reason}",
            "  ",
        )


def _city(city: Sequence[LeadLag]) -> Iterator[str]:
    real = by_strength(city)
    for found, best in real:
        yield from _wrapped(
            f"{found.series} {found.verdict.value} {found.symbol}: lag {seconds(best.lag_s)} on "
            f"bars of {best.bar_s:g} s, r {band(best.correlation)}, q {best.q_value:.2g}, "
            f"lead-lag ratio {_ratio(best.lead_lag_ratio)}; "
            f"{best.changes:,} changes, {best.moves:,} moves of the mid in {best.bars:,} bars",
            "  ",
        )
    unjudged = sum(isinstance(found.best, Refusal) for found in city)
    yield from _wrapped(
        f"no lead in {len(city) - unjudged - len(real):,} pairs of a series and a product; too "
        f"little to judge in {unjudged:,}",
        "  ",
    )


def _ratio(ratio: float | None) -> str:
    return _NONE if ratio is None else f"{ratio:.1f}"
