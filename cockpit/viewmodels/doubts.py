"""What the status line says while something is open, unknown, broken or on trial."""

from __future__ import annotations

from cockpit.viewmodels.cells import Segment, fit
from cockpit.viewmodels.numbers import NS_PER_S, duration, number
from core.api.flat import flatten_words
from core.domain.enums import FlattenState
from core.domain.snapshot import AccountView, EngineSnapshot

Chunk = tuple[Segment, ...]
"""Segments of a status line that stay together."""

SHORTEST_ALARM = len(" NOT FLAT… ")


def is_urgent(snapshot: EngineSnapshot) -> bool:
    """Whether something stands in the status line that pushes the rest aside."""
    account = snapshot.account
    return account.flatten_state is FlattenState.NOT_FLAT or bool(doubts_chunks(account))


def flatten_chunks(snapshot: EngineSnapshot, room: int) -> list[Chunk]:
    """How far closing everything has come: calm where it is done, loud where it is not."""
    account = snapshot.account
    words = flatten_words(snapshot)
    if account.flatten_state is FlattenState.NOT_FLAT:
        return [((fit(f" {words} ", min(max(room, SHORTEST_ALARM), len(words) + 2)), "alarm"),)]
    if account.flatten_state is FlattenState.FLAT:
        age = duration((snapshot.ts_ns - account.flatten_since_ns) / NS_PER_S)
        return [((words, "up"), (f" {age}", "dim"))]
    return [((words, "warn"),)] if words else []


def doubts_chunks(account: AccountView) -> list[Chunk]:
    """What nobody knows for sure, in words and counts."""
    chunks: list[Chunk] = []
    if account.identity_break:
        broken = number(account.identity_break, 2, signed=True)
        chunks.append(((f" IDENTITY BROKEN {broken} ", "alarm"),))
    if account.unknown_orders:
        chunks.append(((f"UNKNOWN orders {account.unknown_orders}", "warn"),))
    return chunks


def trials_chunks(snapshot: EngineSnapshot) -> list[Chunk]:
    """How many parameters are on trial, and when the next one goes back."""
    trials = snapshot.telemetry.trials
    if not trials:
        return []
    name = "trial" if len(trials) == 1 else f"{len(trials)} trials"
    return [((f"{name} {duration(min(trial.left_s for trial in trials))}", "accent"),)]
