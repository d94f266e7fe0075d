"""Why: the decision of one instrument, from what the signals expect to what is done."""

from __future__ import annotations

import math

from cockpit.viewmodels.cells import Line, Segment, Tone, line_width
from cockpit.viewmodels.numbers import number, ratio, sign_tone
from cockpit.viewmodels.signals import loudest, ticks
from cockpit.viewmodels.spreads import spread_line, spreads_of
from cockpit.viewmodels.trades import measured
from cockpit.viewmodels.view import View
from cockpit.viewmodels.words import FAULT_WORDS, OUTCOME_WORDS, SATISFIED, SIGNAL_WORDS
from core.domain.enums import Outcome, SignalFault
from core.domain.snapshot import InstrumentMeta, InstrumentView

GAP: Segment = ("  ", "text")
LONG_NAMES = ("expects ", " ticks, cost ", "strength ", "confidence ")
SHORT_NAMES = ("move ", " cost ", "str ", "conf ")
PAYS = 0.5
"""Strength from which the expected move pays for taking."""


def why_title(view: View) -> Line:
    """Whose decision, and how it ended."""
    instrument = view.instrument
    if instrument is None:
        return ()
    return ((f"{instrument.symbol} ", "text"), *verdict(instrument))


def why_foot(view: View) -> Line:
    """The decision in one line, for the edge of a frame."""
    instrument = view.instrument
    if instrument is None:
        return ()
    return tuple(why_chain(view, instrument, short=True))


def why_lines(view: View, width: int, height: int) -> list[Line]:
    """The chain, the parts it is made of, then whatever is out of the ordinary, and spreads."""
    instrument = view.instrument
    if view.snapshot is None or instrument is None:
        return []
    lines = [
        tuple(why_chain(view, instrument, short=width < 74)),
        parts_line(instrument, width),
        *alerts(instrument),
    ]
    spreads = spreads_of(view.snapshot, instrument.index)
    room = height - len(lines)
    if len(spreads) > room > 0:
        spreads = spreads[: room if room == 1 else room - 1]
    lines += [spread_line(view, spread, width) for spread in spreads]
    hidden = len(spreads_of(view.snapshot, instrument.index)) - len(spreads)
    if hidden and len(lines) < height:
        lines.append(((f"{hidden} more spreads: press w", "dim"),))
    lines.append((("level ", "dim"), *level_words(instrument, view.describe(instrument.index))))
    return lines[:height]


def why_chain(view: View, instrument: InstrumentView, *, short: bool = False) -> list[Segment]:
    """What is expected, what it costs, how strong and how sure that is, what is wanted."""
    edge = instrument.edge
    decimals = view.describe(instrument.index).size_decimals
    names = LONG_NAMES if not short else SHORT_NAMES
    strong: Tone = "strong" if abs(instrument.combined) >= PAYS else "text"
    return [
        (names[0], "dim"),
        (f"{ticks(edge.ticks):>6}", sign_tone(edge.ticks)),
        (names[1], "dim"),
        (f"{ticks(edge.cost_ticks, signed=False):<5}", "text"),
        GAP,
        (names[2], "dim"),
        (ratio(instrument.combined), strong),
        GAP,
        (names[3], "dim"),
        (_share(instrument.confidence), "text"),
        GAP,
        ("target ", "dim"),
        (number(instrument.target, decimals, signed=True), "strong"),
    ]


def parts_line(instrument: InstrumentView, width: int) -> Line:
    """Parts of the expected move, the largest first; those that do not fit are counted."""
    parts = loudest(instrument)
    if not parts:
        return (("no signal has a part in it", "dim"),)
    line: list[Segment] = []
    for place, signal in enumerate(parts):
        value = instrument.parts_ticks[signal]
        chunk: list[Segment] = [
            (f"{SIGNAL_WORDS[signal]} ", "dim"),
            (f"{ticks(value):<7}", sign_tone(value)),
        ]
        left = len(parts) - place
        if line_width(line) + line_width(chunk) > width - (8 if left > 1 else 0):
            line.append((f"+{left} more", "dim"))
            break
        line += chunk
    return tuple(line)


def alerts(instrument: InstrumentView) -> list[Line]:
    """What keeps a signal or a side out: quarantine and stop."""
    lines: list[Line] = []
    if instrument.mine_fault is not SignalFault.NONE:
        words = FAULT_WORDS[instrument.mine_fault]
        lines.append((("✗ your own signal is out: ", "warn"), (f"{words}", "text")))
    if instrument.stopped_side:
        side = "long" if instrument.stopped_side > 0 else "short"
        lines.append(
            ((f"■ stopped out {side}", "warn"), (": waits for the signal to turn", "text"))
        )
    return lines


def level_words(instrument: InstrumentView, meta: InstrumentMeta) -> Line:
    """Where the next mid is predicted, where it is, and what book and prints expect at once."""
    decimals = meta.price_decimals + 2
    if not math.isfinite(instrument.level):
        return (("no prediction yet", "dim"),)
    return (
        (number(instrument.level, decimals), "text"),
        (f" ± {number(instrument.level_deviation, decimals)}", "dim"),
        ("  mid ", "dim"),
        (number(instrument.mid, decimals), "text"),
        ("  at once ", "dim"),
        (ticks(instrument.edge.timing_ticks), sign_tone(instrument.edge.timing_ticks)),
        (" ticks", "dim"),
    )


def verdict(instrument: InstrumentView) -> list[Segment]:
    """How the last evaluation ended."""
    outcome = instrument.outcome
    words = OUTCOME_WORDS.get(outcome.code, outcome.code.name)
    if outcome.code is Outcome.TRADE:
        return [("✓ ", "up"), (words, "up")]
    if outcome.code in SATISFIED:
        return [("· ", "dim"), (words, "dim")]
    numbers = measured(outcome)
    return [("∅ ", "dim"), (f"{words} {numbers}".rstrip(), "text")]


def _share(value: float) -> str:
    """Write a number of [0, 1] in four columns."""
    return f"{'-':>4}" if not math.isfinite(value) else f"{value:.2f}"
