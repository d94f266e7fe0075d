"""Why not: every way a look at a market ended, how often, and its last example."""

from __future__ import annotations

from cockpit.viewmodels.cells import Line, Tone
from cockpit.viewmodels.graphs import bar
from cockpit.viewmodels.numbers import duration, number
from cockpit.viewmodels.tables import Column, Table
from cockpit.viewmodels.trades import measured
from cockpit.viewmodels.view import View
from cockpit.viewmodels.words import OUTCOME_WORDS, SATISFIED
from core.domain.enums import Outcome
from core.domain.snapshot import EngineSnapshot, InstrumentView, OutcomeView

_TOTAL = (
    Column("outcome", 22),
    Column("looks", 10, is_right=True),
    Column("share", 6, is_right=True),
    Column("", 0, least_width=60),
)
_EXAMPLES = (
    Column("", 22),
    Column("looks", 10, is_right=True),
    Column("last", 8, is_right=True),
    Column("measured, limit", 0),
)


def outcomes_lines(view: View, width: int) -> list[Line]:
    """All instruments together with their shares, then the selected one with examples."""
    snapshot = view.snapshot
    if snapshot is None:
        return [((" waiting for the engine", "dim"),)]
    lines = _total(snapshot, width - 2)
    ordered = sorted(snapshot.instruments, key=lambda row: row.index != view.selected)
    for instrument in ordered:
        lines += [(), *_instrument(instrument, snapshot.ts_ns, width - 2)]
    return [((" ", "text"), *line) if line else line for line in lines]


def _total(snapshot: EngineSnapshot, width: int) -> list[Line]:
    table = Table(_TOTAL, width)
    counts = _by_count(snapshot.account.outcomes)
    looks = max(1, sum(count for _, count in counts))
    room = max(0, min(40, width - 46))
    return [
        table.head(),
        *(
            table.row(
                [
                    (_words(code), _tone(code)),
                    (number(count, 0), "text"),
                    (f"{100 * count / looks:.1f}%", "dim"),
                    (bar(count / looks, room), _fill(code)),
                ]
            )
            for code, count in counts
        ),
    ]


def _instrument(instrument: InstrumentView, now_ns: int, width: int) -> list[Line]:
    table = Table(_EXAMPLES, width)
    lines: list[Line] = [((instrument.symbol, "title"),)]
    if not any(instrument.outcomes.values()):
        return [*lines, (("not looked at yet", "dim"),)]
    lines.append(table.head())
    for code, count in _by_count(instrument.outcomes):
        example = instrument.outcome_examples.get(code)
        lines.append(
            table.row(
                [
                    (_words(code), _tone(code)),
                    (number(count, 0), "text"),
                    (_age(example, now_ns), "dim"),
                    (measured(example) if example else "", "text"),
                ]
            )
        )
    return lines


def _by_count(outcomes: dict[Outcome, int]) -> list[tuple[Outcome, int]]:
    counted = [(code, count) for code, count in outcomes.items() if count]
    # Rows of equal count keep their place.
    return sorted(counted, key=lambda item: (-item[1], item[0]))


def _age(example: OutcomeView | None, now_ns: int) -> str:
    if example is None or not example.ts_ns:
        return ""
    return duration(max(0.0, (now_ns - example.ts_ns) / 1e9))


def _words(code: Outcome) -> str:
    return OUTCOME_WORDS.get(code, code.name)


def _tone(code: Outcome) -> Tone:
    if code is Outcome.TRADE:
        return "up"
    return "dim" if code in SATISFIED else "text"


def _fill(code: Outcome) -> Tone:
    return "up_fill" if code is Outcome.TRADE else "faint"
