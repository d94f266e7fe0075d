"""The desk with its own HTTP client, against servers with every fault."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import threading
from random import Random

import pytest

from core.feeds.cache.memory import MemoryCache
from core.feeds.desk import FeedDesk
from core.feeds.fetch import HttpFetcher
from core.feeds.health import FeedState
from core.feeds.line import THREAD_FROM_BYTES
from core.feeds.port import Request, Topic
from tests.feeds.city_server import HTML, CityServer, Reply
from tests.feeds.fake_source import FakeSource

pytestmark = pytest.mark.integration

KEY = "open-sesame-77"
GOOD = b'{"value": 11.5}'


class Engine:
    """A desk that runs, and what it has told."""

    def __init__(self, *chains, cache=None, fetcher=None) -> None:
        self.readings = []
        self.fetcher = fetcher or HttpFetcher(total_s=1.0)
        self.desk = FeedDesk(
            chains,
            self.fetcher,
            cache=cache or MemoryCache(),
            on_reading=self.readings.append,
            random=Random(3),
        )

    async def __aenter__(self):
        self._task = asyncio.ensure_future(self.desk.run())
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.desk.close()
        await self._task
        await self.fetcher.close()

    async def until(self, condition, within_s: float = 15.0) -> None:
        async with asyncio.timeout(within_s):
            while not condition():
                await asyncio.sleep(0.01)

    def values(self) -> list[float]:
        return [each.value for reading in self.readings for each in reading.observations]


async def test_all_sources_are_asked_at_the_same_time(city) -> None:
    """Nobody is answered before everybody has asked."""
    gate = asyncio.Event()
    paths = [f"/{number}" for number in range(12)]
    for path in paths:
        city.replies[path] = Reply(GOOD, gate=gate)
    async with Engine(*([FakeSource(path, url=city.url(path))] for path in paths)) as engine:
        await city.until(lambda: len(city.asked) == 12)
        assert engine.readings == []
        gate.set()
        await engine.until(lambda: len(engine.readings) == 12)


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (Reply(is_hung=True), "no whole answer in time"),
        (Reply(GOOD, drip_s=0.2), "no whole answer in time"),
        (Reply(huge_bytes=50 << 20), "more than 8 MB"),
        (Reply(b"", 302, {"Location": "http://elsewhere.test/"}), "points to elsewhere.test"),
        (Reply(HTML), "a web page instead of data"),
        (Reply(b"down", 500), "HTTP 500: down"),
        (Reply(b"slow down", 429, {"Retry-After": "60"}), "HTTP 429: slow down"),
        (Reply(b"", 304), "HTTP 304"),
        (Reply(GOOD, cut_after_bytes=0), "hung up without an answer"),
        (Reply(GOOD, cut_after_bytes=4), "broke off"),
        (Reply(raw=b"nonsense\r\n\r\n"), "does not speak HTTP"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
async def test_a_fault_is_told_and_another_source_serves(city, reply, sentence) -> None:
    city.replies["/bad"], city.replies["/good"] = reply, Reply(GOOD)
    bad = FakeSource("bad", url=city.url("/bad"), secret_query={"appid": KEY})
    async with Engine([bad, FakeSource("good", url=city.url("/good"))]) as engine:
        await engine.until(engine.values)
        (health,) = engine.desk.health()
    assert (health.source, health.state) == ("good", FeedState.LIVE)
    assert health.last_error.startswith("bad: ")
    assert sentence in health.last_error
    assert KEY not in health.last_error


async def test_a_hung_server_does_not_hold_up_another_topic(city) -> None:
    city.replies["/hung"], city.replies["/good"] = Reply(is_hung=True), Reply(GOOD)
    hung = FakeSource("hung", url=city.url("/hung"))
    good = FakeSource("good", Topic.RIVER, url=city.url("/good"))
    async with Engine([hung], [good], fetcher=HttpFetcher(total_s=1e6)) as engine:
        await engine.until(engine.values)
        await city.until(lambda: city.count("/hung"))
        connecting, live = engine.desk.health()
    assert (connecting.state, live.state) == (FeedState.CONNECTING, FeedState.LIVE)


async def test_a_source_is_back_when_its_server_is_back(city) -> None:
    city.replies["/"] = Reply(GOOD)
    await city.stop()
    async with Engine([FakeSource(url=city.url())]) as engine:
        await engine.until(lambda: engine.desk.health()[0].state is FeedState.DOWN)
        assert "nobody listens there" in engine.desk.health()[0].last_error
        await city.listen()
        await engine.until(engine.values, within_s=60)
        assert engine.desk.health()[0].state is FeedState.LIVE


async def test_an_unchanged_page_is_not_sent_again(city) -> None:
    def reply(asked):
        if asked.headers.get("if-none-match") == '"v1"':
            return Reply(status=304, headers={"ETag": '"v1"'})
        return Reply(GOOD, headers={"ETag": '"v1"'})

    city.replies["/"] = reply
    async with Engine([FakeSource(url=city.url(), interval_s=0.01)]) as engine:
        await engine.until(lambda: len(engine.readings) >= 2)
    assert engine.values()[:2] == [11.5, 11.5]
    assert "if-none-match" not in city.asked[0].headers
    assert city.asked[1].headers["if-none-match"] == '"v1"'


async def test_a_long_answer_is_read_beside_the_loop(city) -> None:
    threads = {}

    class Watched(FakeSource):
        def read(self, answer):
            threads[self.name] = threading.current_thread()
            return super().read(answer)

    city.replies["/long"] = Reply(GOOD + b" " * THREAD_FROM_BYTES)
    city.replies["/short"] = Reply(GOOD)
    names = ("long", "short")
    async with Engine(*([Watched(name, url=city.url(f"/{name}"))] for name in names)) as engine:
        await engine.until(lambda: len(engine.readings) == 2)
    assert threads["short"] is threading.main_thread()
    assert threads["long"] is not threading.main_thread()


@pytest.fixture
def own_certificate(tmp_path) -> ssl.SSLContext:
    """TLS of a server for which nobody vouches."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not on this machine, so no certificate can be made")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def test_a_certificate_that_nobody_vouches_for_is_told(own_certificate) -> None:
    async with CityServer(tls=own_certificate) as server:
        source = FakeSource(url=server.url("/now", "https"), secret_query={"appid": KEY})
        async with Engine([source]) as engine:
            await engine.until(lambda: engine.desk.health()[0].last_error)
            error = engine.desk.health()[0].last_error
        assert "its certificate is not trusted" in error
        assert server.asked == [], "no key goes to a stranger"


async def test_engines_with_one_redis_ask_once_and_keep_no_key_there(
    city, make_cache, redis_server
) -> None:
    city.replies["/"] = Reply(GOOD, headers={"ETag": '"v1"'})

    def engine() -> Engine:
        source = FakeSource(
            url=city.url(), secret_query={"appid": KEY}, secret_headers={"X-API-Key": KEY}
        )
        return Engine([source], cache=make_cache())

    async with engine() as one, engine() as two, engine() as three:
        engines = (one, two, three)
        await city.until(lambda: all(each.values() for each in engines) or city.asked)
        for each in engines:
            await each.until(each.values)
        assert city.count("/") == 1
        assert city.asked[0].query == {"appid": KEY}
        assert sum(each.desk.health()[0].requests for each in engines) == 1
        assert sum(each.desk.health()[0].hit_rate for each in engines) == 2.0
    kept = await _everything(redis_server.url)
    assert GOOD in kept
    assert KEY.encode() not in kept


async def test_engines_go_on_when_their_redis_goes_away(city, make_cache, redis_server) -> None:
    city.replies["/"] = Reply(GOOD)
    redis_server.stop()
    async with Engine([FakeSource(url=city.url())], cache=make_cache()) as engine:
        await engine.until(engine.values)
        assert engine.desk.health()[0].state is FeedState.LIVE
        assert engine.desk.cache_trouble.startswith("Redis at 127.0.0.1:")


async def test_a_login_is_not_kept_for_others(city, make_cache, redis_server) -> None:
    class WithToken(FakeSource):
        token = ""

        def request(self, now_ns):
            if self.token:
                return Request(self.url, secret_headers={"Authorization": f"Bearer {self.token}"})
            return Request(city.url("/token"), form={"client_secret": KEY})

        def read(self, answer):
            if not self.token:
                self.token = "t0ken-of-mine"
            return super().read(answer)

    city.replies["/token"] = Reply(b'{"access_token": "t0ken-of-mine"}')
    city.replies["/now"] = Reply(GOOD)
    async with Engine([WithToken(url=city.url("/now"))], cache=make_cache()) as engine:
        await engine.until(engine.values)
    assert city.asked[1].headers["authorization"] == "Bearer t0ken-of-mine"
    kept = await _everything(redis_server.url)
    assert GOOD in kept
    assert b"t0ken" not in kept


async def _everything(url: str) -> bytes:
    """All keys and values of a Redis."""
    from redis.asyncio import Redis

    client = Redis.from_url(url)
    try:
        names = [name async for name in client.scan_iter()]
        values = [await client.get(name) for name in names]
    finally:
        await client.aclose()
    return b"\n".join([*names, *(value or b"" for value in values)])
