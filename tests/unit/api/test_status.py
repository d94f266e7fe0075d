"""`imc-cockpit status`, in its three forms."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core.api.status import exit_code, status_json, status_text
from core.api.view import decode
from core.domain.enums import (
    FlattenState,
    Outcome,
    Readiness,
    Regime,
    SignalFault,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.snapshot import TrialView
from core.domain.spreads import SpreadKind, SpreadReason, SpreadState
from core.serve.host import capture
from tests.unit.serve.fake_host import META, TELEMETRY, FakeHost

CONTRACT = [
    "mode", "profile", "run_id", "pid", "uptime_s", "trading_state", "readiness", "reason",
    "equity", "peak_equity", "drawdown", "realized_pnl", "unrealized_pnl", "fees", "exposure",
    "positions", "open_orders", "orders", "fills", "rejects", "events", "events_per_second",
    "outcomes", "regimes", "latency_us", "feeds", "venue", "viewers", "journal", "rss_mb",
    "version",
]  # fmt: skip
ADDED = [
    "decisions", "spreads", "models", "trading_state_since", "flatten", "unknown_orders",
    "corrections", "identity_break", "unpriced_fees", "trials", "manual", "venues",
]  # fmt: skip


@pytest.fixture
def host() -> FakeHost:
    host = FakeHost()
    account = host.arrays["account"][0]
    for name, value in {
        "trading_state": TradingState.REDUCING, "state_reason": StateReason.OPERATOR,
        "readiness": Readiness.READY, "venue_state": VenueState.SYNCED,
        "equity_nanos": 98_000_000_000_000, "peak_equity_nanos": 100_000_000_000_000,
        "drawdown_pct": 2.0, "open_orders": 3, "orders": 12, "fills": 8, "rejects": 1,
        "gross_exposure_nanos": 309_000_000_000,
    }.items():  # fmt: skip
        account[name] = value
    account["venue_states"][:2] = (VenueState.SYNCED, VenueState.CONNECTING)
    account["outcomes"][Outcome.TRADE] = 12
    account["outcomes"][Outcome.NO_CHANGE] = 34
    etf = host.arrays["instruments"][1]
    etf["position_lots"], etf["cost_nanos"] = 3, 3 * 101 * 1_000_000_000
    etf["notional_nanos"] = 309_000_000_000
    etf["regime"] = Regime.TRENDING
    etf["regime_probability"][Regime.TRENDING] = 0.75
    return host


def snapshot_of(host: FakeHost):
    return decode(META, *capture(host, -1)[:2], telemetry=TELEMETRY)


def test_the_keys_are_those_of_the_contract(host: FakeHost) -> None:
    """Names and their order are promised to scripts."""
    assert list(status_json(META, snapshot_of(host))) == CONTRACT + ADDED


def test_a_decision_and_a_spread_are_told_with_their_names(host: FakeHost) -> None:
    """Numbers by instrument; what is not known is null."""
    etf = host.arrays["instruments"][1]
    etf["edge_ticks"], etf["combined"], etf["confidence"] = -0.25, -0.2, 0.7
    etf["outcome"], etf["mine_code"], etf["stopped_side"] = Outcome.STOP_LOSS, SignalFault.RAISED, 1
    etf["bars"], etf["change_bar"], etf["change_probability"] = 90, 78, 0.125
    host.arrays["account"]["models"] = 19
    host.arrays["account"]["models_refused"] = 2
    spread = host.arrays["spreads"][4]
    spread["kind"], spread["legs"] = SpreadKind.PAIR, 2
    spread["leg_instrument"][:2] = (2, 0)
    spread["z"], spread["half_life_bars"] = -1.5, 40.0
    spread["state"], spread["reason"] = SpreadState.SUSPENDED, SpreadReason.BROKEN
    status = status_json(META, snapshot_of(host))
    assert status["decisions"]["7_ETF"] == {
        "edge_ticks": -0.25, "cost_ticks": None, "strength": -0.2, "confidence": 0.7,
        "target": 0.0, "outcome": "STOP_LOSS", "change_probability": 0.125,
        "change_bars_ago": 12, "change_confirmed": False, "model_version": 0,
        "own_signal": "RAISED", "stopped_side": 1,
    }  # fmt: skip
    assert status["spreads"] == [
        {
            "kind": "PAIR", "instruments": ["BTCUSDT", "1_Eisbach"], "z": -1.5,
            "half_life_bars": 40.0, "state": "SUSPENDED", "reason": "BROKEN",
        }
    ]  # fmt: skip
    assert status["models"] == {"taken": 19, "refused": 2}


def test_the_values(host: FakeHost) -> None:
    host.arrays["account"]["order_tokens"] = 17.5
    host.arrays["account"]["request_tokens"] = 312.25
    status = status_json(META, snapshot_of(host))
    assert (status["mode"], status["profile"], status["pid"]) == ("PAPER", "practice", 4711)
    assert (status["trading_state"], status["readiness"]) == ("REDUCING", "READY")
    assert status["reason"] == "OPERATOR"
    assert (status["equity"], status["peak_equity"], status["drawdown"]) == (98e3, 100e3, 2.0)
    assert status["exposure"] == 309.0
    assert (status["open_orders"], status["orders"]) == (3, 12)
    assert (status["fills"], status["rejects"]) == (8, 1)
    assert status["outcomes"] == {"TRADE": 12, "NO_CHANGE": 34}
    assert status["regimes"]["7_ETF"] == {"name": "TRENDING", "probability": 0.75}
    assert status["latency_us"] == {
        "wire_to_order": {"p50": 76.0, "p99": 211.0, "max": 900.0},
        "step": {"p50": 1.5, "p99": 2.5, "max": 30.0},
    }
    assert status["feeds"] == [
        {"name": "wsx", "age_s": 0.25, "state": "LIVE", "source": "", "note": ""},
        {
            "name": "river",
            "age_s": 7300.0,
            "state": "DOWN",
            "source": "gkd",
            "note": "hnd: HTTP 503",
        },
    ]
    assert status["venue"] == {
        "state": "SYNCED", "reconnects": 2, "gaps": 1, "budget": 17.5, "request_budget": 312.25,
    }  # fmt: skip
    assert status["venues"] == [
        {
            "name": "wsx", "state": "SYNCED", "last_error": "", "clock_offset_ms": -12.5,
            "requests": 0, "requests_waiting": 0,
        },
        {
            "name": "cmi", "state": "CONNECTING", "last_error": "HTTP 429", "clock_offset_ms": None,
            "requests": 31, "requests_waiting": 2,
        },
    ]  # fmt: skip
    assert status["journal"] == {"rows": 12_346, "bytes": 987_654, "lag_ms": 1.25}


def test_only_open_positions_are_listed(host: FakeHost) -> None:
    """A position without a mark has a null and not a NaN, which is no JSON."""
    status = status_json(META, snapshot_of(host))
    (position,) = status["positions"]
    assert position["instrument"] == "7_ETF"
    assert (position["quantity"], position["avg_entry_price"]) == (6.0, 50.5)
    assert position["mark"] is None
    assert "NaN" not in json.dumps(status, allow_nan=False)


def test_without_a_state_reason_the_engines_note_is_the_reason(host: FakeHost) -> None:
    """`WARMING` alone does not say what it is busy with."""
    host.arrays["account"]["state_reason"] = StateReason.NONE
    snapshot = decode(META, capture(host, 0).state)
    assert status_json(META, snapshot)["reason"] == ""


@pytest.mark.parametrize(
    ("state", "readiness", "code"),
    [
        (TradingState.ACTIVE, Readiness.READY, 0),
        (TradingState.REDUCING, Readiness.READY, 0),
        (TradingState.ACTIVE, Readiness.WARMING, 0),
        (TradingState.ACTIVE, Readiness.STALE, 4),
        (TradingState.ACTIVE, Readiness.DISCONNECTED, 4),
        (TradingState.HALTED, Readiness.READY, 4),
    ],
)
def test_the_exit_code_says_halted_or_stale(host: FakeHost, state, readiness, code) -> None:
    host.arrays["account"]["trading_state"] = state
    host.arrays["account"]["readiness"] = readiness
    assert exit_code(snapshot_of(host)) == code


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("flatten_state", FlattenState.NOT_FLAT, 4),
        ("flatten_state", FlattenState.FLAT, 0),
        ("flatten_state", FlattenState.WORKING, 0),
        ("identity_break_nanos", -1, 4),
    ],
)
def test_not_flat_and_a_broken_identity_are_unhealthy(host: FakeHost, field, value, code) -> None:
    host.arrays["account"][field] = value
    assert exit_code(snapshot_of(host)) == code


def troubled(host: FakeHost):
    """A snapshot in which everything that can be in doubt is."""
    for name, value in {
        "flatten_state": FlattenState.NOT_FLAT,
        "foreign_orders": [2, 0, 0, 0, 0, 0, 0, 0], "foreign_positions": [0, 1, 0, 0, 0, 0, 0, 0],
        "unknown_orders": 4, "corrections": 5, "unpriced_fees": 6,
        "identity_break_nanos": -2_500_000_000, "state_since_ns": 1_763_820_207_250_000_000,
    }.items():  # fmt: skip
        host.arrays["account"][name] = value
    telemetry = replace(TELEMETRY, trials=(TrialView("risk.max_order_lots", 40.0, 25.0, 12.5),))
    return decode(META, *capture(host, -1)[:2], telemetry=telemetry)


def test_what_is_in_doubt_is_told_to_scripts(host: FakeHost) -> None:
    status = status_json(META, troubled(host))
    assert status["flatten"] == {
        "state": "NOT_FLAT", "orders": 3, "positions": {"7_ETF": 6.0}, "elsewhere": 3,
    }  # fmt: skip
    assert (status["unknown_orders"], status["corrections"]) == (4, 5)
    assert (status["unpriced_fees"], status["identity_break"]) == (6, -2.5)
    assert status["trading_state_since"] == "2025-11-22T14:03:27.250+00:00"
    assert status["trials"] == [
        {"key": "risk.max_order_lots", "value": 40.0, "reverts_to": 25.0, "left_s": 12.5}
    ]


def test_what_is_in_doubt_is_told_to_people(host: FakeHost) -> None:
    lines = status_text(META, troubled(host)).splitlines()
    assert "NOT FLAT: 3 orders, 7_ETF +6; 3 elsewhere" in lines
    assert (
        "orders of unknown outcome 4  positions corrected 5  fees without a rate 6  "
        "equity differs from its parts by -2.5"
    ) in lines
    assert "on trial: risk.max_order_lots 40  back to 25  in 12 s" in lines


def test_a_state_that_never_changed_has_no_time(host: FakeHost) -> None:
    assert status_json(META, snapshot_of(host))["trading_state_since"] is None


def test_the_text_fits_a_terminal_and_names_what_matters(host: FakeHost) -> None:
    lines = status_text(META, snapshot_of(host)).splitlines()
    assert max(map(len, lines)) <= 100
    text = "\n".join(lines)
    for part in (
        "PAPER practice", "REDUCING READY  OPERATOR", "equity 98,000.00 EUR", "drawdown 2.00 %",
        "7_ETF", "+6 @ 50.5", "NO_CHANGE 34  TRADE 12", "p99 211 us", "river down  hnd: HTTP 503",
    ):  # fmt: skip
        assert part in text


def test_the_text_of_an_engine_without_news_has_no_empty_lines() -> None:
    assert "" not in status_text(META, decode(META, capture(FakeHost(), 0).state)).splitlines()
