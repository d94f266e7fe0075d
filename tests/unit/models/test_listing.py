"""A fit as a person reads it."""

from __future__ import annotations

from core.models.listing import list_models
from core.models.model_set import Kind, Model, ModelSet, Refused


def test_models_stand_under_their_instruments_and_refusals_at_the_end():
    fit = ModelSet(
        250,
        12_345,
        (
            Model(Kind.EDGE, ("A",), (1.0,), "obi +0.3"),
            Model(Kind.EDGE, ("B",), (2.0,), "no edge"),
            Model(Kind.KALMAN, ("A",), (3.0,), "level 4 ticks²"),
            Model(Kind.PAIR, ("B", "A"), (4.0,), "hedge 2"),
        ),
        (Refused(Kind.REGIME, ("B",), "39 rows; regimes need 60"),),
    )
    assert list_models(fit).splitlines() == [
        f"fitted on 12,345 bars of 250 ms, version {fit.version:012x}",
        "",
        "A",
        "  edge     obi +0.3",
        "  kalman   level 4 ticks²",
        "",
        "B",
        "  edge     no edge",
        "",
        "B ~ A",
        "  pair     hedge 2",
        "",
        "not fitted",
        "  regime   B: 39 rows; regimes need 60",
    ]


def test_a_fit_without_refusals_has_no_such_heading():
    fit = ModelSet(250, 100, (Model(Kind.EDGE, ("A",), (1.0,), "obi +0.3"),))
    assert "not fitted" not in list_models(fit)
