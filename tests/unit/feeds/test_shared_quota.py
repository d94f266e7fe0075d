"""Several engines on one cache, for hours of virtual time."""

from __future__ import annotations

from itertools import pairwise

import pytest

from core.feeds.cache.flight import CLAIM_S
from core.feeds.cache.key import key_of
from core.feeds.cache.memory import MemoryCache
from core.feeds.health import FeedState
from core.feeds.port import Answer, Topic
from tests.feeds.fake_source import FakeSource, TurnSource, fault, told

_DEFAULT = (
    (Topic.WEATHER, 600.0),
    (Topic.AIR_QUALITY, 1800.0),
    (Topic.FLIGHTS, 10.0),
    (Topic.RIVER, 900.0),
)


def chains():
    return [
        [FakeSource(topic.value, topic, interval_s, f"http://{topic.value}.test/now")]
        for topic, interval_s in _DEFAULT
    ]


def start(world, engines: int, apart_s: float = 7.0, **more):
    desks = []
    for number in range(engines):
        desks.append(world.start(*chains(), seed=number, **more))
        world.live(apart_s)
    return desks


def hit_rates(desks) -> dict[Topic, float]:
    """Share of all engines' answers that came from the cache, by topic."""
    rates = {}
    for each in zip(*(desk.health() for desk in desks), strict=True):
        requests = sum(one.requests for one in each)
        rates[each[0].topic] = 1 - requests / sum(one.answers for one in each)
    return rates


@pytest.mark.parametrize("engines", [6, 10])
def test_engines_that_share_a_cache_take_four_of_five_answers_from_it(world, engines) -> None:
    desks = start(world, engines)
    world.live(2 * 3600)
    rates = hit_rates(desks)
    assert min(rates.values()) >= 0.8, rates


@pytest.mark.parametrize("engines", [1, 3, 10])
def test_many_engines_spend_the_quota_of_one(world, engines) -> None:
    start(world, engines)
    world.live(2 * 3600)
    for topic, interval_s in _DEFAULT:
        asked = world.fetcher.count(f"http://{topic.value}.test/now")
        assert asked <= world.loop.time() / interval_s + 1, topic


def test_without_a_shared_cache_each_spends_its_own(world) -> None:
    """The test above could fail."""
    for number in range(3):
        world.start(*chains(), seed=number, cache=MemoryCache(world.loop.time))
    world.live(2 * 3600)
    assert world.fetcher.count("http://weather.test/now") > 30


def test_an_answer_is_never_asked_for_twice_within_an_interval(world) -> None:
    moments = []
    world.fetcher.delay_s = 2.5
    url = "http://flights.test/now"
    world.fetcher.answers[url] = lambda *_: moments.append(world.loop.time()) or told(11.5)
    start(world, 5, apart_s=1.0)
    world.live(3600)
    assert min(late - early for early, late in pairwise(moments)) >= 10


def test_every_engine_hears_every_new_value(world) -> None:
    """Sharing must not make anybody slower than asking alone would, by more than the jitter."""
    heard = [[] for _ in range(4)]
    for number, readings in enumerate(heard):
        world.start(*chains(), seed=number, on_reading=readings.append)
    world.live(3600)
    counts = [
        sum(each.source == "flights" for reading in readings for each in reading.observations)
        for readings in heard
    ]
    assert min(counts) >= 330


@pytest.mark.parametrize("pages", [2, 3, 6])
@pytest.mark.parametrize("apart_s", [7.0, 130.0, 301.0, 450.0])
def test_engines_whose_turns_differ_spend_the_quota_of_one_too(world, pages, apart_s) -> None:
    interval_s = 900.0 / pages
    for seed in range(4):
        world.start([TurnSource(pages=pages, interval_s=interval_s)], seed=seed)
        world.live(apart_s)
    world.live(900)
    before = len(world.fetcher.asked)
    world.live(8 * 3600)
    assert len(world.fetcher.asked) - before <= 8 * 3600 / interval_s + pages


def test_an_engine_that_is_killed_while_asking_holds_up_the_others_for_a_claim(world) -> None:
    for (source,) in chains():
        key = key_of(source.request(0))
        assert world.loop.run_until_complete(world.cache.claim(key, CLAIM_S))
    desk = world.start(*chains())
    world.live(CLAIM_S - 1)
    assert {each.state for each in desk.health()} == {FeedState.CONNECTING}
    world.live(2)
    assert {each.state for each in desk.health()} == {FeedState.LIVE}


def test_an_engine_that_is_stopped_while_asking_holds_up_nobody(world) -> None:
    world.fetcher.delay_s = 1e9
    stopped = world.start(*chains())
    world.live(1)
    world.loop.run_until_complete(stopped.close())
    world.fetcher.delay_s = 0.0
    other = world.start(*chains(), seed=9)
    world.live(1)
    assert {each.state for each in other.health()} == {FeedState.LIVE}


def test_an_answer_of_an_engine_whose_clock_is_ahead_is_not_of_the_future(world) -> None:
    source = FakeSource()
    key = key_of(source.request(0))
    ahead_ns = world.wall_ns() + 90 * 10**9
    answer = Answer(200, {}, b'{"value": 11.5}', ahead_ns)
    world.loop.run_until_complete(world.cache.put(key, answer, 100.0))
    world.start([source])
    world.live(1)
    (reading,) = world.readings
    assert reading.observations[0].fetched_ts_ns <= world.wall_ns()
    assert world.fetcher.asked == []


def test_a_source_that_forgot_reads_a_shared_answer_again(world) -> None:
    """One that lost its list of stations needs what it was told before."""
    source = FakeSource(interval_s=900)
    world.start([source])
    world.live(1)
    world.loop.run_until_complete(world.desks[0].close())
    world.start([source], seed=6)
    world.live(1)
    assert (source.reads, len(world.fetcher.asked)) == (2, 1)


def test_a_dead_service_is_left_alone_by_all_of_them(world) -> None:
    url = "http://weather.test/now"
    world.fetcher.answers[url] = fault(429, retry_after="1200")
    desks = start(world, 8)
    world.live(1100)
    assert world.fetcher.count(url) <= 2
    assert all("HTTP 429" in desk.health()[0].last_error for desk in desks)


def test_an_engine_with_a_wrong_key_does_not_spoil_it_for_one_with_a_right_one(world) -> None:
    def answer(request, validators):
        right = request.secret_query["appid"] == "right-key-1"
        return told(4.5) if right else fault(401, b"Invalid API key")

    url = "http://weather.test/now"
    world.fetcher.answers[url] = answer
    wrong, right = (
        world.start([FakeSource(url=url, secret_query={"appid": key})], seed=seed)
        for seed, key in enumerate(("wrong-key-1", "right-key-1"))
    )
    world.live(1)
    assert right.health()[0].state is FeedState.LIVE
    assert "Invalid API key" in wrong.health()[0].last_error or wrong.health()[0].hit_rate > 0


def test_an_answer_that_shows_a_key_is_not_shared(world) -> None:
    kept = []
    plain = world.cache.put

    async def put(key, answer, ttl_s):
        kept.append((key, answer))
        await plain(key, answer, ttl_s)

    world.cache.put = put
    url = "http://one.test/now"
    world.fetcher.answers[url] = fault(400, b"no such city for open-sesame-7")
    world.start([FakeSource(url=url, secret_query={"appid": "open-sesame-7"})])
    world.live(1)
    assert kept == []
    world.fetcher.answers[url] = fault(400, b"no such city")
    world.live(60)
    assert kept
    assert "sesame" not in repr(kept)
