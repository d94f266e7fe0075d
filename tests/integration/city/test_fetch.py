"""The HTTP client against a server with every fault."""

from __future__ import annotations

import asyncio
import traceback
import tracemalloc

import pytest

from core.feeds.cache.codec import decode, encode
from core.feeds.fetch import USER_AGENT, FetchFailed, HttpFetcher
from core.feeds.port import Request
from tests.feeds.city_server import HTML, Reply, zipped

pytestmark = pytest.mark.integration

KEY = "open sesame/77+ä"


async def refused(fetcher: HttpFetcher, request: Request) -> str:
    """Sentence with which a request fails."""
    with pytest.raises(FetchFailed) as failure:
        await fetcher.fetch(request, {})
    shown = "".join(traceback.format_exception(failure.value))
    assert "sesame" not in shown, "a traceback is written into logs"
    return str(failure.value)


def quick(**more) -> HttpFetcher:
    """Limits that a test can wait for."""
    return HttpFetcher(**{"total_s": 0.3, "connect_s": 0.3, **more})


async def test_a_secret_goes_over_the_wire_and_nowhere_else(city, fetcher) -> None:
    city.replies["/now"] = Reply(b'{"value": 11.5}', headers={"ETag": '"v1"', "Set-Cookie": "a=b"})
    request = Request(
        city.url("/now"),
        {"lat": "48.1374"},
        secret_query={"appid": KEY},
        headers={"Accept": "application/json"},
        secret_headers={"X-API-Key": "sesame"},
    )
    answer = await fetcher.fetch(request, {})
    assert (answer.status, answer.body) == (200, b'{"value": 11.5}')
    assert answer.headers["etag"] == '"v1"'
    assert "set-cookie" not in answer.headers
    (asked,) = city.asked
    assert asked.method == "GET"
    assert asked.query == {"lat": "48.1374", "appid": KEY}
    assert asked.headers["accept"] == "application/json"
    assert asked.headers["x-api-key"] == "sesame"
    assert "sesame" not in repr(request)
    assert "sesame" not in repr(answer)


async def test_it_says_who_asks(city, fetcher) -> None:
    """airplanes.live wants a User-Agent that names the program."""
    await fetcher.fetch(Request(city.url()), {})
    assert city.asked[0].headers["user-agent"] == USER_AGENT
    assert USER_AGENT.startswith("imc-cockpit")


async def test_a_form_is_posted(city, fetcher) -> None:
    form = {"grant_type": "client_credentials", "client_secret": KEY}
    await fetcher.fetch(Request(city.url("/token"), form=form), {})
    (asked,) = city.asked
    assert asked.method == "POST"
    assert asked.body.startswith(b"grant_type=client_credentials&client_secret=open")


async def test_one_connection_serves_many_requests(city, fetcher) -> None:
    for _ in range(5):
        await fetcher.fetch(Request(city.url()), {})
    assert city.connections == 1


async def test_a_packed_answer_is_unpacked(city, fetcher) -> None:
    city.replies["/"] = zipped(b'{"value": 11.5}' * 1000)
    answer = await fetcher.fetch(Request(city.url()), {})
    assert answer.body == b'{"value": 11.5}' * 1000
    assert "gzip" in city.asked[0].headers["accept-encoding"]


async def test_a_conditional_request_carries_its_validators(city, fetcher) -> None:
    city.replies["/"] = Reply(status=304)
    answer = await fetcher.fetch(Request(city.url()), {"If-None-Match": '"v1"'})
    assert (answer.status, answer.body) == (304, b"")
    assert city.asked[0].headers["if-none-match"] == '"v1"'


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
async def test_an_error_is_an_answer_with_its_body(city, fetcher, status) -> None:
    city.replies["/"] = Reply(b"slow down", status, {"Retry-After": "17"})
    answer = await fetcher.fetch(Request(city.url()), {})
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (
        status,
        b"slow down",
        "17",
    )


async def test_a_header_that_is_no_text_can_be_kept_and_shown(city, fetcher) -> None:
    city.replies["/"] = Reply(raw=b'HTTP/1.1 200 OK\r\nETag: "\xff"\r\nContent-Length: 0\r\n\r\n')
    answer = await fetcher.fetch(Request(city.url()), {})
    assert answer.headers["etag"].encode()
    assert decode(encode(answer)) == answer


async def test_a_web_page_is_an_answer_for_its_source_to_judge(city, fetcher) -> None:
    city.replies["/"] = Reply(HTML, headers={"Content-Type": "text/html"})
    assert (await fetcher.fetch(Request(city.url()), {})).body == HTML


async def test_a_huge_body_ends_at_the_limit(city) -> None:
    """50 MB are offered, 1 MB is taken; what the sockets hold between is a few MB."""
    city.replies["/"] = Reply(huge_bytes=50 << 20)
    fetcher = HttpFetcher(max_body_bytes=1 << 20)
    sentence = await refused(fetcher, Request(city.url(), secret_query={"appid": KEY}))
    await fetcher.close()
    assert sentence.startswith("an answer of more than 1 MB was not read to its end")
    assert city.sent_bytes["/"] < 16 << 20


async def test_a_packed_body_ends_at_the_limit_too(city) -> None:
    """100 kB on the wire that would be 100 MB in memory, and never are."""
    city.replies["/"] = zipped(bytes(100 << 20))
    assert len(city.replies["/"].body) < 200_000
    fetcher = HttpFetcher(max_body_bytes=1 << 20)
    tracemalloc.start()
    try:
        assert "more than 1 MB" in await refused(fetcher, Request(city.url()))
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()
    await fetcher.close()


async def test_a_slow_drip_ends_at_the_limit_of_time(city) -> None:
    """Every byte comes in time; all of them would take 3 hours."""
    city.replies["/"] = Reply(b"x" * 100_000, drip_s=0.1)
    fetcher = quick()
    assert "no whole answer in time" in await refused(fetcher, Request(city.url()))
    await fetcher.close()


async def test_a_hung_server_ends_at_the_limit_of_time(city) -> None:
    city.replies["/"] = Reply(is_hung=True)
    fetcher = quick()
    request = Request(city.url(), secret_query={"appid": KEY})
    assert "no whole answer in time" in await refused(fetcher, request)
    await fetcher.close()


async def test_a_slow_server_is_waited_for(city, fetcher) -> None:
    city.replies["/"] = Reply(b"late", delay_s=0.2)
    assert (await fetcher.fetch(Request(city.url()), {})).body == b"late"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(city, fetcher, status) -> None:
    location = city.url(f"/elsewhere?appid={KEY}").replace("127.0.0.1", "localhost")
    city.replies["/"] = Reply(b"", status, {"Location": location})
    sentence = await refused(fetcher, Request(city.url(), secret_query={"appid": KEY}))
    assert sentence.startswith(f"HTTP {status}: it points to localhost, which is not followed")
    assert city.count("/elsewhere") == 0


@pytest.mark.parametrize("location", ["", "http://[::bad", "//"])
async def test_a_redirect_to_nowhere_is_told_too(city, fetcher, location) -> None:
    city.replies["/"] = Reply(b"", 302, {"Location": location})
    assert "HTTP 302: it points to" in await refused(fetcher, Request(city.url()))


@pytest.mark.parametrize("after", [0, 5])
async def test_a_cut_connection_is_told(city, fetcher, after) -> None:
    city.replies["/"] = Reply(b'{"value": 11.5}', cut_after_bytes=after)
    assert "asked again later" in await refused(fetcher, Request(city.url()))


async def test_nonsense_for_http_is_told(city, fetcher) -> None:
    city.replies["/"] = Reply(raw=b"220 mail.test ESMTP ready\r\n\r\n")
    assert "does not speak HTTP" in await refused(fetcher, Request(city.url()))


async def test_an_endless_header_is_told(city, fetcher) -> None:
    city.replies["/"] = Reply(raw=b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n")
    assert "does not speak HTTP" in await refused(fetcher, Request(city.url()))


async def test_a_port_where_nobody_listens_is_told(city, fetcher) -> None:
    await city.stop()
    request = Request(city.url(), secret_query={"appid": KEY})
    assert await refused(fetcher, request) == "nobody listens there; check address and port"
    await city.listen()


async def test_a_name_that_does_not_exist_is_told(fetcher) -> None:
    request = Request("http://city.invalid/now", secret_query={"appid": KEY})
    assert (await refused(fetcher, request)).startswith("its name could not be looked up")


async def test_tls_where_there_is_none_is_told(city, fetcher) -> None:
    request = Request(city.url(scheme="https"), secret_query={"appid": KEY})
    assert "no TLS there" in await refused(fetcher, request)


@pytest.mark.parametrize("url", ["nonsense", "http://", "http://a:99999/", "ftp://a.test/"])
async def test_an_address_that_is_none_is_told(fetcher, url) -> None:
    sentence = await refused(fetcher, Request(url, secret_query={"appid": KEY}))
    assert "address" in sentence


@pytest.mark.parametrize("key", ["sesame\n", "sesame\r\nX: y", "sesame “77”"])
async def test_a_key_that_no_header_can_hold_is_told(city, fetcher, key) -> None:
    request = Request(city.url(), secret_headers={"X-API-Key": key})
    assert "the key holds a line break" in await refused(fetcher, request)
    assert city.asked == []


async def test_a_closed_fetcher_has_given_its_connections_back(city, fetcher) -> None:
    await fetcher.fetch(Request(city.url()), {})
    await fetcher.close()
    await fetcher.close()
    async with asyncio.timeout(15):
        while city._tasks:
            await asyncio.sleep(0.005)


async def test_requests_to_one_host_do_not_wait_for_each_other(city, fetcher) -> None:
    gate = asyncio.Event()
    city.replies["/hung"] = Reply(gate=gate)
    hung = asyncio.ensure_future(fetcher.fetch(Request(city.url("/hung")), {}))
    await city.until(lambda: city.count("/hung"))
    assert (await fetcher.fetch(Request(city.url("/now")), {})).status == 200
    gate.set()
    await hung
