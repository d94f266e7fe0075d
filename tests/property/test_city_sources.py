"""Whatever a service answers: a reading that can be true, or a sentence; never anything else."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import DecodeError, FeedRefused
from core.feeds.common.limits import is_possible
from core.feeds.port import Answer, Reading, Topic
from core.feeds.sources import KNOWN
from tests.city_answers import FIXTURES, KEYS, NOW_NS, S, source

EVERY = [(topic, name) for topic in Topic for name in KNOWN[topic]]

OPENAQ_LOCATIONS = {
    "results": [
        {
            "id": 90001,
            "name": "x",
            "distance": 1.5,
            "sensors": [{"id": 900001, "parameter": {"name": "pm25", "units": "µg/m³"}}],
            "datetimeLast": {"utc": "2026-05-20T09:00:00Z"},
        }
    ]
}
TIDE = {"items": [{"dateTime": "2026-05-20T10:00:00Z", "value": 2.97}]}

FOLDERS = {
    "open-meteo": ["open_meteo"],
    "openweathermap": ["openweathermap"],
    "waqi": ["waqi"],
    "openaq": ["openaq"],
    "adsb.lol": ["adsb_lol", "adsb_fi"],
    "airplanes.live": ["airplanes_live"],
    "adsb.fi": ["adsb_fi"],
    "opensky": ["opensky"],
    "pegelonline": ["river"],
}
MADE: dict[str, list[Any]] = {"openaq": [OPENAQ_LOCATIONS], "environment-agency": [TIDE]}
PAGES = [path.read_bytes() for path in sorted((FIXTURES / "river").glob("*.html"))]


def bodies_of(name: str) -> list[Any]:
    """Recorded answers of a source, read."""
    return [
        *MADE.get(name, []),
        *(
            json.loads(path.read_text(encoding="utf-8"))
            for folder in FOLDERS.get(name, [])
            for path in sorted((FIXTURES / folder).glob("*.json"))
        ),
    ]


NASTY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from([-9999, -9999.0, 10**400, "", "-", "--", "ground", "NaN", [], {}, [[]]]),
    st.sampled_from(["2026-05-20T10:00", "2026-05-20T10:00:00Z", "9999-12-31T23:59:59+14:00"]),
    st.text(max_size=20),
)


def leaves(content: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands that can be changed."""
    found = [path] if path else []
    if isinstance(content, dict):
        for key, value in content.items():
            found += leaves(value, (*path, key))
    elif isinstance(content, list):
        for number, value in enumerate(content):
            found += leaves(value, (*path, number))
    return found


@st.composite
def damaged_json(draw, contents: list[Any]) -> bytes:
    """A recorded answer with a few things in it changed."""
    content = copy.deepcopy(draw(st.sampled_from(contents)))
    for _ in range(draw(st.integers(0, 3))):
        paths = leaves(content)
        if not paths:
            break
        *way, last = draw(st.sampled_from(paths))
        inner = content
        for step in way:
            inner = inner[step]
        # A copy, as the next change may be made within it.
        inner[last] = copy.deepcopy(draw(NASTY))
    return json.dumps(content).encode()


@st.composite
def damaged_page(draw) -> bytes:
    """A recorded page with a piece cut out and another put in."""
    page = draw(st.sampled_from(PAGES))
    first = draw(st.integers(0, len(page)))
    second = draw(st.integers(first, min(len(page), first + 60)))
    return page[:first] + draw(st.binary(max_size=20)) + page[second:]


def answers_to(name: str) -> st.SearchStrategy[bytes]:
    """What may come back: mostly what the source is used to, damaged."""
    contents = bodies_of(name)
    usual = damaged_json(contents) if contents else damaged_page()
    return st.one_of(usual, usual, usual, damaged_page(), st.binary(max_size=200))


def check(reading: Reading, answer: Answer) -> None:
    """What leaves a source is finite, possible, known by then, and in order."""
    for item in reading.observations:
        assert math.isfinite(item.value)
        assert is_possible(item.quantity, item.value)
        assert item.valid_ts_ns <= answer.fetched_ts_ns + 900 * S
        assert item.fetched_ts_ns == answer.fetched_ts_ns
    for vintage in reading.vintages:
        assert vintage.valid_ts_ns.shape == vintage.values.shape
        assert (np.diff(vintage.valid_ts_ns) > 0).all()
        assert not np.isinf(vintage.values).any()
        assert (vintage.valid_ts_ns > vintage.issued_ts_ns).all()


@pytest.mark.parametrize(("topic", "name"), EVERY)
@given(data=st.data())
def test_any_answer_is_a_reading_that_can_be_true_or_a_sentence(topic, name, data) -> None:
    """Several in a row, as some sources go by what came before."""
    asked = source(topic, name)
    for number, body in enumerate(data.draw(st.lists(answers_to(name), min_size=1, max_size=4))):
        answer = Answer(200, {}, body, NOW_NS + number * 60 * S)
        asked.request(answer.fetched_ts_ns)
        try:
            check(asked.read(answer), answer)
            continue
        except (DecodeError, FeedRefused) as caught:
            error = caught
        assert error.source == name
        assert 0 < len(error.reason) < 500
        assert error.reason.isprintable()


@pytest.mark.parametrize(("topic", "name"), EVERY)
@given(status=st.integers(100, 599), data=st.data(), secret=st.sampled_from(sorted(KEYS.values())))
def test_any_refusal_is_one_line_without_a_secret(topic, name, status, data, secret) -> None:
    body = data.draw(answers_to(name))
    asked = source(topic, name)
    asked.request(NOW_NS)
    for content in (body, json.dumps({"message": f"bad key {secret}"}).encode()):
        answer = Answer(status, {}, content, NOW_NS)
        sentence = asked.complaint(answer)
        assert sentence
        assert sentence.isprintable()
        assert len(sentence) < 600
        if secret in own_secrets(name):
            assert secret not in sentence
        refused = asked.refusal(answer)
        assert refused is None or refused.reason


def own_secrets(name: str) -> list[str]:
    """Keys that a source of that name was given."""
    return [secret for key, secret in KEYS.items() if key.startswith(name)]


def test_the_check_would_find_a_number_that_is_none() -> None:
    """The first test is worth nothing if this one fails."""
    answer = Answer(
        200, {}, (FIXTURES / "open_meteo" / "forecast_munich.json").read_bytes(), NOW_NS
    )
    reading = source(Topic.WEATHER, "open-meteo").read(answer)
    check(reading, answer)
    for value in (math.nan, -9999.0):
        wrong = replace(reading.observations[0], value=value)
        with pytest.raises(AssertionError):
            check(Reading((wrong,)), answer)
