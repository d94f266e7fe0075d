"""What is found of a city, in words that say who is first and what was not judged."""

from __future__ import annotations

import pytest

from core.models.refusal import Refusal
from core.research.city_sentences import of_city
from core.research.inference import Estimate
from core.research.lead_lag import Correlogram, Lead, LeadLag


def found(verdict, lag_s, *, series="weather", symbol="RIVER", r=0.42, ratio=None, bar_s=0.5):
    best = Correlogram(
        bar_s=bar_s,
        bars=700,
        changes=90,
        moves=310,
        by_lag=(0.0,) * 41,
        lag_s=lag_s,
        correlation=Estimate(r, r - 0.1, r + 0.05, 1e-6),
        lead_lag_ratio=ratio,
        p_value=4e-5,
        q_value=0.5 if verdict is Lead.NONE else 1e-3,
    )
    return LeadLag(series, symbol, verdict, best)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (
            found(Lead.LEADS, 1.5, ratio=9.0),
            "weather leads RIVER by 1.5 s (r = +0.42 [+0.32, +0.47]).",
        ),
        (
            found(Lead.FOLLOWS, -40.0, r=-0.6, bar_s=5.0),
            "weather follows RIVER by 40 s (r = -0.60 [-0.70, -0.55]).",
        ),
        (
            found(Lead.TOGETHER, 0.0, ratio=3.66, bar_s=5.0),
            "weather moves with RIVER within 5 s (r = +0.42 [+0.32, +0.47], lead-lag ratio 3.7).",
        ),
        (
            found(Lead.TOGETHER, 0.0),
            "weather moves with RIVER within 0.5 s (r = +0.42 [+0.32, +0.47]).",
        ),
        (
            found(Lead.NONE, 2.5),
            "no lead in weather: no move beyond chance before or after.",
        ),
        (
            LeadLag("flights", "RIVER", Lead.UNKNOWN, Refusal("the mid moved in 3 bars")),
            "not judged: flights: the mid moved in 3 bars.",
        ),
    ],
)
def test_each_verdict_has_its_sentence(one, said):
    assert list(of_city([one])) == [f"city: {said}"]


def test_the_strongest_is_named_first_and_a_series_has_one_sentence():
    city = [
        found(Lead.LEADS, 1.0, symbol="RIVER", r=0.2),
        found(Lead.NONE, 1.0, symbol="ETF"),
        found(Lead.FOLLOWS, -1.0, symbol="SKY", r=-0.7),
        LeadLag("weather", "MILL", Lead.UNKNOWN, Refusal("the mid moved in 3 bars")),
    ]
    (said,) = of_city(city)
    assert said.startswith("city: weather follows SKY by 1 s (r = -0.70")
    assert ", leads RIVER by 1 s (r = +0.20" in said
    assert "ETF" not in said
    assert "MILL" not in said


def test_series_that_lack_the_same_are_told_together():
    city = [
        LeadLag(name, symbol, Lead.UNKNOWN, Refusal(reason))
        for name, reason in (("weather", "few"), ("flights", "none"), ("air quality", "few"))
        for symbol in ("RIVER", "ETF")
    ]
    assert list(of_city(city)) == [
        "city: not judged: weather, air quality: few.",
        "city: not judged: flights: none.",
    ]


def test_no_city_is_not_worth_a_sentence():
    assert list(of_city(Refusal("the recording holds no city data"))) == []
