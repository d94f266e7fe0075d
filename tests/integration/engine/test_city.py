"""The Munich event in practice: real processes, one city behind the market and in the engine."""

from __future__ import annotations

import asyncio
import time

import pytest

from core.api.socket_client import SocketClient
from core.api.topics import Topic
from core.domain.enums import Signal
from tests.integration.program import wait_for

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("processes")]


@pytest.fixture(scope="module")
def munich(make_program):
    program = make_program("--profile", "munich")
    program.start_engine()
    return program


def settlement(program):
    async def ask(client):
        return await client.ask(Topic.SETTLEMENT)

    return asyncio.run(program._ask(ask))


def test_every_feed_of_the_city_is_live_and_named(munich) -> None:
    status = munich.wait_until(
        lambda status: {feed["state"] for feed in status["feeds"]} == {"LIVE"}, "feeds that live"
    )
    names = [feed["name"] for feed in status["feeds"]]
    assert names[1:] == ["weather", "air quality", "flights", "river"]


def test_the_market_and_the_fair_values_stand_together(munich) -> None:
    """Two processes have the same city: neither has told the other anything of it."""

    def look():
        page = settlement(munich)
        values = {row.symbol: row for row in page.products if row.expected is not None}
        return page if len(values) == 8 else None

    page = wait_for(look, "eight fair values")
    assert page.is_simulated
    assert page.trouble == ""
    assert page.start_ts_ns < page.as_of_ts_ns < page.end_ts_ns

    def together():
        snapshot = asyncio.run(munich._ask(SocketClient.look))
        expected = {row.symbol: row for row in settlement(munich).products}
        return all(
            abs(view.mid - expected[view.symbol].expected) <= expected[view.symbol].deviation
            for view in snapshot.instruments
        )

    wait_for(together, "a market within a deviation of every fair value")


def test_a_fair_value_is_a_signal_of_the_decision(munich) -> None:
    def look():
        snapshot = asyncio.run(munich._ask(SocketClient.look))
        return all(view.signals[Signal.FAIR_VALUE] for view in snapshot.instruments)

    wait_for(look, "a fair value that counts in every decision")


def test_an_engine_that_comes_back_has_the_citys_time(munich) -> None:
    """It is the exchange's, which goes on: not that of a city that begins anew."""
    before = settlement(munich).as_of_ts_ns
    began_s = time.monotonic()
    (engine,) = [process for process in munich._started if process.poll() is None]
    engine.kill()
    engine.wait()
    munich.start_engine()
    wait_for(lambda: settlement(munich).as_of_ts_ns > before, "a later time of the city")
    passed_s = (settlement(munich).as_of_ts_ns - before) / 1e9
    assert passed_s <= 60.0 * (time.monotonic() - began_s) + 120.0
