"""The status line: what is at stake, may it trade, how does it stand, can I believe it."""

from __future__ import annotations

import math

from cockpit.viewmodels import arrangement
from cockpit.viewmodels.alert_list import alert_chip
from cockpit.viewmodels.cells import Line, Segment, Tone, line_width, plain, wrap
from cockpit.viewmodels.doubts import (
    Chunk,
    doubts_chunks,
    flatten_chunks,
    is_urgent,
    trials_chunks,
)
from cockpit.viewmodels.numbers import NS_PER_S, clock, duration, micros, number, percent, sign_tone
from cockpit.viewmodels.progress import PROGRESS_CHUNKS, brief, progress_chunks
from cockpit.viewmodels.view import LinkState, View
from cockpit.viewmodels.words import READINESS_WORDS, REASON_WORDS, STATE_WORDS
from core.domain.enums import Mode, Readiness, TradingState
from core.domain.snapshot import AccountView, EngineSnapshot, RunMeta
from core.domain.whatif import WhatIfState

STAMPS: dict[Mode, Tone] = {
    Mode.SIM: "stamp_sim",
    Mode.PAPER: "stamp_paper",
    Mode.REPLAY: "stamp_replay",
    Mode.TESTNET: "stamp_testnet",
    Mode.LIVE: "stamp_live",
}

STATE_TONES: dict[TradingState, Tone] = {
    TradingState.ACTIVE: "state_active",
    TradingState.REDUCING: "state_reducing",
    TradingState.HALTED: "state_halted",
}

FEED_DOTS: dict[str, tuple[str, Tone]] = {
    "LIVE": ("●", "up"),
    "CONNECTING": ("◐", "warn"),
    "STALE": ("◌", "warn"),
    "DOWN": ("○", "down"),
}

ALERT_COLUMNS = 40
"""Most of an alert in the status line; the page has all of it."""
NAME = " COCKPIT "
GAP = 2
ROOMY_COLUMNS = 100
SAY_HOW_LONG_S = 3.0
"""A wait longer than this is counted, so that it does not look stuck."""
TINY_HELP = "s safe  x cancel  p pause  q quit"
TINY_PAST_HELP = "space hold  ,. step  <> fill  q quit"


def status_lines(view: View, width: int, height: int) -> list[Line]:
    """Lines for the top of every screen; alone on it when the terminal is tiny."""
    if height > 4:
        return _tiny_lines(view, width, height)
    if view.snapshot is None or view.meta is None:
        return _waiting_lines(view, width)[:height]
    first, second = _chunks(view, view.meta, view.snapshot, width)
    if height == 1:
        return [_pack(first, width)]
    urgent = is_urgent(view.snapshot)
    if urgent and (view.is_stale or view.link.state is not LinkState.LIVE):
        first.insert(3, second.pop(0))
    if width < arrangement.FULL_COLUMNS or urgent:
        return _flow([*first, *second], width, height)
    return [_pack(first, width), _pack(second, width)]


def _chunks(
    view: View, meta: RunMeta, snapshot: EngineSnapshot, width: int
) -> tuple[list[Chunk], list[Chunk]]:
    account = snapshot.account
    first = [
        _stamp(meta, read_only=view.read_only),
        _state(account, snapshot.ts_ns),
    ]
    # What must not be missed is cut to the room that is left, not left out for want of it.
    used = sum(line_width(chunk) + GAP for chunk in first)
    room = width if width < arrangement.FULL_COLUMNS else width - used
    first += [
        *flatten_chunks(snapshot, room),
        *doubts_chunks(account),
        *_alerts(view, ALERT_COLUMNS if width >= ROOMY_COLUMNS else 0),
        _equity(account, meta.capital, "equity" if width >= ROOMY_COLUMNS else "eq"),
        *_readiness(account, snapshot.telemetry.note),
        *trials_chunks(snapshot),
        # Before its first event a recording has no time yet.
        ((f"{clock(snapshot.ts_ns or snapshot.telemetry.replay_start_ns)}Z", "dim"),),
        ((plain(meta.profile), "dim"),),
    ]
    if view.is_replay and snapshot.telemetry.replay_length:
        return _replay_chunks(view, snapshot, first, width)
    second = [
        ((" ", "text"), *_link(view)),
        *_line(view),
        *_armed(view),
        _drawdown(view, account),
        _exposure(view, account),
        (("p99 ", "dim"), (f"{micros(snapshot.telemetry.wire_to_order_us.p99):>6}", "text")),
        _feeds(snapshot),
        *_speed(meta, snapshot),
        *_losses(view, snapshot),
        (
            ("orders ", "dim"),
            (number(account.orders, 0), "text"),
            (" fills ", "dim"),
            (number(account.fills, 0), "text"),
            (" rejects ", "dim"),
            (number(account.rejects, 0), "warn" if account.rejects else "text"),
        ),
        (
            ("events/s ", "dim"),
            (number(snapshot.telemetry.events_per_second, 0), "text"),
        ),
        (("engine ", "dim"), (f"{snapshot.telemetry.rss_mb:.0f} MB", "text")),
        (("models ", "dim"), (number(account.models, 0), "text")),
    ]
    return first, second


def _alerts(view: View, room: int) -> list[Chunk]:
    """What has called and nobody has taken note of."""
    chip = alert_chip(view.alerts, room, is_bright=view.is_bright)
    return [chip] if chip else []


def _replay_chunks(
    view: View, snapshot: EngineSnapshot, first: list[Chunk], width: int
) -> tuple[list[Chunk], list[Chunk]]:
    """Where a replay is takes the place of what only a live engine has: a link, a latency."""
    drawdown, exposure = _drawdown(view, snapshot.account), _exposure(view, snapshot.account)
    is_linked = view.link.state is LinkState.LIVE and not view.is_stale
    beside = [] if is_linked else [_link(view)]
    beside += [*_armed(view), *_losses(view, snapshot), *_comparison(snapshot)]
    # The time comes first in a recording; the profile, at the end, is the first to be left out.
    first.insert(2, first.pop(-2))
    room = width - _columns(first[:-1])
    for chunk in (drawdown, exposure):
        room -= _columns([chunk])
        if room >= 0:
            first.insert(len(first) - 1, chunk)
        else:
            beside.append(chunk)
    progress = progress_chunks(snapshot, width - _columns(beside))
    if len(progress) < PROGRESS_CHUNKS and exposure in beside:
        # Which event it is stands nowhere else; what is held stands with the positions.
        beside.remove(exposure)
        progress = progress_chunks(snapshot, width - _columns(beside))
    return first, [*progress, *beside]


def _columns(chunks: list[Chunk]) -> int:
    return sum(line_width(chunk) + GAP for chunk in chunks)


def _comparison(snapshot: EngineSnapshot) -> list[Chunk]:
    """How far a what-if is that is being made."""
    whatif = snapshot.telemetry.whatif
    if whatif is None or whatif.state is not WhatIfState.RUNNING:
        return []
    return [(("what if ", "dim"), (f"{whatif.done_pct:>3.0f} %", "accent"))]


def _armed(view: View) -> list[Chunk]:
    """Say that trading keys act, and for how long."""
    if not view.armed_s:
        return []
    return [((f"ARMED {math.ceil(view.armed_s):>2}s", "own"),)]


def _waiting_lines(view: View, width: int) -> list[Line]:
    tone: Tone = "warn" if view.link.state in (LinkState.LOST, LinkState.ENDED) else "text"
    text = plain(view.link.text) or "waiting for the engine"
    if view.link.age_s >= SAY_HOW_LONG_S:
        text += f" ({duration(view.link.age_s)})"
    rows = wrap(text, width - len(NAME) - 2)
    lines: list[Line] = [((NAME, "stamp_sim"), (f"  {rows[0]}", tone))]
    lines += [((" " * (len(NAME) + 2), "text"), (row, tone)) for row in rows[1:]]
    return lines


def _stamp(meta: RunMeta, *, read_only: bool) -> Chunk:
    stamp: Chunk = ((f" {meta.mode.value} ", STAMPS[meta.mode]),)
    return (*stamp, (" read-only", "accent")) if read_only else stamp


def _state(account: AccountView, now_ns: int) -> Chunk:
    state = account.trading_state
    tone = STATE_TONES[state]
    word = STATE_WORDS[state]
    if state is TradingState.ACTIVE:
        return ((word, tone),)
    detail = REASON_WORDS[account.state_reason]
    since = duration((now_ns - account.state_since_ns) / NS_PER_S)
    return ((f" {word} ", tone), (f" {detail} " if detail else " ", "warn"), (since, "dim"))


def _readiness(account: AccountView, note: str) -> list[Chunk]:
    ready = account.readiness is Readiness.READY
    chunks: list[Chunk] = [((READINESS_WORDS[account.readiness], "dim" if ready else "warn"),)]
    if note:
        chunks.append(((plain(note), "accent"),))
    return chunks


def _equity(account: AccountView, capital: float, name: str = "equity") -> Chunk:
    change_pct = (account.equity / capital - 1) * 100 if capital else float("nan")
    return (
        (f"{name} ", "dim"),
        (number(account.equity), "strong"),
        (f" {number(change_pct, 2, signed=True)} %", sign_tone(round(change_pct, 2))),
    )


def _drawdown(view: View, account: AccountView) -> Chunk:
    """From the peak, beside the two limits that act on it."""
    value = account.drawdown_pct
    limits = [view.parameter(f"risk.drawdown_{name}_pct") for name in ("reduce", "halt")]
    reduce_pct = limits[0] or math.inf
    tone: Tone = "down" if value >= reduce_pct else "warn" if value >= reduce_pct / 2 else "text"
    return (("dd ", "dim"), (f"{percent(value, 1):>4}", tone), _limits(limits))


def _exposure(view: View, account: AccountView) -> Chunk:
    """Gross, of equity, beside its limit."""
    value = account.exposure_pct
    limit = view.parameter("risk.max_exposure_pct")
    tone: Tone = "warn" if value >= 0.9 * (limit or math.inf) else "text"
    return (("exp ", "dim"), (f"{percent(value):>2}", tone), _limits([limit]))


def _limits(values: list[float | None]) -> Segment:
    return ("".join(f"/{value:g}" for value in values if value is not None) + " %", "dim")


def _feeds(snapshot: EngineSnapshot) -> Chunk:
    feeds = snapshot.telemetry.feeds
    if not feeds:
        return (("no feeds", "dim"),)
    return (("feeds ", "dim"), *(FEED_DOTS.get(feed.state, ("?", "warn")) for feed in feeds))


def _speed(meta: RunMeta, snapshot: EngineSnapshot) -> list[Chunk]:
    """How fast recorded time runs, while nobody has said yet where in the recording it is."""
    if meta.mode is not Mode.REPLAY:
        return []
    if snapshot.telemetry.replay_done:
        return [(("replay done", "accent"),)]
    speed = snapshot.telemetry.replay_speed
    return [((f"speed x{speed:g}" if speed else "replay on hold", "accent"),)]


def _link(view: View) -> Chunk:
    if view.link.state is not LinkState.LIVE:
        text = plain(view.link.text) or view.link.state.value
        return ((f" {duration(view.link.age_s)} old ", "alarm"), (f" {text}", "warn"))
    if view.is_stale:
        return ((f"link silent, {duration(view.link.age_s)} old", "alarm"),)
    return (("link ", "dim"), ("live", "up"))


def _line(view: View) -> list[Chunk]:
    """Say that pictures are spared, so that a calm screen is not taken for a calm market."""
    return [(("slow line", "warn"),)] if view.link.is_slow else []


def _losses(view: View, snapshot: EngineSnapshot) -> list[Chunk]:
    """Whatever was dropped, counted; nothing while nothing was."""
    telemetry = snapshot.telemetry
    counts = (
        ("gaps", telemetry.gaps),
        ("reconnects", telemetry.reconnects),
        ("refused", telemetry.refused_messages),
        ("models refused", snapshot.account.models_refused),
        ("corrected", snapshot.account.corrections),
        ("fees unpriced", snapshot.account.unpriced_fees),
        ("logs lost", telemetry.dropped_logs),
        ("notices missed", view.link.missed),
    )
    return [((f"{name} ", "dim"), (str(count), "warn")) for name, count in counts if count]


def _pack(chunks: list[Chunk], width: int) -> Line:
    """Join chunks with gaps; what no longer fits is left out whole, the first is cut."""
    line: list[Segment] = []
    used = 0
    for chunk in chunks:
        columns = line_width(chunk)
        gap = GAP if line else 0
        if line and used + gap + columns > width:
            continue
        if gap:
            line.append(("  ", "text"))
        line.extend(chunk)
        used += gap + columns
    return tuple(line)


def _flow(chunks: list[Chunk], width: int, height: int) -> list[Line]:
    """Break chunks into lines like words."""
    lines: list[list[Chunk]] = [[]]
    for chunk in chunks:
        fits = sum(line_width(c) + GAP for c in lines[-1]) + line_width(chunk) <= width
        if lines[-1] and not fits:
            lines.append([])
        lines[-1].append(chunk)
    return [_pack(row, width) for row in lines[:height]]


def _tiny_lines(view: View, width: int, height: int) -> list[Line]:
    needed = f"needs {arrangement.FULL_COLUMNS}x{arrangement.FULL_ROWS}, is {width}x{height}"
    if view.snapshot is None or view.meta is None:
        return [
            ((needed, "warn"),),
            *(((row, "text"),) for row in wrap(plain(view.link.text) or "no engine", width)),
            ((TINY_HELP, "key"),),
        ]
    account = view.snapshot.account
    urgent = [*flatten_chunks(view.snapshot, width), *doubts_chunks(account)]
    lines: list[Line] = [
        (
            *_stamp(view.meta, read_only=view.read_only),
            ("  ", "text"),
            *_state(account, view.snapshot.ts_ns),
        ),
        *(_flow(urgent, width, 2) if urgent else []),
        *_alerts(view, width),
        _equity(account, view.meta.capital),
        ((needed, "warn"),),
        ((TINY_PAST_HELP if view.is_past else TINY_HELP, "key"),),
    ]
    rest: list[Chunk] = [
        *([brief(view.snapshot)] if view.snapshot.telemetry.replay_length else []),
        *_readiness(account, ""),
        _drawdown(view, account),
        _exposure(view, account),
        _link(view),
    ]
    return [*lines, *_flow(rest, width, max(0, height - len(lines)))]
