"""The user's own signal inside a step: it counts while it behaves, and is out once it does not."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from core.domain.enums import N_SIGNALS, IntentKind, ModelKind, Outcome, Signal, SignalFault
from core.domain.events import model_updated
from core.models.prior import regime_values
from core.settings.loader import load_settings
from core.strategies.plugins import LoadedSignal, install, load_signal
from tests.unit.kernel.kernel_rig import KernelRig

FUNCTIONS = """
    import math

    def buys(row):
        return 0.9

    def sells(row):
        return -0.75

    def reads(row):
        return 0.5 * row.obi + 0.25 * (row.bid_lots[0] - row.ask_lots[1]) / row.bid_lots[0]

    def ends(row):
        return -1.0 if row.bid_lots[0] > 30 else 1.0

    def raises(row):
        if row.bid_lots[0] > 30:
            raise ValueError("too many")
        return 0.9

    def not_a_number(row):
        return math.nan if row.bid_lots[0] > 30 else 0.9

    def infinite(row):
        return -math.inf if row.bid_lots[0] > 30 else 0.9

    def divides(row):
        return 1.0 / (row.bid_lots[0] - 60)

    def leaves_above(row):
        return 1.001 if row.bid_lots[0] > 30 else 0.9

    def leaves_below(row):
        return -1.001 if row.bid_lots[0] > 30 else 0.9
"""


@pytest.fixture(scope="module")
def signal_of(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("signals")
    (folder / "behaviour.py").write_text(textwrap.dedent(FUNCTIONS))
    return lambda name: load_signal(f"behaviour:{name}", [folder])


def make_rig(signal: LoadedSignal | None, **params: float) -> KernelRig:
    """A kernel that believes the user's signal only, with its windows full."""
    rig = KernelRig(min_confidence=0.0, min_regime_probability=0.0, **params)
    edges = [0.0] * N_SIGNALS
    edges[Signal.MINE] = 4.0
    regimes = regime_values(load_settings().settings.regimes)
    for index in (0, 1):
        rig.feed(model_updated(ModelKind.EDGE, edges, instrument=index, version=2))
        rig.feed(model_updated(ModelKind.REGIME, regimes, instrument=index))
    install(rig.state, signal)
    rig.warm()
    return rig


def value_of(rig: KernelRig, index: int = 0) -> float:
    return float(rig.instrument(index)["signals"][Signal.MINE])


@pytest.mark.parametrize(("name", "side", "value"), [("buys", 1, 0.9), ("sells", -1, -0.75)])
def test_a_good_signal_decides(signal_of, name, side, value) -> None:
    """Nothing else speaks, so the order is its doing."""
    rig = make_rig(signal_of(name))
    (order,) = rig.book()
    assert order["side"] == side
    assert value_of(rig) == value
    assert rig.instrument()["mine_code"] == SignalFault.NONE


def test_without_a_signal_nothing_is_decided() -> None:
    rig = make_rig(None)
    assert rig.book() == []
    assert value_of(rig) == 0.0


def test_a_signal_reads_the_row_of_its_instrument(signal_of) -> None:
    rig = make_rig(signal_of("reads"))
    rig.book(bid_lots=12, ask_lots=5)
    obi = float(rig.instrument()["obi"])
    assert value_of(rig) == pytest.approx(0.5 * obi + 0.25 * (12 - 7) / 12, abs=1e-15)


def test_the_ends_of_the_scale_are_allowed(signal_of) -> None:
    rig = make_rig(signal_of("ends"))
    rig.book(bid_lots=12)
    assert value_of(rig) == 1.0
    rig.book(bid_lots=60)
    assert value_of(rig) == -1.0
    assert rig.instrument()["mine_code"] == SignalFault.NONE


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("raises", SignalFault.RAISED),
        ("not_a_number", SignalFault.NOT_FINITE),
        ("infinite", SignalFault.NOT_FINITE),
        ("divides", SignalFault.NOT_FINITE),
        ("leaves_above", SignalFault.OUT_OF_BOUNDS),
        ("leaves_below", SignalFault.OUT_OF_BOUNDS),
    ],
)
def test_a_signal_that_misbehaves_is_out_for_the_rest_of_the_run(signal_of, name, fault) -> None:
    """Told once as an outcome, then silent, while everything else goes on."""
    rig = make_rig(signal_of(name))
    rig.book(bid_lots=60)
    assert (rig.outcome(), value_of(rig)) == (Outcome.BAD_SIGNAL, 0.0)
    assert rig.instrument()["mine_code"] == fault
    assert rig.instrument()["outcome_value"] == fault
    for _ in range(3):
        # It would be well again: a signal that failed once is not believed twice.
        assert rig.book(bid_lots=12) == []
        assert value_of(rig) == 0.0
    assert rig.instrument()["outcomes"][Outcome.BAD_SIGNAL] == 1
    assert rig.account["outcomes"][Outcome.BAD_SIGNAL] == 1


def test_an_order_that_rests_on_it_is_taken_back_and_the_failure_is_still_told(signal_of) -> None:
    """The cancel is the outcome of the first evaluation, so the next one tells of the signal."""
    rig = make_rig(signal_of("raises"), take_signal=1.0)
    (order,) = rig.book()
    rig.ack(order)
    (cancel,) = rig.book(bid_lots=60)
    assert (cancel["kind"], cancel["order_id"]) == (IntentKind.CANCEL, order["order_id"])
    for _ in range(3):
        rig.book()
    assert rig.instrument()["outcomes"][Outcome.BAD_SIGNAL] == 1
    assert rig.instrument()["mine_reported"] == 1


def test_only_the_instrument_it_failed_on_is_without_it(signal_of) -> None:
    rig = make_rig(signal_of("raises"))
    rig.warm(index=1)
    rig.book(bid_lots=60, index=0)
    rig.book(bid_lots=12, index=1)
    assert (value_of(rig, 0), value_of(rig, 1)) == (0.0, 0.9)
    assert rig.instrument(1)["mine_code"] == SignalFault.NONE


def test_it_is_not_asked_before_the_windows_are_full(signal_of) -> None:
    rig = KernelRig()
    install(rig.state, signal_of("raises"))
    rig.book(bid_lots=60)
    assert rig.instrument()["mine_code"] == SignalFault.NONE


def test_the_same_function_gives_the_same_bits_again(signal_of) -> None:
    one, other = make_rig(signal_of("reads")), make_rig(signal_of("reads"))
    for rig in (one, other):
        rig.push()
    assert one.bytes() == other.bytes()
