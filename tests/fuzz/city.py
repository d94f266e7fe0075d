"""Targets of the city: what every public service may answer."""

from __future__ import annotations

from core.domain.errors import DecodeError, FeedRefused
from core.feeds.port import Answer, Source, Topic
from core.feeds.sources import KNOWN
from tests.city_answers import FIXTURES, NOW_NS, source
from tests.fuzz.mutate import JSON_TOKENS, Mutator, text_template
from tests.fuzz.target import Plain, Target

_JSON = (
    "open_meteo",
    "openweathermap",
    "waqi",
    "openaq",
    "opensky",
    "adsb_lol",
    "adsb_fi",
    "airplanes_live",
    "river",
)
_HTML_TOKENS = (b"<td>", b"</td>", b"<tr>", b"<table", b"--", b",", b":", b"26.10.2025 02:30")
_MOST = 2_000
"""Observations of one answer; the longest that is recorded has a hundredth."""


class CitySubject(Plain):
    """Every source of some topics; an answer is accepted if one of them can use it."""

    def __init__(self, *topics: Topic) -> None:
        self._topics = topics
        self._sources = self._made()

    def take(self, data: bytes) -> bool:
        answer = Answer(200, {}, data, NOW_NS)
        return sum([self._reads(each, answer) for each in self._sources]) > 0

    def check(self) -> None:
        """Begin anew: nothing of a service outlives its source."""
        self._sources = self._made()

    def _made(self) -> list[Source]:
        return [source(topic, name) for topic in self._topics for name in KNOWN[topic]]

    def _reads(self, asked: Source, answer: Answer) -> bool:
        asked.request(NOW_NS)
        assert asked.complaint(answer).isprintable(), "a complaint writes to the terminal"
        try:
            reading = asked.read(answer)
        except (DecodeError, FeedRefused) as refused:
            assert str(refused).isprintable(), "an error writes to the terminal"  # noqa: PT017
            return False
        assert len(reading.observations) <= _MOST, "one answer became too many observations"
        return True


def city_services() -> Target:
    """Weather, air and flights in JSON."""
    samples = [path.read_bytes() for name in _JSON for path in (FIXTURES / name).glob("*.json")]
    return Target(
        Mutator([text_template(data) for data in sorted(samples)], JSON_TOKENS),
        lambda: CitySubject(*Topic),
        per_cent=5.0,
    )


def city_gauges() -> Target:
    """Rivers on web pages."""
    samples = [path.read_bytes() for path in (FIXTURES / "river").glob("*.html")]
    return Target(
        Mutator([text_template(data) for data in sorted(samples)], _HTML_TOKENS),
        lambda: CitySubject(Topic.RIVER),
        per_cent=10.0,
    )
