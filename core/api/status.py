"""What `imc-cockpit status` says: as JSON, as text, as exit code."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from core.api.flat import flatten_words
from core.domain.decision import SpreadView
from core.domain.enums import (
    FlattenState,
    Outcome,
    Readiness,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.snapshot import (
    AccountView,
    EngineSnapshot,
    InstrumentView,
    LatencyView,
    RunMeta,
    VenueView,
)

EXIT_HEALTHY = 0
EXIT_UNHEALTHY = 4

_UNHEALTHY_READINESS = (Readiness.STALE, Readiness.DISCONNECTED)


def exit_code(snapshot: EngineSnapshot) -> int:
    """
    0 when the engine is healthy; 4 when it is not.

    Unhealthy is halted, stale, cut off from its venue, not flat after a flatten, or with an
    equity that differs from its parts.
    """
    account = snapshot.account
    troubles = (
        account.trading_state is TradingState.HALTED,
        account.readiness in _UNHEALTHY_READINESS,
        account.flatten_state is FlattenState.NOT_FLAT,
        account.identity_break != 0,
    )
    return EXIT_UNHEALTHY if any(troubles) else EXIT_HEALTHY


def status_json(meta: RunMeta, snapshot: EngineSnapshot) -> dict[str, Any]:
    """
    Build the contract of `status --json`.

    Money is in the account currency, `drawdown` in percent, times and latencies as their
    names say. What is not known (NaN) is null.
    """
    account, telemetry = snapshot.account, snapshot.telemetry
    status: dict[str, Any] = {
        "mode": meta.mode.value,
        "profile": meta.profile,
        "run_id": meta.run_id,
        "pid": meta.pid,
        "uptime_s": telemetry.uptime_s,
        "trading_state": account.trading_state.name,
        "readiness": account.readiness.name,
        "reason": _reason(snapshot),
        "equity": account.equity,
        "peak_equity": account.peak_equity,
        "drawdown": account.drawdown_pct,
        "realized_pnl": account.realized_pnl,
        "unrealized_pnl": account.unrealized_pnl,
        "fees": account.fees,
        "exposure": account.exposure,
        "positions": [_position(view) for view in snapshot.instruments if view.position],
        "open_orders": account.open_orders,
        "orders": account.orders,
        "fills": account.fills,
        "rejects": account.rejects,
        "events": telemetry.events,
        "events_per_second": telemetry.events_per_second,
        "outcomes": {code.name: count for code, count in account.outcomes.items()},
        "regimes": {view.symbol: _regime(view) for view in snapshot.instruments},
        "latency_us": {
            "wire_to_order": _latency(telemetry.wire_to_order_us),
            "step": _latency(telemetry.step_us),
        },
        "feeds": [
            {
                "name": feed.name,
                "age_s": feed.age_s,
                "state": feed.state,
                "source": feed.source,
                "note": feed.note,
            }
            for feed in telemetry.feeds
        ],
        "venue": {
            "state": account.venue_state.name,
            "reconnects": telemetry.reconnects,
            "gaps": telemetry.gaps,
            "budget": account.order_budget,
            "request_budget": account.request_budget,
        },
        "viewers": telemetry.viewers,
        "journal": {
            "rows": telemetry.journal_rows,
            "bytes": telemetry.journal_bytes,
            "lag_ms": telemetry.journal_lag_ms,
        },
        "rss_mb": telemetry.rss_mb,
        "version": meta.version,
        "decisions": {view.symbol: _decision(view) for view in snapshot.instruments},
        "spreads": [_spread(meta, spread) for spread in snapshot.spreads],
        "models": {"taken": account.models, "refused": account.models_refused},
        "trading_state_since": _moment(account.state_since_ns),
        "flatten": _flatten(snapshot),
        "unknown_orders": account.unknown_orders,
        "corrections": account.corrections,
        "identity_break": account.identity_break,
        "unpriced_fees": account.unpriced_fees,
        "trials": [
            {
                "key": trial.key,
                "value": trial.value,
                "reverts_to": trial.reverts_to,
                "left_s": trial.left_s,
            }
            for trial in telemetry.trials
        ],
        "manual": {
            "realized_pnl": account.manual_realized_pnl,
            "unrealized_pnl": account.manual_unrealized_pnl,
            "fees": account.manual_fees,
            "positions": {
                view.symbol: view.manual_position
                for view in snapshot.instruments
                if view.manual_position
            },
        },
        "venues": [
            _venue(view, state)
            for view, state in zip(telemetry.venues, account.venue_states, strict=False)
        ],
    }
    cleaned: dict[str, Any] = _without_nan(status)
    return cleaned


def status_text(meta: RunMeta, snapshot: EngineSnapshot) -> str:
    """Describe the engine in a few lines for a person."""
    account, telemetry = snapshot.account, snapshot.telemetry
    latency = telemetry.wire_to_order_us
    rows = [
        (f"{meta.mode.value} {meta.profile}", meta.run_id, f"pid {meta.pid}",
         f"up {telemetry.uptime_s:.0f} s", f"version {meta.version}"),
        (f"{account.trading_state.name} {account.readiness.name}", _reason(snapshot),
         f"venue {account.venue_state.name}", f"viewers {telemetry.viewers}"),
        (flatten_words(snapshot),),
        _doubts(account),
        *((f"on trial: {trial.key} {trial.value:g}", f"back to {trial.reverts_to:g}",
           f"in {trial.left_s:.0f} s") for trial in telemetry.trials),
        (f"equity {account.equity:,.2f} {meta.currency}", f"peak {account.peak_equity:,.2f}",
         f"drawdown {account.drawdown_pct:.2f} %", f"exposure {account.exposure_pct:.1f} %"),
        (f"realized {account.realized_pnl:+,.2f}", f"unrealized {account.unrealized_pnl:+,.2f}",
         f"fees {account.fees:,.2f}"),
        (f"orders {account.orders}", f"open {account.open_orders}", f"fills {account.fills}",
         f"rejects {account.rejects}", f"events {telemetry.events}",
         f"per second {telemetry.events_per_second:.0f}"),
        (f"wire to order p50 {latency.p50:.0f} us", f"p99 {latency.p99:.0f} us",
         f"max {latency.max:.0f} us", f"memory {telemetry.rss_mb:.0f} MB"),
        *((f"{feed.name} {feed.state.lower()}", feed.note)
          for feed in telemetry.feeds if feed.state != "LIVE"),
        *(_position_words(view) for view in snapshot.instruments if view.position),
        _most_frequent(account.outcomes),
    ]  # fmt: skip
    lines = ("  ".join(filter(None, row)) for row in rows)
    return "\n".join(filter(None, lines))


def _venue(view: VenueView, state: VenueState) -> dict[str, Any]:
    return {
        "name": view.name,
        "state": state.name,
        "last_error": view.last_error,
        "clock_offset_ms": view.clock_offset_ms,
        "requests": view.requests,
        "requests_waiting": view.requests_waiting,
    }


def _reason(snapshot: EngineSnapshot) -> str:
    """Why the state is what it is, or what the engine is busy with."""
    reason = snapshot.account.state_reason
    return reason.name if reason is not StateReason.NONE else snapshot.telemetry.note


def _moment(ts_ns: int) -> str | None:
    """Write a time as ISO 8601 in UTC; None for one that never was."""
    if not ts_ns:
        return None
    return datetime.fromtimestamp(ts_ns / 1e9, UTC).isoformat(timespec="milliseconds")


def _flatten(snapshot: EngineSnapshot) -> dict[str, Any]:
    """How far closing everything has come, and what is open at the moment."""
    account = snapshot.account
    return {
        "state": account.flatten_state.name,
        "orders": account.open_orders,
        "positions": {view.symbol: view.position for view in snapshot.instruments if view.position},
        "elsewhere": account.foreign_orders + account.foreign_positions,
    }


def _doubts(account: AccountView) -> tuple[str, ...]:
    """What is not known or has not added up; nothing where all is well."""
    counts = (
        ("orders of unknown outcome", account.unknown_orders),
        ("positions corrected", account.corrections),
        ("fees without a rate", account.unpriced_fees),
    )
    doubts = [f"{name} {count}" for name, count in counts if count]
    if account.identity_break:
        doubts.append(f"equity differs from its parts by {account.identity_break:+,.9g}")
    return tuple(doubts)


def _position(view: InstrumentView) -> dict[str, Any]:
    return {
        "instrument": view.symbol,
        "quantity": view.position,
        "avg_entry_price": view.avg_entry_price,
        "mark": view.mid,
        "realized_pnl": view.realized_pnl,
        "unrealized_pnl": view.unrealized_pnl,
        "fees": view.fees,
        "exposure": view.exposure,
        "exposure_pct": view.exposure_pct,
    }


def _position_words(view: InstrumentView) -> tuple[str, ...]:
    return (
        f"{view.symbol:<16} {view.position:>+10g} @ {view.avg_entry_price:.6g}",
        f"mid {view.mid:.6g}",
        f"unrealized {view.unrealized_pnl:+,.2f}",
        f"exposure {view.exposure_pct:.1f} %",
    )


def _regime(view: InstrumentView) -> dict[str, Any]:
    return {"name": view.regime.name, "probability": view.regime_probability.get(view.regime)}


def _decision(view: InstrumentView) -> dict[str, Any]:
    model, change = view.model, view.change
    return {
        "edge_ticks": view.edge.ticks,
        "cost_ticks": view.edge.cost_ticks,
        "strength": view.combined,
        "confidence": view.confidence,
        "target": view.target,
        "outcome": view.outcome.code.name,
        "change_probability": change.probability,
        "change_bars_ago": change.bars_ago,
        "change_confirmed": change.is_confirmed,
        "model_version": model.version if model else None,
        "own_signal": view.mine_fault.name,
        "stopped_side": view.stopped_side,
    }


def _spread(meta: RunMeta, view: SpreadView) -> dict[str, Any]:
    return {
        "kind": view.kind.name,
        "instruments": [meta.instruments[index].symbol for index in view.instruments],
        "z": view.z,
        "half_life_bars": view.half_life_bars,
        "state": view.state.name,
        "reason": view.reason.name,
    }


def _latency(view: LatencyView) -> dict[str, float]:
    return {"p50": view.p50, "p99": view.p99, "max": view.max}


def _most_frequent(outcomes: dict[Outcome, int], count: int = 8) -> tuple[str, ...]:
    ranked = sorted(outcomes.items(), key=lambda item: -item[1])
    return tuple(f"{code.name} {times}" for code, times in ranked[:count])


def _without_nan(value: Any) -> Any:
    match value:
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {key: _without_nan(item) for key, item in value.items()}
        case list():
            return [_without_nan(item) for item in value]
        case _:
            return value
