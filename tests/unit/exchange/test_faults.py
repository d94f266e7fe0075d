"""Faults: read strictly, drawn by a seed, and nothing without them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from core.domain.errors import ConfigurationError, DecodeError
from core.exchange.fault_panel import FaultPanel
from core.exchange.faults import (
    NO_FAULTS,
    FaultyLine,
    LineFaults,
    VenueFaults,
    read_faults,
    spoil,
)
from core.venues.wsx.codec import decode_server, encode
from tests.unit.venues.wsx.test_session import delta, execution, report

MS = 1_000_000
EXAMPLES = Path(__file__).parents[3] / "config" / "faults"


def arrivals(faults: LineFaults, count: int = 2_000, seed: int = 3) -> list[tuple[int, bytes]]:
    """Messages `0`, `1` … sent a millisecond apart: when each arrives."""
    line = FaultyLine(Random(seed))
    seen = []
    for now_ms in range(count + 700):
        if now_ms < count:
            line.pass_on(b"%d" % now_ms, faults, now_ms * MS)
        seen += [(now_ms, data) for data in line.due(now_ms * MS)]
    return seen


def test_without_faults_everything_arrives_at_once_and_in_order() -> None:
    assert arrivals(LineFaults(), 50) == [(n, b"%d" % n) for n in range(50)]


def test_a_share_is_dropped_and_a_share_doubled() -> None:
    kept = len(arrivals(LineFaults(drop=0.25)))
    assert 1_400 < kept < 1_600
    assert 2_150 < len(arrivals(LineFaults(duplicate=0.1))) < 2_250


def test_delay_and_jitter_keep_the_order() -> None:
    seen = arrivals(LineFaults(delay_ms=40, jitter_ms=25), 300)
    sent = [int(data) for _, data in seen]
    assert sent == list(range(300))
    late = [at_ms - number for (at_ms, _), number in zip(seen, sent, strict=True)]
    # Nobody overtakes: the latest so far sets the time of those behind it.
    assert min(late) >= 40
    assert 60 < max(late) <= 66


def test_reordered_messages_are_overtaken_and_not_lost() -> None:
    sent = [int(data) for _, data in arrivals(LineFaults(reorder=0.2), 400)]
    assert sorted(sent) == list(range(400))
    assert sent != sorted(sent)


def test_what_is_corrupt_or_cut_cannot_be_read() -> None:
    frame = encode(report("open"))
    for faults in (LineFaults(corrupt=1), LineFaults(truncate=1)):
        line = FaultyLine(Random(1))
        line.pass_on(frame, faults, 0)
        (arrived,) = line.due(0)
        with pytest.raises(DecodeError):
            decode_server(arrived)


def test_the_same_seed_is_the_same_line() -> None:
    faults = LineFaults(drop=0.1, duplicate=0.1, reorder=0.1, jitter_ms=9)
    assert arrivals(faults, seed=4) == arrivals(faults, seed=4)
    assert arrivals(faults, seed=4) != arrivals(faults, seed=5)


def said(data: bytes, **faults) -> list[tuple[bytes, bool]]:
    return spoil(data, VenueFaults(**faults), Random(2))


def test_an_acknowledgement_may_be_lost_or_come_after_its_fill() -> None:
    ack = encode(report("open"))
    assert said(ack, lose_ack=1.0) == []
    assert said(ack, fill_before_ack=1.0) == [(ack, True)]
    other = encode(report("canceled"))
    assert said(other, lose_ack=1.0, fill_before_ack=1.0) == [(other, False)]


def test_executions_may_be_told_twice_and_books_freeze() -> None:
    fill, book = encode(execution()), encode(delta(8, ("buy", "50.0", "3")))
    assert said(fill, duplicate_fills=1.0) == [(fill, False)] * 2
    assert said(book, freeze_books=True) == []
    assert said(fill, freeze_books=True) == [(fill, False)]
    assert said(fill, silent=True) == []


@pytest.mark.parametrize("fault", ["oversized", "nested", "absurd", "unknown"])
def test_nonsense_is_nonsense(fault) -> None:
    ((data, is_held),) = said(encode(report("open")), **{fault: 1.0})
    assert not is_held
    if fault == "absurd":
        assert b"999e999" in data
    else:
        with pytest.raises(DecodeError):
            decode_server(data)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.name)
def test_the_examples_can_be_used(path) -> None:
    assert read_faults(path) != NO_FAULTS


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[exchange]\nrejct = 0.1\n", "rejct is not a setting; did you mean exchange.reject?"),
        ("[to_client]\ndrop = 1.5\n", "to_client.drop = 1.5 is above 1"),
        ("[exchange]\nreject_reason = 'BORED'\n", "exchange.reject_reason"),
        ("[exchange]\nlife = 'two'\n", "exchange.life"),
        ("drop = \n", "not valid TOML"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_said_to_be_so(tmp_path, text, sentence) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as refusal:
        read_faults(path)
    assert "faults.toml" in str(refusal.value)
    assert sentence in str(refusal.value)


def test_a_file_is_taken_over_when_it_changes(tmp_path, capsys) -> None:
    path = tmp_path / "faults.toml"
    path.write_text("[exchange]\nreject = 0.5\n")
    panel = FaultPanel(path)
    assert panel.is_on
    assert not panel.look()
    path.write_text("[exchange]\nreject = 0.25\nsilent = true\n")
    assert panel.look()
    assert panel.now.exchange.reject == 0.25
    path.write_text("[exchange]\nreject = 7\n")
    assert not panel.look()
    assert panel.now.exchange.reject == 0.25
    assert "reject = 7" in capsys.readouterr().err
    path.unlink()
    assert panel.look()
    assert not panel.is_on


def test_without_a_file_nothing_goes_wrong() -> None:
    panel = FaultPanel(None)
    assert not panel.look()
    assert not panel.is_on
