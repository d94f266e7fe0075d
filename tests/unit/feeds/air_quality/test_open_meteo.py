"""Open-Meteo's air: two indices, concentrations, hours."""

from __future__ import annotations

import pytest

from core.domain.errors import FeedRefused
from core.feeds.port import Quality, Quantity, Topic
from tests.city_answers import NOON_S, S, answer, only, source, values


def air():
    return source(Topic.AIR_QUALITY, "open-meteo")


def test_indices_and_concentrations_are_read() -> None:
    reading = air().read(answer("open_meteo/air_quality_munich.json"))
    assert values(reading) == {
        Quantity.EAQI: 31.0,
        Quantity.US_AQI: 38.0,
        Quantity.PM10_UG_M3: 11.4,
        Quantity.PM2_5_UG_M3: 7.9,
        Quantity.CO_UG_M3: 148.0,
        Quantity.NO2_UG_M3: 12.6,
        Quantity.SO2_UG_M3: 1.1,
        Quantity.O3_UG_M3: 77.0,
    }
    assert {item.quality for item in reading.observations} == {Quality.MODELED}


def test_hours_that_have_been_are_observed_but_for_null() -> None:
    """00:00 to 03:00 at +02:00 are 22:00 to 01:00 UTC; of 03:00 nothing is known."""
    reading = air().read(answer("open_meteo/air_quality_munich.json"))
    fine = only(reading, Quantity.PM2_5_UG_M3)
    assert [(item.valid_ts_ns // S - NOON_S) / 3600 for item in fine] == [-12, -11, -10, 0]


def test_hours_to_come_are_forecast() -> None:
    night_ns = (NOON_S - 12 * 3600 + 60) * S
    content = answer("open_meteo/air_quality_munich.json", now_ns=night_ns)
    body = content.body.replace(b'"2026-05-20T12:00"', b'"2026-05-20T00:00"')
    reading = air().read(answer(body, now_ns=night_ns))
    told = {item.quantity: item.values.tolist()[:2] for item in reading.vintages}
    assert told == {Quantity.EAQI: [28, 28], Quantity.PM2_5_UG_M3: [8.8, 8.4]}


def test_too_many_questions_are_refused_until_the_next_hour() -> None:
    with pytest.raises(FeedRefused) as caught:
        air().read(answer("open_meteo/error_429_hourly.json"))
    assert caught.value.retry_after_s == 3540.0
    refused = air().refusal(answer("open_meteo/error_429_minutely.json", status=429))
    assert refused is not None
    assert refused.retry_after_s == 60.0
