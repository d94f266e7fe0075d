"""A replay that compares: identical where nothing changed, and found where anything did."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from core import jit
from core.domain import events
from core.domain.commands import CommandName
from core.domain.enums import CommandKind, IntentKind, OrderOrigin, Side, StateReason
from core.domain.errors import DataError
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.layout import layout_hash
from core.domain.records import INTENT, PARAMS
from core.journal.beginning import Beginning, records_hash
from core.journal.manifest import JOURNAL
from core.journal.writer import JournalWriter
from core.runtime import verify as verify_module
from core.runtime.verify import Verification, read_beginning, verify
from core.strategies.plugins import LoadedSignal
from tests.unit.kernel.kernel_rig import CAPITAL, EISBACH, ETF, NANOS, make_params, starting_models
from tests.unit.runtime.engine_rig import EngineRig

FIELDS = list(INTENT.names or ())


def make_beginning(**changes) -> Beginning:
    row = make_params()
    values = {
        "run_id": "20261120T140327-practice-4f1c",
        "kernel_hash": jit.kernel_hash(),
        "layout": layout_hash(),
        "records": records_hash(),
        "instruments": (EISBACH, ETF),
        "parameters": {name: float(row[name][0]) for name in PARAMS.names or ()},
        "capital_nanos": CAPITAL * NANOS,
        "adopts_orphans": False,
        "bars_kept": 0,
        "quotes_kept": 0,
        "signal": "",
        "signal_hash": "",
    }
    return Beginning(**{**values, **changes})


def trade(folder: Path, *, dies: bool = False, **changes) -> EngineRig:
    """A run with manual orders, a halt that cancels two of them, and a state saved midway."""
    rig = EngineRig()
    journal = JournalWriter.open(folder / JOURNAL, make_beginning(**changes).to_meta())
    rig.engine._journal = journal
    rig.feed(*starting_models())
    rig.connect()
    rig.book()
    for price in ("3399", "3398"):
        answer = rig.ask(CommandName.BUY, instrument="1_Eisbach", quantity="3", price=price)
        assert answer.accepted, answer.text
    rig.engine.checkpoint()
    rig.book(3410, 3412)
    rig.feed(events.fill(0, rig.sent[0]["order_id"], 41, Side.BUY, 3399, 2, leaves_lots=1))
    rig.feed(events.command(CommandKind.HALT, key=StateReason.OPERATOR))
    if not dies:
        journal.close()
        return rig
    # As SIGKILL leaves it: what was handed over but not written is gone.
    journal._decided.clear()
    journal._mover.stop()
    journal._connection.close()
    return rig


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    trade(tmp_path)
    return tmp_path


def look(folder: Path) -> Verification:
    return verify(folder, read_beginning(folder), None)


def change(folder: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / JOURNAL)) as connection, connection:
        connection.execute(statement, values)


def decided(folder: Path) -> dict[int, bytes]:
    with closing(sqlite3.connect(folder / JOURNAL)) as connection:
        return dict(connection.execute("SELECT seq, payload FROM decisions").fetchall())


def payload_of(folder: Path, seq: int) -> bytearray:
    with closing(sqlite3.connect(folder / JOURNAL)) as connection:
        (found,) = connection.execute("SELECT payload FROM events WHERE seq = ?", (seq,)).fetchone()
    return bytearray(found)


def test_a_run_is_identical_to_itself(folder: Path) -> None:
    result = look(folder)
    assert result.identical, result.first_difference
    assert (result.damage, result.remarks, result.unrecorded) == ("", [], 0)
    assert result.decisions == len(decided(folder)) >= 3
    assert result.states == 1
    assert result.kernel_recorded == result.kernel_now


def test_the_decision_hash_is_that_of_the_run(tmp_path: Path) -> None:
    rig = trade(tmp_path)
    result = look(tmp_path)
    assert result.decision_hash == f"{int(rig.account['decision_hash']):016x}"
    assert result.events == rig.engine.seq


@pytest.mark.parametrize("offset", [0, 63, 20, 47])
def test_one_wrong_byte_of_a_decision_is_found(folder: Path, offset: int) -> None:
    seq = sorted(decided(folder))[1]
    payload = bytearray(decided(folder)[seq])
    payload[offset] ^= 4
    change(folder, "UPDATE decisions SET payload = ? WHERE seq = ?", bytes(payload), seq)
    result = look(folder)
    assert not result.identical
    assert result.first_difference is not None
    assert (result.first_difference.seq, result.first_difference.what) == (seq, "decision")
    assert result.first_difference.recorded != result.first_difference.replayed
    assert result.first_difference.kind == "COMMAND"


def test_a_difference_is_told_in_words_and_numbers(folder: Path) -> None:
    seq = min(decided(folder))
    intent = np.frombuffer(decided(folder)[seq], INTENT).copy()
    intent["lots"] = 5
    change(folder, "UPDATE decisions SET payload = ? WHERE seq = ?", intent.tobytes(), seq)
    difference = look(folder).first_difference
    assert difference is not None
    assert difference.recorded == (
        "1 of 1: PLACE order 1 BUY 5 lots of 1_Eisbach at 3399 ticks, terms 0, origin MANUAL"
    )
    assert difference.replayed == difference.recorded.replace("5 lots", "3 lots")
    assert difference.ts == "2025-11-22T08:26:40.040000000Z"


def test_only_the_intent_that_differs_is_told(folder: Path) -> None:
    seq = max(decided(folder))
    intents = np.frombuffer(decided(folder)[seq], INTENT).copy()
    assert len(intents) == 2
    intents["origin"][1] = OrderOrigin.FLATTEN
    change(folder, "UPDATE decisions SET payload = ? WHERE seq = ?", intents.tobytes(), seq)
    difference = look(folder).first_difference
    assert difference is not None
    assert difference.recorded.startswith("2 of 2: CANCEL order 2")
    assert difference.recorded.endswith("origin FLATTEN")


def test_an_intent_that_is_missing_from_a_decision_is_found(folder: Path) -> None:
    seq = max(decided(folder))
    change(folder, "UPDATE decisions SET payload = substr(payload, 1, 64) WHERE seq = ?", seq)
    difference = look(folder).first_difference
    assert difference is not None
    assert (difference.seq, difference.recorded) == (seq, "only 1 intents")


def test_a_decision_that_is_no_whole_intent_is_found(folder: Path) -> None:
    seq = min(decided(folder))
    change(folder, "UPDATE decisions SET payload = x'0102' WHERE seq = ?", seq)
    difference = look(folder).first_difference
    assert difference is not None
    assert difference.recorded == "2 bytes, which are no decision"


@pytest.mark.parametrize("place", [0, 1, -1])
def test_a_decision_that_was_dropped_is_found(folder: Path, place: int) -> None:
    """The last one too: an orderly end says that none is missing."""
    seq = sorted(decided(folder))[place]
    change(folder, "DELETE FROM decisions WHERE seq = ?", seq)
    difference = look(folder).first_difference
    assert difference is not None
    assert (difference.seq, difference.recorded) == (seq, "nothing")


def test_a_decision_that_was_added_is_found(folder: Path) -> None:
    (payload, *_) = decided(folder).values()
    change(folder, "INSERT INTO decisions VALUES (3, ?)", payload)
    difference = look(folder).first_difference
    assert difference is not None
    assert (difference.seq, difference.replayed) == (3, "nothing")


@pytest.mark.parametrize("seq", [0, 999])
def test_a_decision_without_its_event_is_found(folder: Path, seq: int) -> None:
    (payload, *_) = decided(folder).values()
    change(folder, "INSERT INTO decisions VALUES (?, ?)", seq, payload)
    difference = look(folder).first_difference
    assert difference is not None
    assert (difference.seq, difference.kind, difference.replayed) == (seq, "", "nothing")


def test_an_empty_decision_is_not_the_same_as_none(folder: Path) -> None:
    """The engine writes none where nothing was wanted, so somebody else wrote this one."""
    change(folder, "INSERT INTO decisions VALUES (3, x'')")
    difference = look(folder).first_difference
    assert difference is not None
    assert (difference.seq, difference.recorded) == (3, "only 0 intents")


def test_a_changed_event_is_found_at_the_decision_it_changes(folder: Path) -> None:
    """Its checksum is made to fit, so that only the comparison can tell."""
    seq = sorted(decided(folder))[1]
    payload = payload_of(folder, seq)
    price_offset = 7 * 8
    payload[price_offset] ^= 1
    change(
        folder, "UPDATE events SET payload = ?, crc = ? WHERE seq = ?",
        bytes(payload), crc32(payload), seq,
    )  # fmt: skip
    difference = look(folder).first_difference
    assert difference is not None
    assert (difference.seq, difference.what) == (seq, "decision")


def test_a_changed_event_that_changes_no_order_is_found_in_the_saved_state(folder: Path) -> None:
    """A book nobody acted on: the state keeps it, and names its field."""
    book = 7
    payload = payload_of(folder, book)
    bid_lots_offset = events.HEADER_BYTES + 10 * 8
    payload[bid_lots_offset] ^= 2
    change(
        folder, "UPDATE events SET payload = ?, crc = ? WHERE seq = ?",
        bytes(payload), crc32(payload), book,
    )  # fmt: skip
    difference = look(folder).first_difference
    assert difference is not None
    assert (difference.what, difference.kind) == ("state", "COMMAND")
    assert difference.recorded == "instruments[0].bid_lots[0] = 10"
    assert difference.replayed == "instruments[0].bid_lots[0] = 8"


def test_a_changed_byte_of_a_saved_state_is_found(folder: Path) -> None:
    with closing(sqlite3.connect(folder / JOURNAL)) as connection:
        ((state,),) = connection.execute("SELECT state FROM checkpoints").fetchall()
    changed = bytearray(state)
    changed[-1] ^= 1
    change(folder, "UPDATE checkpoints SET state = ?", bytes(changed))
    difference = look(folder).first_difference
    assert difference is not None
    assert difference.what == "state"
    change(folder, "UPDATE checkpoints SET state = ?", bytes(changed[:-8]))
    shorter = look(folder).first_difference
    assert shorter is not None
    assert shorter.recorded == f"{len(state) - 8} bytes"


def test_a_changed_parameter_is_found(tmp_path: Path) -> None:
    """The run was limited to 25 lots an order; replayed with 2, its first order is denied."""
    trade(tmp_path)
    stored = make_beginning().to_meta()["parameters"]
    tight = json.dumps({**json.loads(stored), "max_order_lots": 2.0})
    change(tmp_path, "UPDATE meta SET value = ? WHERE key = 'parameters'", tight)
    difference = look(tmp_path).first_difference
    assert difference is not None
    assert difference.seq == min(decided(tmp_path))
    assert difference.replayed == "nothing"


@pytest.mark.parametrize("change_to", [{"capital_nanos": 7}, {"adopts_orphans": True}])
def test_another_beginning_is_found(tmp_path: Path, change_to) -> None:
    trade(tmp_path, **change_to)
    assert not look(tmp_path).identical


def test_decisions_that_a_crash_left_unwritten_are_counted_and_no_difference(tmp_path) -> None:
    """Dead between the halt's cancels and the next write."""
    trade(tmp_path, dies=True)
    result = look(tmp_path)
    assert result.identical
    assert result.unrecorded == 1
    assert result.decisions == len(decided(tmp_path))


def test_after_a_crash_an_older_decision_must_still_be_there(tmp_path: Path) -> None:
    trade(tmp_path, dies=True)
    seq = min(decided(tmp_path))
    change(tmp_path, "DELETE FROM decisions WHERE seq = ?", seq)
    difference = look(tmp_path).first_difference
    assert difference is not None
    assert difference.seq == seq


def test_a_journal_that_is_cut_short_is_damaged_and_not_different(folder: Path) -> None:
    payload = payload_of(folder, 8)
    payload[40] ^= 1
    change(folder, "UPDATE events SET payload = ? WHERE seq = 8", bytes(payload))
    result = look(folder)
    assert result.first_difference is None
    assert not result.identical
    assert result.damage == "event 8 is damaged: its checksum does not fit"
    assert result.events == 7


def test_other_code_is_compared_and_named(tmp_path: Path) -> None:
    """That is how one proves that a change of the code changes no decision."""
    trade(tmp_path, kernel_hash="00aa")
    result = look(tmp_path)
    assert result.identical
    assert (result.kernel_recorded, result.kernel_now) == ("00aa", jit.kernel_hash())


def test_states_of_another_layout_are_skipped_and_said_so(tmp_path: Path) -> None:
    trade(tmp_path, layout="00aa")
    result = look(tmp_path)
    assert result.identical
    assert result.states == 0
    assert result.remarks == [
        "saved states were not compared: the state of this version has another layout"
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"records": "00aa"}, "events or orders have another shape; use that version for it"),
        ({"parameters": {"speed": 1.0}}, "a version with other parameters"),
    ],
)
def test_a_journal_of_another_shape_is_refused(tmp_path: Path, changes, reason) -> None:
    trade(tmp_path, **changes)
    with pytest.raises(DataError, match=reason):
        read_beginning(tmp_path)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("DELETE FROM meta WHERE key = 'instruments'", "it does not say instruments"),
        ("UPDATE meta SET value = '[1]' WHERE key = 'instruments'", "are damaged"),
        ("UPDATE meta SET value = '[]' WHERE key = 'parameters'", "are damaged"),
        ("UPDATE meta SET value = '{' WHERE key = 'parameters'", "cannot be replayed"),
        ("UPDATE meta SET value = 'x' WHERE key = 'capital_nanos'", "cannot be replayed"),
    ],
)
def test_a_journal_that_does_not_say_how_it_began_is_refused(folder, statement, reason) -> None:
    change(folder, statement)
    with pytest.raises(DataError, match=reason):
        read_beginning(folder)


def test_a_journal_of_version_1_has_nothing_to_compare(folder: Path) -> None:
    change(folder, "DROP TABLE decisions")
    change(folder, "PRAGMA user_version = 1")
    with pytest.raises(DataError, match="version 1, which holds no decisions to compare"):
        read_beginning(folder)


def test_the_signal_must_be_the_one_of_the_run(tmp_path: Path) -> None:
    trade(tmp_path, signal="mine:signal", signal_hash="0123456789abcdef")
    other = LoadedSignal("mine:signal", "fedcba9876543210", 0, "")
    for signal in (None, other):
        with pytest.raises(DataError, match="bring that file back to verify the run"):
            verify(tmp_path, read_beginning(tmp_path), signal)


def test_an_event_that_cannot_be_applied_is_remarked_and_the_rest_compared(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine went on to its halt, so the comparison does too."""
    real_step = verify_module.step

    def step(state, rows, index, intents) -> int:
        if rows[index]["seq"] == 3:
            raise ZeroDivisionError("by zero")
        return real_step(state, rows, index, intents)

    monkeypatch.setattr(verify_module, "step", step)
    result = look(folder)
    assert result.remarks == ["event 3 could not be applied: ZeroDivisionError: by zero"]
    assert result.events > 3


def test_chunks_do_not_lose_their_seams(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = look(folder)
    monkeypatch.setattr(verify_module, "_CHUNK", 3)
    assert look(folder) == whole


def test_what_is_written_meanwhile_is_not_looked_at(tmp_path: Path, monkeypatch) -> None:
    """The journal of a running engine grows while it is read."""
    rig = trade(tmp_path)
    last_seq = verify_module.JournalReader.last_seq
    monkeypatch.setattr(verify_module.JournalReader, "last_seq", lambda self: last_seq(self) - 2)
    result = look(tmp_path)
    assert result.identical
    assert result.events == rig.engine.seq - 2


def test_a_beginning_comes_back_exactly() -> None:
    """Decimals by their digits and floats by their bits."""
    odd = Instrument(
        Symbol("ÄÖ/1"), Decimal("0.010"), Decimal("0.5"), Decimal(20), position_limit_lots=7,
        maker_fee_bps=0.1 + 0.2, taker_fee_bps=-1e-17, drivers=(0.1, -1.0, 1 / 3),
    )  # fmt: skip
    beginning = make_beginning(
        instruments=(odd, ETF), parameters={"a": 0.1 + 0.2, "b": 1e300}, adopts_orphans=True,
        capital_nanos=2**60 + 1, bars_kept=3, quotes_kept=5, signal="a:b", signal_hash="ff",
    )  # fmt: skip
    again = Beginning.from_meta(beginning.to_meta())
    assert again == beginning
    assert str(again.instruments[0].tick_size) == "0.010"


def test_every_kind_of_intent_has_its_word(folder: Path) -> None:
    seq = min(decided(folder))
    intent = np.frombuffer(decided(folder)[seq], INTENT).copy()
    intent["kind"], intent["instrument"] = IntentKind.RECONCILE, 9
    change(folder, "UPDATE decisions SET payload = ? WHERE seq = ?", intent.tobytes(), seq)
    difference = look(folder).first_difference
    assert difference is not None
    assert "RECONCILE order 1 BUY 3 lots of instrument 9" in difference.recorded
    intent["kind"] = 77
    change(folder, "UPDATE decisions SET payload = ? WHERE seq = ?", intent.tobytes(), seq)
    difference = look(folder).first_difference
    assert difference is not None
    assert "77 order 1" in difference.recorded
