"""A research report as one HTML page that needs nothing else: inline style, inline drawings."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from core.models.refusal import Refusal
from core.reports.html import document, table
from core.research.drawings import correlogram, decay_curve, heat_map, reliability_curve
from core.research.findings import PairFound, RegimesFound
from core.research.imbalance import ObiFound
from core.research.inference import Estimate
from core.research.lead_lag import LAGS, LeadLag, by_strength, seconds
from core.research.order_flow import OfiFound
from core.research.predictive import Prediction
from core.research.report import InstrumentReport, MarketFound, ResearchReport, SourceRead

_STYLE = """
h2 { margin-top: 2.5rem; border-top: 1px solid var(--rule); padding-top: 1.5rem }
h3 { margin: 1.5rem 0 .5rem }
.up { fill: var(--up) } .down { fill: var(--down) }
.real { stroke: currentColor; stroke-width: 1.5 }
.band { fill: var(--up); fill-opacity: .2 }
.line { fill: none; stroke: var(--up); stroke-width: 2; stroke-linejoin: round }
.dot { fill: var(--up) }
.rule { stroke: #888a; fill: none } .mark { stroke: var(--down); stroke-dasharray: 4 3; fill: none }
.decay { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .75rem }
.scroll svg { min-width: 36rem }
"""


def html_report(report: ResearchReport) -> str:
    """Write a report as a page."""
    names = ", ".join(instrument.symbol for instrument in report.instruments)
    findings = "".join(f"<li>{escape(sentence)}</li>" for sentence in report.findings)
    parts = [
        f"<h1>Research: {escape(names)}</h1>",
        f"<ul>{findings}</ul>",
        *(part for instrument in report.instruments for part in _instrument(instrument)),
        *_pairs(report.pairs),
        *_city(report.city),
        "<h2>Data</h2>",
        *(_source(source) for source in report.sources),
    ]
    return document(f"Research: {names}", parts, _STYLE)


def _instrument(instrument: InstrumentReport) -> list[str]:
    books = instrument.books
    return [
        f"<h2>{escape(instrument.symbol)}</h2>",
        (
            f"<p>{books.good:,} good books, {books.bad:,} bad, {books.states:,} quotes in "
            f"{books.span_s:,.1f} s. {_market(instrument.market)}</p>"
        ),
        *_signals(instrument.signals),
        *_imbalance(instrument.obi),
        *_flow(instrument.ofi),
        *_regimes(instrument.regimes),
    ]


def _market(market: MarketFound | Refusal) -> str:
    if isinstance(market, Refusal):
        return escape(market.reason) + "."
    text = (
        f"Spread {market.mean_spread_ticks:.2f} ticks ({market.mean_spread_bps:.2f} bps), "
        f"taker fee {market.taker_fee_ticks:.2f} ticks"
    )
    if market.volatility_ticks is not None:
        text += f", volatility {market.volatility_ticks:.2f} ticks a second"
    return text + "."


def _signals(prediction: Prediction | Refusal) -> list[str]:
    if isinstance(prediction, Refusal):
        return [f"<h3>Signals</h3><p>{escape(prediction.reason)}.</p>"]
    rows = [
        (
            signal.name,
            signal.verdict.value,
            "-" if signal.best is None else f"{signal.best.horizon_s:g} s",
            "-" if signal.best is None else _band(signal.best.correlation),
            "-" if signal.best is None else f"{signal.best.expected_move_ticks:.2f}",
            "-" if signal.half_life_s is None else f"{signal.half_life_s:.2f} s",
            signal.reason,
        )
        for signal in prediction.signals
    ]
    heads = ("signal", "verdict", "horizon", "r", "worth, ticks", "half-life", "")
    curves = "".join(decay_curve(signal) for signal in prediction.signals if signal.future)
    return [
        "<h3>Lead and lag</h3>",
        (
            '<p class="note">Correlation with the return that led up to the signal (left of the '
            "line) and that followed it (right). Blue: with it; orange: against it; framed: more "
            "than chance over all tests of this report.</p>"
        ),
        f'<div class="scroll">{heat_map(prediction.signals)}</div>',
        f"<h3>Worth, against half a spread of {prediction.half_spread_ticks:.2f} ticks</h3>",
        table(heads, rows),
        "<h3>Decay of information</h3>",
        (
            '<p class="note">Correlation with the return to each horizon and its 95 % band; '
            "dashed: half-life.</p>"
        ),
        f'<div class="decay">{curves}</div>',
    ]


def _imbalance(obi: ObiFound | Refusal) -> list[str]:
    head = "<h3>Order-book imbalance</h3>"
    if isinstance(obi, Refusal):
        return [f"{head}<p>{escape(obi.reason)}.</p>"]
    rows = [
        (name, f"{one.states:,}", _band(one.accuracy, 3), _band(one.auc, 3))
        for name, one in (("before a move", obi.before_move), ("all states", obi.all_states))
    ]
    return [
        head,
        (
            f"<p>{obi.verdict.value.capitalize()}. Following it gains {_band(obi.gain_ticks)} "
            f"ticks by the next move of the mid, against half a spread of "
            f"{obi.half_spread_ticks:.2f}.</p>"
        ),
        table(("", "quotes", "share right", "AUC"), rows),
        (
            '<p class="note">Share of quotes whose next move was up, by imbalance; a dot is as '
            "large as its share of quotes. Flat at 50 %: no information.</p>"
        ),
        reliability_curve(obi.reliability),
    ]


def _flow(ofi: OfiFound | Refusal) -> list[str]:
    head = "<h3>Order-flow imbalance, while it happens</h3>"
    if isinstance(ofi, Refusal):
        return [f"{head}<p>{escape(ofi.reason)}.</p>"]
    rows = [
        (
            f"{window.window_s:g} s",
            f"{window.windows:,}",
            f"{window.r2:.3f}",
            f"{window.r2_low:.3f} to {window.r2_high:.3f}",
            f"{window.slope_ticks_per_lot:.3g}",
        )
        for window in ofi.windows
    ]
    return [head, table(("window", "windows", "R²", "by start", "ticks a lot"), rows)]


def _regimes(regimes: RegimesFound | Refusal) -> list[str]:
    if isinstance(regimes, Refusal):
        return []
    rows = [
        (name, f"{100 * share:.1f} %", f"{duration_s:.1f} s", *(f"{mean:.3g}" for mean in means))
        for name, share, duration_s, means in zip(
            regimes.names,
            regimes.share_of_time,
            regimes.mean_duration_s,
            regimes.feature_means,
            strict=True,
        )
    ]
    heads = ("regime", "share of time", "at a stretch", *regimes.features)
    return ["<h3>Regimes</h3>", table(heads, rows)]


def _pairs(pairs: Sequence[PairFound] | Refusal) -> list[str]:
    if isinstance(pairs, Refusal) or not pairs:
        return []
    rows = [
        (
            " ~ ".join(pair.names),
            "kept" if pair.kept else "left out",
            f"{pair.p_value:.4f}",
            "-" if pair.half_life_s is None else f"{pair.half_life_s:.1f} s",
            ", ".join(f"{weight:+.3g}" for weight in pair.hedge),
            pair.reason,
        )
        for pair in pairs
    ]
    return ["<h2>Pairs</h2>", table(("pair", "", "p", "half-life", "hedge", "why"), rows)]


def _city(city: Sequence[LeadLag] | Refusal) -> list[str]:
    if isinstance(city, Refusal):
        return []
    rows = [
        (
            found.series,
            found.symbol,
            found.verdict.value,
            seconds(found.best.lag_s),
            _band(found.best.correlation),
            f"{found.best.bar_s:g} s",
            f"{found.best.q_value:.2g}",
            "-" if found.best.lead_lag_ratio is None else f"{found.best.lead_lag_ratio:.1f}",
        )
        for found in city
        if not isinstance(found.best, Refusal)
    ]
    strongest = {found.series: (found, best) for found, best in reversed(by_strength(city))}
    curves = "".join(
        correlogram(found.series, found.symbol, best) for found, best in strongest.values()
    )
    heads = ("series", "product", "", "lag", "r", "bar", "q", "ratio")
    return [
        "<h2>City: lead and lag with prices</h2>",
        (
            f'<p class="note">Changes of a series against those of the mid, up to {LAGS} bars '
            "earlier and later. A positive lag: the mid moves after the series. q below 5 %: more "
            "than chance over all series, products and lags. Ratio: squared correlations at "
            "positive lags over those at negative ones.</p>"
        ),
        *([f'<div class="decay">{curves}</div>'] if curves else []),
        *([table(heads, rows)] if rows else []),
    ]


def _source(source: SourceRead) -> str:
    notes = [
        f"{verb} {count:,}: {reason}"
        for verb, counts in (("skipped", source.skipped), ("repaired", source.repaired))
        for reason, count in counts.items()
    ]
    return (
        f"<p>{escape(source.path)}: {source.rows:,} rows"
        + "".join(f"<br>{escape(note)}" for note in notes)
        + f"<br><code>sha256 {escape(source.sha256)}</code></p>"
    )


def _band(estimate: Estimate, digits: int = 2) -> str:
    return f"{estimate.value:.{digits}f} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"
