"""Changed parameters as TOML: only they, in sections, with what they were."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.viewmodels.profile_file import changed_parameters, check_name, profile_text
from core.domain.parameters import ParameterSpec
from tests.unit.cockpit.fake_engine import PARAMETERS, make_meta

META = make_meta()


def test_only_what_was_changed_is_written_under_its_section() -> None:
    values = [spec.default for spec in PARAMETERS]
    values[0], values[3], values[10] = 0.41, 12.0, PARAMETERS[10].default + 1
    changed = changed_parameters(PARAMETERS, values)
    text = profile_text(META, changed)
    read = tomllib.loads(text)
    assert read == {
        section: {
            spec.key.partition(".")[2]: value
            for spec, value in changed
            if spec.key.startswith(f"{section}.")
        }
        for section in ("risk", "strategy")
    }
    assert f"imc-cockpit --profile {META.profile} --config" in text
    assert META.run_id in text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_back_bit_for_bit(value: float) -> None:
    spec = ParameterSpec("risk.some_pct", 0, "%", 0.5, 0, 1, "")
    assert tomllib.loads(profile_text(META, [(spec, value)]))["risk"]["some_pct"] == value


def test_a_whole_number_has_no_point_because_counts_take_none() -> None:
    spec = ParameterSpec("risk.max_lots", 0, "lots", 25, 1, 100, "")
    assert "max_lots = 30  # was 25 lots" in profile_text(META, [(spec, 30.0)])


@pytest.mark.parametrize("name", ["calm", "a", "2026-11-21_calm", "a" * 40])
def test_a_good_name_is_taken(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "..", "../x", "a/b", "A", "a b", "-a", "a" * 41, "ä", "a.toml", "a\n"]
)
def test_a_name_that_could_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no name: a-z, 0-9, - and _"):
        check_name(name)
