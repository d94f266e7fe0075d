"""Any story of faults: a feed's trouble is told, asked about gently, and stops nothing."""

from __future__ import annotations

import asyncio
import math
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from core.feeds.cache.memory import MemoryCache
from core.feeds.desk import FeedDesk
from core.feeds.health import FeedState
from core.feeds.port import Topic
from tests.feeds.fake_source import START_NS, FakeFetcher, FakeSource, fault, told
from tests.feeds.virtual_time import VirtualLoop

KEY = "open-sesame-77"
_NAMES = ("one", "two", "three")

waits = st.sampled_from(
    ["", "0", "30", "5000", "-3", "nan", "soon", "Sat, 22 Nov 2025 09:00:00 GMT"]
)
shared = st.one_of(
    st.builds(told, st.floats(-50, 50)),
    st.builds(told, st.just(3.5), headers=st.just({"etag": '"v1"'})),
    st.builds(
        lambda status, wait: fault(status, b"no", retry_after=wait),
        st.sampled_from([304, 400, 404, 418, 429, 500, 503, 599]),
        waits,
    ),
    st.builds(
        lambda wait_s: (200, {}, b'{"refused": "over quota", "retry_after_s": %d}' % wait_s),
        st.integers(-5, 4000),
    ),
    st.sampled_from([(200, {}, b"<html>"), (200, {}, b"{}"), "nobody listens there", "raises"]),
)
"""What one engine hears for all of them."""

answers = st.one_of(
    shared,
    st.builds(fault, st.sampled_from([401, 403]), st.just(b"no")),
    st.builds(fault, st.sampled_from([400, 401, 429, 500]), st.just(b"not with " + KEY.encode())),
    st.just((200, {}, b"<html>" + KEY.encode())),
)


class _World:
    """Some engines on one cache, and services that answer from a list."""

    def __init__(self, stories, engines: int, seed: int) -> None:
        self.loop = VirtualLoop()
        self.shift_s = 0.0
        self.moments = {f"http://{name}.test/now": [] for name in _NAMES}
        self._stories = {f"http://{name}.test/now": list(story) for name, story in stories.items()}
        fetcher = FakeFetcher(self.wall_ns, delay_s=0.25)
        fetcher.answers = dict.fromkeys(self.moments, self._answer)
        cache = MemoryCache(self.loop.time)
        self.desks = [
            FeedDesk(
                [self._chain(_NAMES[:2], Topic.WEATHER), self._chain(_NAMES[2:], Topic.RIVER)],
                fetcher,
                cache=cache,
                on_reading=lambda _: None,
                wall_ns=self.wall_ns,
                clock=self.loop.time,
                random=Random(seed + number),
            )
            for number in range(engines)
        ]

    def wall_ns(self) -> int:
        return START_NS + int((self.loop.time() + self.shift_s) * 1e9)

    def live(self, shifts_s) -> None:
        """Run for an hour after each time that the wall clock is set."""

        async def life() -> None:
            tasks = [asyncio.ensure_future(desk.run()) for desk in self.desks]
            for shift_s in shifts_s:
                self.shift_s = shift_s
                await asyncio.sleep(3600)
                assert not any(task.done() for task in tasks)
                self._check_health()
            for desk in self.desks:
                await desk.close()
            await asyncio.gather(*tasks)

        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(life())

    def _chain(self, names, topic):
        return [
            FakeSource(name, topic, 120.0, f"http://{name}.test/now", secret_query={"appid": KEY})
            for name in names
        ]

    def _answer(self, request, validators):
        self.moments[request.url].append(self.loop.time())
        story = self._stories[request.url]
        answer = story.pop(0) if story else told(4.25)
        if answer == "raises":
            raise ZeroDivisionError
        return answer

    def _check_health(self) -> None:
        for desk in self.desks:
            for health in desk.health():
                assert KEY not in repr(health)
                assert health.next_try_s >= 0
                assert math.isfinite(health.next_try_s)
                assert 0 <= health.hit_rate <= 1
                assert health.age_s is None or health.age_s >= 0
                if health.state is FeedState.LIVE:
                    assert health.age_s is not None


def stories(answers):
    return st.fixed_dictionaries({name: st.lists(answers, max_size=25) for name in _NAMES})


shifts = st.lists(st.sampled_from([0, -40, -7200, 9000]), min_size=1, max_size=3)


@settings(max_examples=40, deadline=None)
@given(stories(answers), st.integers(0, 999), shifts)
def test_no_story_of_faults_ends_a_desk_or_shows_a_key(stories, seed, shifts_s) -> None:
    world = _World(stories, 1, seed)
    world.live([*shifts_s, 0])
    for moments in world.moments.values():
        assert all(late - early >= 1.0 for early, late in pairwise(moments))


@settings(max_examples=25, deadline=None)
@given(stories(shared), st.integers(0, 999), st.integers(2, 5))
def test_engines_on_one_cache_never_ask_in_the_same_second(stories, seed, engines) -> None:
    world = _World(stories, engines, seed)
    world.live([0, 0])
    for moments in world.moments.values():
        assert all(late - early >= 1.0 for early, late in pairwise(moments))


@given(st.integers(0, 999))
@settings(max_examples=20, deadline=None)
def test_a_desk_recovers_from_whatever_it_was_told(seed) -> None:
    """After any trouble of an hour each topic is live within another."""
    random = Random(seed)
    stories = {
        name: [
            random.choice([fault(500), fault(503), "cut", (200, {}, b"<html>")]) for _ in range(9)
        ]
        for name in _NAMES
    }
    world = _World(stories, 1, seed)
    world.live([0, 0, 0])
    (desk,) = world.desks
    assert {health.state for health in desk.health()} == {FeedState.LIVE}
    assert {health.last_error for health in desk.health()} == {""}
    assert all(health.is_preferred for health in desk.health())
