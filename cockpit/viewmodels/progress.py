"""How far a replay has come, in one row."""

from __future__ import annotations

from cockpit.viewmodels.cells import Line, Segment, Tone, fit, line_width
from cockpit.viewmodels.graphs import rail
from cockpit.viewmodels.numbers import clock, number
from core.domain.snapshot import EngineSnapshot, Telemetry

LEAST_COLUMNS, MOST_COLUMNS = 10, 60
"""Of the rail."""
PROGRESS_CHUNKS = 3
"""Pace, way and event, where there is room for all."""
GAP = 2


def progress_chunks(snapshot: EngineSnapshot, room: int) -> list[Line]:
    """
    How fast, where between the first and the last recorded event, and which event it is.

    Args:
        snapshot: Of a replay that knows where it is.
        room: Columns to fill; what has none is left out, the event first.
    """
    told = snapshot.telemetry
    event, length = number(told.replay_position, 0), number(told.replay_length, 0)
    # As wide as it will become, so that nothing beside it jumps.
    event = f"event {fit(event, len(length), right=True)}"
    fixed = [pace(told), _way(snapshot, LEAST_COLUMNS)]
    spare = room - sum(line_width(chunk) + GAP for chunk in fixed)
    beside: list[Line] = [((event, "text"),), ((f"{event} of {length}", "text"),)]
    fitting = [chunk for chunk in beside if line_width(chunk) + GAP <= spare]
    spare -= sum(line_width(chunk) + GAP for chunk in fitting[-1:])
    columns = min(MOST_COLUMNS, LEAST_COLUMNS + max(0, spare))
    return [pace(told), _way(snapshot, columns), *fitting[-1:]]


def pace(told: Telemetry) -> Line:
    """Say whether recorded time runs, in words of one width: nothing behind them jumps."""
    if told.replay_speed:
        word = "at end" if told.replay_done else f"x{_short(told.replay_speed)}"
    else:
        word = "HOLD"
    tone: Tone = "accent" if told.replay_speed and not told.replay_done else "warn"
    return ((f" {fit(word, 6)}", tone),)


def brief(snapshot: EngineSnapshot) -> Line:
    """How fast, and how much of it has been played, for the smallest terminals."""
    return (*pace(snapshot.telemetry), (f"{int(share(snapshot) * 100):>3} %", "text"))


def share(snapshot: EngineSnapshot) -> float:
    """How much of the recorded time has passed, of [0, 1]; by events where it takes no time."""
    told = snapshot.telemetry
    if told.replay_position >= told.replay_length:
        return 1.0
    length_ns = told.replay_end_ns - told.replay_start_ns
    if length_ns <= 0 or not told.replay_position:
        return told.replay_position / told.replay_length
    return min(max((snapshot.ts_ns - told.replay_start_ns) / length_ns, 0.0), 1.0)


def _way(snapshot: EngineSnapshot, columns: int) -> Line:
    told = snapshot.telemetry
    done = share(snapshot)
    before, after = rail(done, columns)
    here: Segment = ("●", "accent")
    return (
        (f"{clock(told.replay_start_ns)} ", "dim"),
        (before, "accent"), here, (after, "faint"),
        (f" {clock(told.replay_end_ns)} ", "dim"),
        (f"{int(done * 100):>3} %", "text"),
    )  # fmt: skip


def _short(speed: float) -> str:
    """Write a speed in at most five characters."""
    return "max" if speed >= 1e5 else f"{speed:.5g}"
