"""The desk: when it asks, whom, and what it makes of the answers."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from core.domain.errors import FeedRefused
from core.feeds.health import FeedState
from core.feeds.line import MAX_SENTENCE_CHARS
from core.feeds.port import Quality, Quantity, Reading, Topic
from tests.feeds.fake_source import START_NS, FakeSource, TurnSource, fault, told

ONE, TWO, THREE = "http://one.test/now", "http://two.test/now", "http://three.test/now"


def source(name: str = "one", **more) -> FakeSource:
    return FakeSource(name=name, url=f"http://{name}.test/now", **more)


def test_a_source_is_asked_at_once_and_then_once_an_interval(world) -> None:
    world.start([source(interval_s=300)])
    world.live(1)
    assert world.values() == [11.5]
    world.live(3600)
    assert 11 <= world.fetcher.count(ONE) <= 13


def test_no_source_is_asked_more_often_than_its_interval_allows(world) -> None:
    moments = []
    world.fetcher.answers[ONE] = lambda *_: moments.append(world.loop.time()) or told(11.5)
    world.start([source(interval_s=300)])
    world.live(24 * 3600)
    gaps = [late - early for early, late in pairwise(moments)]
    assert min(gaps) >= 300
    assert max(gaps) > min(gaps), "without jitter engines ask in step"


def test_every_topic_is_asked_without_waiting_for_another(world) -> None:
    """Concurrency by events: each request waits until both have come in."""
    both = asyncio.Barrier(2)
    waiting = world.fetcher.fetch

    async def together(request, validators):
        await both.wait()
        return await waiting(request, validators)

    world.fetcher.fetch = together
    world.start([source("one")], [source("two", topic=Topic.RIVER)])
    world.live(1)
    assert len(world.readings) == 2


def test_a_failing_source_is_replaced_by_the_next_at_once(world) -> None:
    world.fetcher.answers[ONE] = fault(500)
    world.fetcher.answers[TWO] = told(8.25)
    desk = world.start([source("one"), source("two")])
    world.live(1)
    assert world.values() == [8.25]
    (health,) = desk.health()
    assert (health.source, health.state, health.is_preferred) == ("two", FeedState.LIVE, False)
    assert health.last_error == "one: HTTP 500: broken"


def test_a_preferred_source_serves_again_once_it_works(world) -> None:
    world.fetcher.answers[ONE] = fault(503)
    desk = world.start([source("one"), source("two")])
    world.live(60)
    world.fetcher.answers[ONE] = told(7.5)
    world.live(1200)
    (health,) = desk.health()
    assert (health.source, health.last_error, health.is_preferred) == ("one", "", True)
    asked = world.fetcher.count(TWO)
    world.live(3600)
    assert world.fetcher.count(TWO) == asked, "nobody asks a source that is not needed"


def test_a_source_that_was_asked_lately_serves_again_without_being_asked(world) -> None:
    """Its interval is kept: what it said within it is what it would say."""
    world.fetcher.answers[ONE] = fault(500)
    desk = world.start([source("one", interval_s=60), source("two", interval_s=3000)])
    world.live(1)
    world.fetcher.answers[ONE] = told(7.5)
    world.live(600)
    assert desk.health()[0].source == "one"
    world.fetcher.answers[ONE] = fault(500)
    world.live(100)
    (health,) = desk.health()
    assert (health.source, health.state) == ("two", FeedState.LIVE)
    assert world.fetcher.count(TWO) == 1


def test_the_last_source_serves_when_all_before_it_fail(world) -> None:
    world.fetcher.answers[ONE] = fault(500)
    world.fetcher.answers[TWO] = "nobody listens there"
    world.fetcher.answers[THREE] = told(3.25)
    desk = world.start([source("one"), source("two"), source("three")])
    world.live(1)
    assert world.values() == [3.25]
    assert desk.health()[0].source == "three"


def test_a_dead_feed_does_not_stop_another(world) -> None:
    world.fetcher.answers[ONE] = "nobody listens there; check address and port"
    desk = world.start([source("one")], [source("two", topic=Topic.RIVER, interval_s=60)])
    world.live(600)
    down, live = desk.health()
    assert (down.state, live.state) == (FeedState.DOWN, FeedState.LIVE)
    assert len(world.readings) >= 9


def test_a_source_that_breaks_on_its_answer_is_told_of_and_not_raised(world) -> None:
    broken = source("one")
    broken.read = lambda answer: {}["value"]
    desk = world.start([broken])
    world.live(100)
    assert "could not be read (KeyError)" in desk.health()[0].last_error


def test_a_mistake_of_the_listener_is_raised(world) -> None:
    """It is the engine's own, and hiding it would leave it without data and without a word."""

    def on_reading(reading):
        raise ZeroDivisionError

    world.start([source()], on_reading=on_reading)
    with pytest.raises(ZeroDivisionError):
        world.live(1)


def test_a_dead_source_is_asked_less_and_less(world) -> None:
    world.fetcher.answers[ONE] = fault(500)
    world.start([source("one")])
    world.live(3600)
    first_hour = world.fetcher.count(ONE)
    world.live(3600)
    assert first_hour <= 14
    assert world.fetcher.count(ONE) - first_hour <= 5, "the breaker leaves it alone for 15 minutes"


def test_the_last_value_is_served_with_its_age_and_marked(world) -> None:
    desk = world.start([source(interval_s=300)])
    world.live(1)
    world.fetcher.answers[ONE] = fault(500)
    world.live(600)
    (health,) = desk.health()
    assert health.state is FeedState.STALE
    assert 595 <= health.age_s <= 602
    world.live(7200)
    assert desk.health()[0].state is FeedState.DOWN


def test_a_source_that_answers_with_old_values_is_stale(world) -> None:
    world.fetcher.answers[ONE] = told(4.5, at_s=START_NS // 10**9 - 7300)
    desk = world.start([source()])
    world.live(1)
    (health,) = desk.health()
    assert (health.state, health.last_error) == (FeedState.STALE, "")
    assert 7299 <= health.age_s <= 7302


def test_before_the_first_answer_a_feed_is_connecting(world) -> None:
    world.fetcher.delay_s = 9
    desk = world.start([source()])
    world.live(1)
    (health,) = desk.health()
    assert (health.state, health.age_s, health.requests) == (FeedState.CONNECTING, None, 1)


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry_after": "1800"}, 1800),
        ({"retry_after": "Sat, 22 Nov 2025 09:06:40 GMT"}, 2400),
        ({"x_rate_limit_retry_after_seconds": "16841"}, 16841),
        ({"x_ratelimit_remaining": "0", "x_ratelimit_reset": "1200"}, 1200),
        ({}, 60),
    ],
)
def test_too_many_requests_are_answered_by_waiting(world, headers, wait_s) -> None:
    world.fetcher.answers[ONE] = fault(429, **headers)
    desk = world.start([source()])
    world.live(wait_s - 1)
    assert world.fetcher.count(ONE) == 1
    assert desk.health()[0].next_try_s >= 0.9
    world.live(wait_s + 120)
    assert world.fetcher.count(ONE) >= 2


def test_a_quota_that_is_used_up_is_waited_for_after_a_good_answer_too(world) -> None:
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1500"}
    world.fetcher.answers[ONE] = told(11.5, headers=headers)
    world.start([source(interval_s=60)])
    world.live(1499)
    assert world.fetcher.count(ONE) == 1
    world.live(10)
    assert world.fetcher.count(ONE) == 2


def test_a_refused_key_is_tried_again_every_quarter_of_an_hour(world) -> None:
    world.fetcher.answers[ONE] = fault(401, b"Invalid API key")
    desk = world.start([source(secret_query={"appid": "sesame-open-7"})])
    world.live(3600)
    assert 4 <= world.fetcher.count(ONE) <= 5
    assert desk.health()[0].last_error == "one: HTTP 401: Invalid API key"


def test_a_refusal_within_an_answer_waits_as_long_as_it_says(world) -> None:
    body = b'{"refused": "over quota; it is asked again tomorrow", "retry_after_s": 5000}'
    world.fetcher.answers[ONE] = (200, {}, body)
    desk = world.start([source()])
    world.live(4990)
    assert world.fetcher.count(ONE) == 1
    assert desk.health()[0].last_error == "one: over quota; it is asked again tomorrow"


def test_a_web_page_for_an_answer_is_not_kept_for_others(world) -> None:
    """Status 200: only its source knows that it is none."""
    world.fetcher.answers[ONE] = (200, {}, b"<html>")
    desk = world.start([source(interval_s=3600)])
    world.live(1)
    assert desk.health()[0].last_error == "one: a web page instead of data"
    world.fetcher.answers[ONE] = told(6.5)
    world.live(30)
    assert world.values() == [6.5]


def test_an_unchanged_answer_is_the_last_one_again(world) -> None:
    def answer(request, validators):
        if validators.get("If-None-Match") == '"v1"':
            return (304, {}, b"")
        return told(
            9.25, headers={"etag": '"v1"', "last-modified": "Sat, 22 Nov 2025 08:00:00 GMT"}
        )

    world.fetcher.answers[ONE] = answer
    desk = world.start([source(interval_s=300)])
    world.live(700)
    assert world.values() == [9.25, 9.25, 9.25]
    assert desk.health()[0].age_s < 300
    assert world.fetcher.asked[1][1] == {
        "If-None-Match": '"v1"',
        "If-Modified-Since": "Sat, 22 Nov 2025 08:00:00 GMT",
    }


def test_an_unchanged_answer_that_nobody_has_is_a_fault(world) -> None:
    world.fetcher.answers[ONE] = fault(304, b"")
    desk = world.start([source()])
    world.live(1)
    assert desk.health()[0].last_error.startswith("one: HTTP 304")


def test_a_login_is_followed_at_once_by_what_it_is_for(world) -> None:
    """A source that wants a token first asks for it, tells nothing, and then wants its data."""
    wanted = source()
    wanted.token = ""
    plain_request, plain_read = wanted.request, wanted.read

    def request(now_ns):
        asked = plain_request(now_ns)
        if wanted.token:
            return asked
        return type(asked)("http://login.test/", form={"client_secret": "sesame-open-7"})

    def read(answer):
        if not wanted.token:
            wanted.token = "t"
            return Reading()
        return plain_read(answer)

    wanted.request, wanted.read = request, read
    world.start([wanted])
    world.live(1)
    assert [asked.url for asked, _ in world.fetcher.asked] == ["http://login.test/", ONE]
    assert world.values() == [11.5]


@pytest.mark.parametrize("error", [FeedRefused("one", "no key"), KeyError("station")])
def test_a_source_that_cannot_ask_is_told_of_and_replaced(world, error) -> None:
    mute = source("one")

    def request(now_ns):
        raise error

    mute.request = request
    desk = world.start([mute, source("two")])
    world.live(1)
    (health,) = desk.health()
    assert health.source == "two"
    assert health.last_error.startswith("one: ")


def test_pages_that_take_turns_are_each_asked_whether_they_have_changed(world) -> None:
    turns = TurnSource(pages=2, interval_s=300)
    for page in range(2):
        world.fetcher.answers[turns.page(page)] = told(page, headers={"etag": f'"{page}"'})
    world.start([turns])
    world.live(1000)
    validators = [validators for _, validators in world.fetcher.asked]
    assert validators == [{}, {}, {"If-None-Match": '"0"'}, {"If-None-Match": '"1"'}]


def test_pages_are_each_asked_for_at_once_and_then_in_turn(world) -> None:
    turns = TurnSource(pages=3, interval_s=300, is_incomplete=True)
    for page in range(3):
        world.fetcher.answers[turns.page(page)] = told(page)
    world.start([turns])
    world.live(10)
    assert len(world.fetcher.asked) == 3
    world.live(1000)
    assert len(world.fetcher.asked) == 6


def test_an_answer_that_tells_nothing_is_not_asked_for_again_at_once(world) -> None:
    world.fetcher.answers[ONE] = (200, {}, b"{}")
    desk = world.start([source(interval_s=300)])
    world.live(299)
    assert world.fetcher.count(ONE) == 1
    assert world.readings == []
    assert desk.health()[0].state is FeedState.STALE


def test_a_key_that_a_service_repeats_is_not_shown(world) -> None:
    world.fetcher.answers[ONE] = fault(400, b"bad key sesame-open-7\x1b[2J in appid")
    desk = world.start([source(secret_query={"appid": "sesame-open-7"})])
    world.live(1)
    assert desk.health()[0].last_error == "one: HTTP 400: bad key <redacted> [2J in appid"


def test_a_service_that_talks_too_much_is_cut_short(world) -> None:
    world.fetcher.answers[ONE] = "no " * 999
    desk = world.start([source()])
    world.live(1)
    error = desk.health()[0].last_error
    assert len(error) == len("one: ") + MAX_SENTENCE_CHARS
    assert error.endswith("…")
    assert desk.cache_trouble == ""


def test_a_wall_clock_that_is_set_back_makes_nothing_young(world) -> None:
    desk = world.start([source(interval_s=300)])
    world.live(1)
    world.fetcher.answers[ONE] = fault(500)
    world.shift_s = -3000
    world.live(900)
    assert 895 <= desk.health()[0].age_s <= 902


def test_stamps_rise_though_the_wall_clock_is_set_back(world) -> None:
    world.start([source(interval_s=60)])
    world.live(90)
    world.shift_s = -1800
    world.live(600)
    stamps = [reading.observations[0].fetched_ts_ns for reading in world.readings]
    assert len(stamps) > 8
    assert stamps == sorted(set(stamps))


def test_a_station_that_repeats_itself_for_hours_is_marked(world) -> None:
    world.start([source(interval_s=900)])
    world.live(8 * 3600)
    qualities = [reading.observations[0].quality for reading in world.readings]
    assert qualities[0] is Quality.MEASURED
    assert qualities[-1] is Quality.SUSPECT


def test_how_long_a_value_may_be_repeated_can_be_chosen(world) -> None:
    world.start([source(interval_s=900)], stuck_after_s={Quantity.TEMPERATURE_C: 1e9})
    world.live(8 * 3600)
    assert {reading.observations[0].quality for reading in world.readings} == {Quality.MEASURED}


def test_a_machine_that_was_asleep_asks_soon_after_it_wakes(world) -> None:
    desk = world.start([source(interval_s=3600)])
    world.live(10)
    world.slept_s = 7200.0
    assert desk.health()[0].age_s >= 7200
    world.live(31)
    assert world.fetcher.count(ONE) == 2


def test_close_ends_a_request_that_hangs(world) -> None:
    world.fetcher.delay_s = 1e9
    desk = world.start([source()])
    world.live(1)
    world.loop.run_until_complete(desk.close())
    world.live(1)
    assert all(task.done() for task in world._tasks)
