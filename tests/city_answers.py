"""Answers of a city's services, recorded ones and made ones, and places to ask about."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.feeds.places import MUNICH
from core.feeds.port import Answer, Observation, Place, Quantity, Reading, Topic
from core.feeds.sources import make_sources

FIXTURES = Path(__file__).parent / "fixtures"

NOON_S = 1_779_271_200
"""2026-05-20 10:00 UTC, noon in Munich: when the recorded answers were made."""
S = 1_000_000_000
NOW_NS = (NOON_S + 60) * S

KEYS = {
    "openweathermap": "owm-key-4711",
    "waqi": "waqi-token-4712",
    "openaq": "openaq-key-4713",
    "opensky_client_id": "client-4714",
    "opensky_client_secret": "client-secret-4715",
}

PLACE = replace(
    MUNICH,
    stations={
        **MUNICH.stations,
        "pegelonline": "593647aa-9fea-43ec-a7d6-6476a76ae868",
        "environment-agency": "0006-level-tidal_level-i-15_min-mAOD",
    },
)
"""Munich with a gauge for every source."""


def answer(content: Any, *, status: int = 200, now_ns: int = NOW_NS, **headers: str) -> Answer:
    """Make an answer: of bytes, of the name of a recorded file, or of something for JSON."""
    if isinstance(content, str):
        content = (FIXTURES / content).read_bytes()
    elif not isinstance(content, bytes):
        content = json.dumps(content).encode()
    return Answer(status, headers, content, now_ns)


def recorded(name: str) -> Any:
    """Content of a recorded answer, to be changed."""
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


def source(
    topic: Topic, name: str, place: Place = PLACE, keys: dict[str, str] | None = None
) -> Any:
    """Make one source."""
    return make_sources(topic, [name], place, KEYS if keys is None else keys)[0]


def only(reading: Reading, quantity: Quantity) -> list[Observation]:
    """The observations of one quantity, in the order told."""
    return [item for item in reading.observations if item.quantity is quantity]


def values(reading: Reading) -> dict[Quantity, float]:
    """The newest value of each quantity."""
    return {item.quantity: item.value for item in reading.observations}


def utc_s(text: str) -> int:
    """Seconds of a UTC time such as `2026-05-20 10:00`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
