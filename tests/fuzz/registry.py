"""Every target by name. Made one at a time: one costs only what it needs."""

from __future__ import annotations

from importlib import import_module

from tests.fuzz.target import Target

TARGETS = {
    "wsx_server": "venue",
    "wsx_client": "venue",
    "session": "venue",
    "gateway": "venue",
    "kill": "venue",
    "cmi_session": "cmi",
    "cmi_front": "cmi",
    "requests": "engine_socket",
    "replies": "engine_socket",
    "viewer": "engine_socket",
    "link": "engine_socket",
    "snapshot": "engine_socket",
    "words": "words",
    "desk": "words",
    "manifest": "run_files",
    "announcement": "run_files",
    "kill_word": "run_files",
    "lease": "run_files",
    "lock": "run_files",
    "models": "run_files",
    "journal": "journal",
    "settings": "settings",
    "overrides": "settings",
    "instruments": "settings",
    "secrets": "settings",
    "prosperity": "recorded",
    "prosperity_trades": "recorded",
    "prosperity_log": "recorded",
    "bars": "recorded",
    "orders_table": "recorded",
    "parquet": "recorded",
    "binance": "recorded",
    "binance_feed": "feeds",
    "binance_snapshot": "feeds",
    "kraken_feed": "feeds",
    "coinbase_feed": "feeds",
    "bybit_feed": "feeds",
    "hyperliquid_feed": "feeds",
    "capture": "feeds",
    "city_services": "city",
    "city_gauges": "city",
}
"""Function of each, and the module of this package that it is in."""


def make(name: str) -> Target:
    """Make a target."""
    target: Target = getattr(import_module(f"tests.fuzz.{TARGETS[name]}"), name)()
    return target
