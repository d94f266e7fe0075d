"""The user's own target inside a step: it decides, and wants nothing once it misbehaves."""

from __future__ import annotations

import textwrap

import pytest

from core.domain.enums import N_SIGNALS, ModelKind, Outcome, SignalFault
from core.domain.events import model_updated
from core.models.prior import regime_values
from core.settings.loader import load_settings
from core.strategies.own import OwnNames, load_own
from core.strategies.plugins import install
from tests.unit.kernel.kernel_rig import KernelRig

FUNCTIONS = """
    import math

    def half(row):
        return 0.5

    def short(row):
        return -0.75

    def nothing(row):
        return 0.0

    def raises(row):
        raise ValueError("never")

    def not_a_number(row):
        return math.nan

    def leaves(row):
        return 1.5
"""


@pytest.fixture(scope="module")
def target_of(tmp_path_factory):
    folder = tmp_path_factory.mktemp("targets")
    (folder / "wishes.py").write_text(textwrap.dedent(FUNCTIONS))
    return lambda name: load_own(OwnNames(target=f"wishes:{name}"), [folder])


def make_rig(target, **params) -> KernelRig:
    """A kernel whose signals are worth nothing, so that only the target speaks."""
    rig = KernelRig(max_order_lots=1_000, max_position_pct=2, **params)
    regimes = regime_values(load_settings().settings.regimes)
    for index in (0, 1):
        rig.feed(model_updated(ModelKind.EDGE, [0.0] * N_SIGNALS, instrument=index, version=2))
        rig.feed(model_updated(ModelKind.REGIME, regimes, instrument=index))
    rig.warm()
    rig.warm(1)
    install(rig.state, target)
    return rig


def test_a_target_is_a_share_of_the_largest_position(target_of) -> None:
    """2 % of a million hold 5 at 3,401; half of that is 2, whatever signals and regime say."""
    rig = make_rig(target_of("half"), min_regime_probability=1.0, min_signal=0.9, take_signal=0.95)
    (order,) = rig.book()
    assert (order["side"], order["lots"], order["price_ticks"]) == (1, 2, 3400)
    assert rig.outcome() is Outcome.TRADE
    assert rig.instrument()["outcome_value"] == 0.5


def test_a_strong_target_takes(target_of) -> None:
    (order,) = make_rig(target_of("short"), take_signal=0.6).book()
    assert (order["side"], order["price_ticks"]) == (-1, 3400)


def test_a_drawdown_halves_it(target_of) -> None:
    """0.75 of 5 is 3; half of that is 1."""
    rig = make_rig(target_of("short"), drawdown_reduce_pct=5, drawdown_halt_pct=90)
    rig.state.account[0]["peak_equity_nanos"] = int(rig.account["equity_nanos"] * 1.25)
    rig.state.account[0]["drawdown_pct"] = 20.0
    (order,) = rig.book()
    assert order["lots"] == 1


def test_wanting_nothing_changes_nothing(target_of) -> None:
    rig = make_rig(target_of("nothing"))
    assert rig.book() == []
    assert rig.outcome() is Outcome.NO_CHANGE


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("raises", SignalFault.RAISED),
        ("not_a_number", SignalFault.NOT_FINITE),
        ("leaves", SignalFault.OUT_OF_BOUNDS),
    ],
)
def test_one_that_misbehaves_is_out_and_its_position_is_let_go(target_of, name, fault) -> None:
    rig = make_rig(target_of(name))
    rig.fill(1, 1, 3401, 4)
    (order,) = rig.book()
    assert order["side"] == -1
    rig.book(index=1)
    assert rig.instrument()["target_code"] == fault
    rig.book()
    assert rig.instrument()["target_code"] == fault
    assert rig.outcome(1) is Outcome.BAD_TARGET


def test_without_one_the_signals_decide(target_of) -> None:
    rig = make_rig(None)
    assert rig.book() == []
    assert rig.instrument()["has_target"] == 0
