"""The live parameters have one source."""

from __future__ import annotations

import math

import pytest

from core.domain.errors import ConfigurationError
from core.domain.records import PARAMS
from core.settings.loader import load_settings
from core.settings.model import RiskSettings, Settings, SignalSettings, StrategySettings
from core.settings.parameters import parameter_specs, params_row, with_parameters


def test_names_are_exactly_those_of_the_kernel() -> None:
    """A number that the kernel reads and nobody can set, or the other way round, is a bug."""
    sections = (RiskSettings, StrategySettings, SignalSettings)
    names = [name for section in sections for name in section.model_fields]
    assert len(names) == len(set(names))
    # What is the user's own is named at the start, and what it may take.
    assert set(names) - {"mine", "target", "python", "timeout_s", "memory_mb"} == set(
        PARAMS.names or ()
    )


def test_specs_come_in_the_order_of_the_record() -> None:
    specs = parameter_specs(load_settings().settings)
    assert [spec.key.rpartition(".")[2] for spec in specs] == list(PARAMS.names or ())
    assert [spec.index for spec in specs] == list(range(len(specs)))


def test_a_spec_says_what_the_settings_say() -> None:
    settings = load_settings(None, (), ["risk.stale_book_ms=1234"]).settings
    spec = next(s for s in parameter_specs(settings) if s.key == "risk.stale_book_ms")
    assert (spec.default, spec.lower, spec.upper) == (1234.0, 10.0, 600_000.0)
    assert spec.unit == "ms"
    assert spec.effect == "Raising it trades on older books before calling them stale."


def test_every_spec_has_bounds_around_its_default_and_an_effect() -> None:
    for spec in parameter_specs(load_settings().settings):
        assert spec.lower <= spec.default <= spec.upper, spec.key
        assert spec.lower < spec.upper < float("inf"), spec.key
        assert spec.effect.startswith("Raising it "), spec.key
        assert spec.effect.endswith("."), spec.key
        assert spec.step > 0


def test_the_row_holds_each_value_under_its_own_name() -> None:
    settings = load_settings(None, (), ["signals.weight_ofi=-0.75"]).settings
    row = params_row(settings)
    assert row.shape == (1,)
    assert row["weight_ofi"][0] == -0.75
    assert row["cooldown_ms"][0] == settings.strategy.cooldown_ms
    assert row["drawdown_halt_pct"][0] == settings.risk.drawdown_halt_pct


def changed(**values: float) -> list[float]:
    row = params_row(load_settings().settings)
    for name, value in values.items():
        row[name] = value
    return list(row[0].tolist())


def test_a_live_change_gives_the_settings_it_would_have_been() -> None:
    settings = load_settings().settings
    after = with_parameters(settings, changed(cooldown_ms=300.0, weight_obi=-0.5))
    assert after.strategy.cooldown_ms == 300
    assert after.signals.weight_obi == -0.5
    assert after.account == settings.account
    assert with_parameters(after, changed()) == settings


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"max_order_lots": 2.5},
            "set: risk.max_order_lots = 2.5 must be a whole number (allowed: 1 to 1000000)",
        ),
        ({"min_signal": 1.5}, "set: strategy.min_signal = 1.5 is above 1 (allowed: 0 to 1)"),
        (
            {"min_signal": math.nan},
            "set: strategy.min_signal = nan must be a finite number (allowed: 0 to 1)",
        ),
        (
            {"cooldown_ms": math.inf},
            "set: strategy.cooldown_ms = inf must be a whole number (allowed: 0 to 600000)",
        ),
    ],
)
def test_a_live_change_obeys_the_bounds(values: dict[str, float], sentence: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        with_parameters(load_settings().settings, changed(**values))
    assert str(caught.value) == sentence


def test_a_live_change_obeys_the_rules_between_two_parameters() -> None:
    """Raising the first limit above the last would switch the halving of targets off."""
    with pytest.raises(ConfigurationError, match="must be below drawdown_halt_pct = 25"):
        with_parameters(load_settings().settings, changed(drawdown_reduce_pct=40.0))


@pytest.mark.parametrize("section", ["risk", "strategy", "signals"])
def test_every_setting_has_a_meaning(section: str) -> None:
    field = Settings.model_fields[section].annotation
    assert field is not None
    for name, entry in field.model_fields.items():
        assert entry.description, name
