"""Which feed a name stands for, and that the others stay unloaded."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import pytest

from core.domain.errors import ConfigurationError
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.venues.market.feeds import VENUES, make_feed, profile_of

BTC = Instrument(Symbol("BTC-USD"), Decimal("0.01"), Decimal("0.00001"))

_ONE = """
import sys
from core.venues.market.feeds import profile_of
profile_of("kraken")
print(*sorted({name.split(".")[2] for name in sys.modules if name.startswith("core.venues.")}))
"""


@pytest.mark.parametrize("venue", VENUES)
async def test_every_name_makes_a_feed_of_that_name(venue: str) -> None:
    feed = make_feed(venue, [BTC])
    assert feed.name == venue
    assert profile_of(venue).stream_url("").startswith("wss://")


def test_a_misspelt_name_is_told_its_nearest() -> None:
    with pytest.raises(ConfigurationError, match="did you mean kraken"):
        profile_of("krakn")


def test_one_venue_loads_no_other() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ONE], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.split())
    assert "kraken" in loaded
    assert not loaded & (set(VENUES) - {"kraken"})


def test_the_engine_loads_no_feed_that_nobody_asked_for() -> None:
    code = "import sys, core.assembly.live; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    loaded = done.stdout.split()
    assert "core.assembly.live" in loaded
    unwanted = ("core.venues.market", *(f"core.venues.{venue}" for venue in VENUES), "aiohttp")
    assert not [name for name in loaded if name.startswith(unwanted)]


@pytest.mark.parametrize("url", ["http://h", "ws:/h", "h:9", "wss://"])
def test_an_address_that_is_none_of_a_websocket_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="is not an address of market data"):
        profile_of("binance").stream_url(url)


def test_an_address_without_a_path_gets_the_venues_own() -> None:
    binance = profile_of("binance")
    assert binance.stream_url("ws://127.0.0.1:9") == "ws://127.0.0.1:9/stream"
    assert binance.stream_url("ws://127.0.0.1:9/ws") == "ws://127.0.0.1:9/ws"


def test_snapshots_come_from_the_host_that_belongs_to_the_stream() -> None:
    binance = profile_of("binance")
    assert binance.http_url("") == "https://data-api.binance.vision"
    assert binance.http_url("wss://stream.binance.com:9443/ws") == "https://api.binance.com"
    assert binance.http_url("ws://127.0.0.1:9/stream") == "http://127.0.0.1:9"
