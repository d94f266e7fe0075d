"""Sources that tell numbers, and fetchers that answer without a socket."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import msgspec

from core.domain.errors import DecodeError, FeedRefused
from core.feeds.fetch import FetchFailed
from core.feeds.port import (
    Answer,
    Observation,
    Quality,
    Quantity,
    Reading,
    Request,
    Topic,
)

START_NS = 1_763_800_000_000_000_000


def observation(
    value: float = 11.25,
    valid_ts_ns: int = START_NS,
    *,
    quantity: Quantity = Quantity.TEMPERATURE_C,
    quality: Quality = Quality.MEASURED,
    source: str = "one",
    place: str = "munich",
) -> Observation:
    return Observation(quantity, value, valid_ts_ns, valid_ts_ns + 7, source, place, quality)


@dataclass
class FakeSource:
    """Reads `{"value": 11.5, "at_s": 1763800000}`."""

    name: str = "one"
    topic: Topic = Topic.WEATHER
    interval_s: float = 300.0
    url: str = "http://one.test/now"
    query: dict[str, str] = field(default_factory=dict)
    secret_query: dict[str, str] = field(default_factory=dict)
    secret_headers: dict[str, str] = field(default_factory=dict)
    quantity: Quantity = Quantity.TEMPERATURE_C
    reads: int = 0
    is_incomplete: bool = False

    def request(self, now_ns: int) -> Request:
        return Request(
            self.url, self.query, secret_query=self.secret_query, secret_headers=self.secret_headers
        )

    def read(self, answer: Answer) -> Reading:
        self.reads += 1
        try:
            told = msgspec.json.decode(answer.body, type=dict)
        except msgspec.DecodeError:
            raise DecodeError(self.name, "a web page instead of data") from None
        if "refused" in told:
            raise FeedRefused(self.name, told["refused"], told.get("retry_after_s"))
        if "value" not in told:
            return Reading()
        return Reading(
            (
                Observation(
                    self.quantity,
                    told["value"],
                    int(told.get("at_s", answer.fetched_ts_ns // 1_000_000_000)) * 1_000_000_000,
                    answer.fetched_ts_ns,
                    self.name,
                    "munich",
                    Quality.MEASURED,
                ),
            )
        )

    def refusal(self, answer: Answer) -> FeedRefused | None:
        return (
            FeedRefused(self.name, self.complaint(answer)) if answer.status in (401, 403) else None
        )

    def complaint(self, answer: Answer) -> str:
        return f"HTTP {answer.status}: {answer.body[:80].decode(errors='replace')}"


@dataclass
class TurnSource(FakeSource):
    """Asks one page after the other."""

    pages: int = 3
    turn: int = -1

    def page(self, number: int) -> str:
        return f"http://{self.name}.test/page{number}"

    def request(self, now_ns: int) -> Request:
        self.turn = (self.turn + 1) % self.pages
        self.is_incomplete = self.is_incomplete and self.turn < self.pages - 1
        return Request(self.page(self.turn))


@dataclass
class FakeFetcher:
    """Answers by address; what is not named answers with a value."""

    clock_ns: object
    answers: dict[str, object] = field(default_factory=dict)
    asked: list[tuple[Request, dict[str, str]]] = field(default_factory=list)
    delay_s: float = 0.0

    async def fetch(self, request: Request, validators) -> Answer:
        self.asked.append((request, dict(validators)))
        await asyncio.sleep(self.delay_s)
        answer = self.answers.get(request.url, told(11.5))
        if callable(answer):
            answer = answer(request, validators)
        if isinstance(answer, str):
            raise FetchFailed(answer)
        status, headers, body = answer
        return Answer(status, headers, body, self.clock_ns())

    def count(self, url: str) -> int:
        return sum(request.url == url for request, _ in self.asked)


def told(value: float, status: int = 200, headers=None, **more):
    return status, headers or {}, msgspec.json.encode({"value": value, **more})


def fault(status: int, body: bytes = b"broken", **headers: str):
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, body
