"""Answers that engines share, with a real Redis that also goes away."""

from __future__ import annotations

import asyncio
import sys

import pytest

from core.domain.errors import ConfigurationError
from core.feeds.cache import redis as redis_cache
from core.feeds.cache.flight import obtain
from core.feeds.cache.redis import RedisCache
from core.feeds.port import Answer
from tests.feeds.redis_server import RedisServer, need_redis

pytestmark = pytest.mark.integration

ANSWER = Answer(200, {"etag": '"v1"'}, b'{"value": 11.5}', 1_763_800_000_000_000_000)


class Hand:
    """A clock, for not waiting until an absent Redis is tried again."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


async def for_a_minute(_: Answer) -> float:
    return 60.0


async def test_what_one_engine_keeps_another_finds(make_cache) -> None:
    one, two = make_cache(), make_cache()
    await one.put("k", ANSWER, 60)
    entry = await two.get("k")
    assert entry.answer == ANSWER
    assert 50 < entry.fresh_for_s <= 60
    assert (one.trouble, two.trouble) == ("", "")


async def test_an_answer_ends_in_redis_too(make_cache) -> None:
    one, two = make_cache(), make_cache()
    await one.put("k", ANSWER, 0.02)
    async with asyncio.timeout(15):
        while await two.get("k") is not None:
            await asyncio.sleep(0.01)


async def test_engines_that_start_together_ask_once(make_cache) -> None:
    asked = []

    async def ask() -> Answer:
        asked.append(1)
        await asyncio.sleep(0.05)
        return ANSWER

    caches = [make_cache() for _ in range(6)]
    obtained = await asyncio.gather(*(obtain(cache, "k", ask, for_a_minute) for cache in caches))
    assert len(asked) == 1
    assert sum(each.is_hit for each in obtained) == 5
    assert {each.answer.body for each in obtained} == {ANSWER.body}


async def test_a_claim_of_a_killed_engine_ends(make_cache) -> None:
    one, two = make_cache(), make_cache()
    assert await one.claim("k", 0.05)

    async def ask() -> Answer:
        return ANSWER

    async with asyncio.timeout(15):
        obtained = await obtain(two, "k", ask, for_a_minute)
    assert not obtained.is_hit


_ENGINE = """
import asyncio, sys
from core.feeds.cache.flight import obtain
from core.feeds.cache.redis import RedisCache

async def ask():
    print("asking", flush=True)
    await asyncio.sleep(3600)

async def judge(_):
    return 60.0

asyncio.run(obtain(RedisCache(sys.argv[1]), "k", ask, judge, claim_s=0.5))
"""


async def test_a_process_that_is_killed_while_asking_blocks_nobody(
    make_cache, redis_server
) -> None:
    asked = []

    async def ask() -> Answer:
        asked.append(1)
        return ANSWER

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _ENGINE, redis_server.url, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert await process.stdout.readline() == b"asking\n"
    finally:
        process.kill()
        await process.wait()
    async with asyncio.timeout(30):
        obtained = await asyncio.gather(
            *(obtain(make_cache(), "k", ask, for_a_minute) for _ in range(3))
        )
    assert len(asked) == 1
    assert [each.answer for each in obtained] == [ANSWER] * 3


async def test_nobody_gives_back_a_claim_of_another(make_cache) -> None:
    one, two = make_cache(), make_cache()
    late = await one.claim("k", 0.02)
    async with asyncio.timeout(15):
        while (held := await two.claim("k", 60)) is None:
            await asyncio.sleep(0.01)
    await one.release("k", late)
    assert await one.claim("k", 60) is None
    await two.release("k", held)
    assert await one.claim("k", 60) is not None


async def test_a_redis_that_goes_away_is_replaced_by_memory(make_cache, redis_server) -> None:
    cache = make_cache()
    await cache.put("before", ANSWER, 60)
    redis_server.stop()
    assert (await cache.get("before")).answer == ANSWER
    await cache.put("k", ANSWER, 60)
    assert (await cache.get("k")).answer == ANSWER
    token = await cache.claim("k", 60)
    assert await cache.claim("k", 60) is None
    await cache.release("k", token)
    assert await cache.claim("k", 60) is not None
    assert cache.trouble == (
        f"Redis at 127.0.0.1:{redis_server.port}/0: nobody answers there; answers are kept in "
        "this process's memory until it works, and other engines ask for themselves"
    )


async def test_a_redis_that_comes_back_is_used_again(make_cache, redis_server) -> None:
    hand = Hand()
    cache, other = make_cache(clock=hand), make_cache()
    redis_server.stop()
    assert await cache.get("k") is None
    redis_server.start()
    await cache.put("k", ANSWER, 60)
    assert cache.trouble, "it is left alone for a while"
    assert await other.get("k") is None
    hand.now_s += redis_cache.AWAY_S
    await cache.put("k", ANSWER, 60)
    assert cache.trouble == ""
    assert (await other.get("k")).answer == ANSWER


async def test_a_restarted_redis_costs_nothing_but_its_answers(make_cache, redis_server) -> None:
    """The pool's connection is dead; the command is given once more on a new one."""
    cache = make_cache()
    await cache.put("k", ANSWER, 60)
    redis_server.stop()
    redis_server.start()
    assert (await cache.get("k")).answer == ANSWER, "from memory: Redis has lost it"
    assert cache.trouble == ""


async def test_a_frozen_redis_holds_up_one_command_and_no_more(
    make_cache, redis_server, monkeypatch
) -> None:
    monkeypatch.setattr(redis_cache, "PATIENCE_S", 0.05)
    hand = Hand()
    cache = make_cache(clock=hand)
    await cache.put("k", ANSWER, 60)
    redis_server.freeze()
    assert (await cache.get("k")).answer == ANSWER
    assert "no answer in time" in cache.trouble
    redis_server.wake()
    hand.now_s += redis_cache.AWAY_S
    assert (await cache.get("k")).answer == ANSWER
    assert cache.trouble == ""


async def test_what_a_stranger_wrote_is_no_answer(make_cache) -> None:
    cache, other = make_cache(), make_cache()
    await other._client.set(f"{redis_cache._PREFIX}:answer:k", b"\xff not ours", px=60_000)
    assert await cache.get("k") is None
    assert cache.trouble == ""


async def test_a_wrong_password_is_explained_and_not_shown(tmp_path) -> None:
    need_redis()
    server = RedisServer(tmp_path, "--requirepass", "open-sesame-77")
    server.start()
    try:
        caches = [
            RedisCache(f"redis://:wrong-word-55@127.0.0.1:{server.port}/0"),
            RedisCache(server.url),
            RedisCache(f"redis://:open-sesame-77@127.0.0.1:{server.port}/0"),
            RedisCache(server.url, password="open-sesame-77"),
            RedisCache(server.url, password="wrong-word-55"),
        ]
        for cache in caches:
            await cache.put("k", ANSWER, 60)
            assert (await cache.get("k")).answer == ANSWER
            await cache.close()
    finally:
        server.stop()
    wrong, none, right, right_apart, wrong_apart = (cache.trouble for cache in caches)
    for trouble in (wrong, none, wrong_apart):
        assert "it refuses the password, or wants one" in trouble
        assert "wrong-word" not in trouble
    assert (right, right_apart) == ("", "")


async def test_a_redis_behind_a_socket_file_is_one_like_any_other(tmp_path) -> None:
    need_redis()
    path = tmp_path / "redis.sock"
    server = RedisServer(tmp_path, "--unixsocket", str(path))
    server.start()
    cache = RedisCache(f"unix://{path}")
    try:
        await cache.put("k", ANSWER, 60)
        assert (await cache.get("k")).answer == ANSWER
        assert cache.trouble == ""
    finally:
        server.stop()
    await cache.put("k", ANSWER, 60)
    await cache.close()
    assert cache.trouble.startswith(f"Redis at {path}: nobody answers there")


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ("-set", "this user may not use it so; allow GET SET PTTL EVAL"),
        ("-@all", "this user may not use it so"),
    ],
)
async def test_a_user_with_too_few_rights_is_told(
    redis_server, make_cache, rules, sentence
) -> None:
    cache = make_cache()
    await cache._client.execute_command("ACL", "SETUSER", "default", rules)
    await cache.put("k", ANSWER, 60)
    assert sentence in cache.trouble
    assert (await cache.get("k")).answer == ANSWER


async def test_something_else_under_our_name_is_told(make_cache) -> None:
    cache = make_cache()
    await cache._client.rpush(f"{redis_cache._PREFIX}:answer:k", "a list")
    assert await cache.get("k") is None
    assert "it refuses (" in cache.trouble


async def test_a_copy_that_takes_no_writes_is_told(tmp_path, redis_server) -> None:
    options = ("--replicaof", f"127.0.0.1 {redis_server.port}")
    replica = RedisServer(tmp_path, *options)
    replica.start()
    cache = RedisCache(replica.url)
    try:
        async with asyncio.timeout(30):
            while "takes no writes" not in cache.trouble:
                cache._away_until_s = 0.0
                await cache.put("k", ANSWER, 60)
                await asyncio.sleep(0.01)
    finally:
        await cache.close()
        replica.stop()


async def test_a_full_redis_is_explained(tmp_path) -> None:
    need_redis()
    server = RedisServer(tmp_path, "--maxmemory", "1")
    server.start()
    try:
        cache = RedisCache(server.url)
        await cache.put("k", ANSWER, 60)
        await cache.close()
    finally:
        server.stop()
    assert "its memory is full; set maxmemory-policy allkeys-lru" in cache.trouble


@pytest.mark.parametrize(
    "url",
    ["", "http://:open-sesame@host:1/0", "redis://:open-sesame@host:port/0", "127.0.0.1:6379"],
)
def test_what_is_no_address_is_refused_without_its_password(url) -> None:
    need_redis()
    with pytest.raises(ConfigurationError, match=r"redis://127\.0\.0\.1:6379/0") as refusal:
        RedisCache(url)
    assert "sesame" not in str(refusal.value)


def test_without_the_package_a_sentence_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "redis.asyncio", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'imc-cockpit\[redis\]'"):
        RedisCache("redis://127.0.0.1:6379/0")
