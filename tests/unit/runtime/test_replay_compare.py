"""Both loops trade a recording alike; where they do not, the row and both words are told."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from core.assembly.replay_engine import recorded_engine, recorded_state
from core.assembly.replay_verify import verification_json, verification_text, verify_loops
from core.backtest.terms import simulated_desk
from core.data.dataset import DataSet
from core.kernel.state import from_bytes, to_bytes
from core.runtime.replay_compare import Listening, Lockstep, LoopsCompared
from core.settings.loader import load_settings
from tests.unit.kernel.kernel_rig import EISBACH, ETF, starting_models
from tests.unit.kernel.test_batch import SWING, wave

SETTINGS = load_settings("prosperity", overrides=["strategy.bar_ms=100"]).settings
OFF_GRID_NS = 83_000_000


def market(count: int) -> DataSet:
    """Two products that swing, not from a full quarter of a second on."""
    rows = wave(count)
    rows["ts_ns"] += OFF_GRID_NS
    return DataSet((EISBACH, ETF), "", rows, ())


async def compare(data: DataSet, settings=SETTINGS, spoil=lambda state, desk: None):
    """Go through it in both loops, the compiled one spoiled."""
    heard = Listening()
    played = recorded_engine(data, settings, None, heard, stop=lambda _: None, log=lambda _: None)
    played.observers.add(heard)
    for row in starting_models(SWING):
        played.engine.put(row)
    played.engine.flush()
    connected = asyncio.create_task(played.venue.run(played.engine))
    await asyncio.sleep(0)
    state = recorded_state(data, settings)
    from_bytes(state, to_bytes(played.engine.state))
    desk = simulated_desk(data, settings.simulation)
    spoil(state, desk)
    lockstep = Lockstep(data, played.engine, played.rows, heard, state, desk)
    for _ in lockstep.run():
        pass
    connected.cancel()
    with suppress(asyncio.CancelledError):
        await connected
    return lockstep.result


@pytest.mark.parametrize(
    "terms",
    [
        [],
        ["order_latency_us=130000", "answer_latency_us=70000", "feed_latency_us=20000"],
        ['latency="sampled"', "order_latency_us=90000", "answer_latency_us=300000"],
        ["requests_per_s=4.0"],
    ],
)
async def test_both_loops_trade_a_recording_alike(terms) -> None:
    overrides = ["strategy.bar_ms=100", *(f"simulation.{term}" for term in terms)]
    settings = load_settings("prosperity", overrides=overrides).settings
    result = await compare(market(300), settings)
    assert result.first_difference is None
    assert (result.events, result.states) == (300, 1)
    assert result.decisions > 5
    assert result.fills > 2


async def test_a_wish_that_differs_is_told_with_its_row_and_both_words() -> None:
    def spoil(state, desk) -> None:
        state.params["max_order_lots"] = 1

    told = await compare(market(300), spoil=spoil)
    assert told.first_difference is not None
    assert told.first_difference.what == "decision"
    assert " 1 lots of 1_Eisbach " in told.first_difference.recorded
    assert " 1 lots of 1_Eisbach " not in told.first_difference.replayed
    assert 0 < told.position == told.events < 300


async def test_a_state_that_differs_is_told_with_its_field() -> None:
    def spoil(state, desk) -> None:
        state.account["peak_equity_nanos"] += 1

    told = await compare(market(20), spoil=spoil)
    difference = told.first_difference
    assert difference is not None
    assert (difference.what, told.position) == ("state", 1)
    assert difference.recorded.startswith("account[0].peak_equity_nanos = ")


async def test_a_fill_that_differs_is_told() -> None:
    def spoil(state, desk) -> None:
        desk.simulation.markets["maker_fee_bps"] = 1.0
        desk.simulation.markets["taker_fee_bps"] = 1.0

    told = await compare(market(300), spoil=spoil)
    difference = told.first_difference
    assert difference is not None
    assert difference.what == "fill"
    assert "fee 0 nanos" in difference.replayed
    assert difference.recorded != difference.replayed


async def test_the_documents_say_what_was_compared() -> None:
    told = await verify_loops(market(120), SETTINGS, None)
    document = verification_json(told)
    assert document["identical"] is True
    assert document["first_difference"] is None
    assert (document["events"], document["states"]) == (120, 1)
    assert document["decision_hash"] == told.decision_hash
    assert ": identical, byte for byte" in verification_text(told)


async def test_a_difference_is_in_both_documents() -> None:
    told = await verify_loops(market(60), SETTINGS, None)

    def spoil(state, desk) -> None:
        state.account["peak_equity_nanos"] += 1

    told.compared = await compare(market(20), spoil=spoil)
    assert verification_json(told)["first_difference"]["position"] == 1
    lines = verification_text(told).splitlines()
    assert lines[0].endswith(": DIFFERENT")
    assert lines[1].startswith("first difference: state at row 1 (BOOK, ")
    assert lines[2].startswith("  compiled loop: account[0].peak_equity_nanos = ")
    assert lines[3].startswith("  engine's loop: account[0].peak_equity_nanos = ")


def test_nothing_compared_is_no_difference() -> None:
    assert LoopsCompared().identical
