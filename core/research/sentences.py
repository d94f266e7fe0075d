"""Findings in plain sentences: what there is, what it is worth, and where there is nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.models.refusal import Refusal
from core.research.city_sentences import of_city
from core.research.findings import PairFound, RegimesFound, Verdict
from core.research.imbalance import ObiFound
from core.research.inference import band
from core.research.lead_lag import LeadLag
from core.research.order_flow import OfiFound
from core.research.predictive import SignalFound
from core.research.report import InstrumentReport, MarketFound

_DOMINATED = 0.5


def write_findings(
    instruments: Sequence[InstrumentReport],
    pairs: Sequence[PairFound] | Refusal,
    city: Sequence[LeadLag] | Refusal,
) -> tuple[str, ...]:
    """Say of every instrument, of the pairs and of the city what is worth knowing."""
    sentences = [
        f"{instrument.symbol}: {sentence}"
        for instrument in instruments
        for sentence in _of_instrument(instrument)
    ]
    return (*sentences, *_of_pairs(pairs), *of_city(city))


def _of_instrument(instrument: InstrumentReport) -> Iterator[str]:
    books = instrument.books
    if books.bad > books.good:
        yield f"{books.bad:,} of {books.good + books.bad:,} books were crossed, one-sided or empty."
    yield from _of_signals(instrument)
    yield _of_imbalance(instrument.obi)
    yield from _of_flow(instrument.ofi)
    if isinstance(instrument.regimes, RegimesFound):
        yield _of_regimes(instrument.regimes)


def _of_signals(instrument: InstrumentReport) -> Iterator[str]:
    prediction = instrument.signals
    if isinstance(prediction, Refusal):
        yield f"no signal was judged: {prediction.reason}."
        return
    market = instrument.market
    fee_ticks = market.taker_fee_ticks if isinstance(market, MarketFound) else 0.0
    by_verdict = {
        verdict: [signal for signal in prediction.signals if signal.verdict is verdict]
        for verdict in Verdict
    }
    for signal in by_verdict[Verdict.EDGE]:
        yield _of_edge(signal, prediction.half_spread_ticks)
    yield from _of_fee(by_verdict[Verdict.EDGE], prediction.half_spread_ticks, fee_ticks)
    weak = by_verdict[Verdict.WEAK]
    if weak:
        names = ", ".join(_with_direction(signal) for signal in weak)
        yield (
            f"weak: {names}. More than chance, but the expected move is below half the spread of "
            f"{prediction.half_spread_ticks:.2f} ticks: a reason to post, not to take."
        )
    if not by_verdict[Verdict.EDGE] and not weak:
        yield "no edge in any signal: none is worth a tenth of half the spread beyond chance."
    elif by_verdict[Verdict.NONE]:
        yield "no edge: " + ", ".join(signal.name for signal in by_verdict[Verdict.NONE]) + "."
    still = [f"{signal.name} {signal.reason}" for signal in prediction.signals if signal.reason]
    if still:
        yield "; ".join(still) + "."
    yield from (f"{note}." for note in prediction.notes)


def _with_direction(signal: SignalFound) -> str:
    return f"{signal.name} (reversed)" if _is_reversed(signal) else signal.name


def _is_reversed(signal: SignalFound) -> bool:
    return signal.best is not None and signal.best.correlation.value < 0


def _of_edge(signal: SignalFound, half_spread_ticks: float) -> str:
    best = signal.best
    if best is None:
        return f"{signal.name} has an edge."
    text = (
        f"{signal.name} has an edge: r = {band(best.correlation)} with the next "
        f"{best.horizon_s:g} s, where one deviation of it is worth {best.expected_move_ticks:.2f} "
        f"ticks against half a spread of {half_spread_ticks:.2f}"
    )
    if _is_reversed(signal):
        text += "; it points the other way: trade against it"
    return text + "."


def _of_fee(
    edges: Sequence[SignalFound], half_spread_ticks: float, fee_ticks: float
) -> Iterator[str]:
    cost_ticks = half_spread_ticks + fee_ticks
    eaten = [
        signal.name
        for signal in edges
        if all(horizon.expected_move_ticks < cost_ticks for horizon in signal.future)
    ]
    if eaten:
        yield (
            f"a taker fee of {fee_ticks:.2f} ticks is more than a deviation is worth of "
            f"{', '.join(eaten)}: a reason to post, not to take."
        )


def _of_imbalance(obi: ObiFound | Refusal) -> str:
    if isinstance(obi, Refusal):
        return f"order-book imbalance was not judged: {obi.reason}."
    auc = obi.all_states.auc
    text = (
        f"order-book imbalance: {obi.verdict.value}. AUC {auc.value:.3f} "
        f"[{auc.low:.3f}, {auc.high:.3f}] for the next move of the mid over all quotes, "
        f"{obi.before_move.auc.value:.3f} just before it"
    )
    if obi.verdict is Verdict.NONE:
        return text + "."
    pays = "more" if obi.gain_ticks.value > obi.half_spread_ticks else "less"
    return (
        f"{text}; following it gains {obi.gain_ticks.value:.2f} ticks by then, {pays} than half "
        f"the spread of {obi.half_spread_ticks:.2f}."
    )


def _of_flow(ofi: OfiFound | Refusal) -> Iterator[str]:
    if isinstance(ofi, Refusal):
        yield f"order flow was not judged: {ofi.reason}."
        return
    best = max(ofi.windows, key=lambda window: window.r2)
    yield (
        f"order flow explains {100 * best.r2:.0f} % of the mid's change over {best.window_s:g} s "
        f"({100 * best.r2_low:.0f} to {100 * best.r2_high:.0f} % by where windows start) while it "
        "happens, which is no forecast."
    )
    for window in ofi.windows:
        if window.largest_share > _DOMINATED:
            yield (
                f"one window of {window.window_s:g} s makes {100 * window.largest_share:.0f} % of "
                "all that order flow is to explain there, so its R² is that window's."
            )
    yield from (f"order flow: {reason}." for reason in ofi.refused)


def _of_regimes(regimes: RegimesFound) -> str:
    parts = (
        f"{name} {100 * share:.0f} % of the time, {duration_s:.1f} s at a stretch"
        for name, share, duration_s in zip(
            regimes.names, regimes.share_of_time, regimes.mean_duration_s, strict=True
        )
    )
    return "regimes: " + "; ".join(parts) + "."


def _of_pairs(pairs: Sequence[PairFound] | Refusal) -> Iterator[str]:
    if isinstance(pairs, Refusal):
        return
    kept = [pair for pair in pairs if pair.kept]
    if not kept:
        yield f"pairs: no edge; none of {len(pairs)} holds together beyond chance."
    for pair in kept:
        life = "" if pair.half_life_s is None else f", half-life {pair.half_life_s:.1f} s"
        yield f"pair {' ~ '.join(pair.names)}: p = {pair.p_value:.4f}{life}; {pair.reason}."
